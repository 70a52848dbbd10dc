"""Two back ends on the same data: what both of them give."""

import torch

from topk_lib import backend


def batch(size=37, n=20, dtype=torch.float32):
    generator = torch.Generator().manual_seed(size)
    scores = torch.randn(size, n, generator=generator, dtype=dtype)
    scores[: size // 4, :5] = 0  # ties
    return scores, torch.randint(n, (size,), generator=generator)


def drawn(*shape, like):
    """The same numbers in every precision and on every device."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1)).to(like)


def results(sorter, scores, labels, k=4):
    """Values and gradients of the three ways in which a network is run."""
    size, n = scores.shape
    weights = torch.rand(k, generator=torch.Generator().manual_seed(2)).to(scores).requires_grad_()
    one, two, three = (scores.clone().requires_grad_() for _ in range(3))
    ranks, matrix = sorter.rank_probabilities(one, labels, k), sorter(two, k)
    probabilities = sorter.class_probabilities(three, weights)
    total = (ranks * drawn(size, k, like=scores)).sum() + (matrix * drawn(size, k, n, like=scores)).sum()
    (total + (probabilities * drawn(size, n, like=scores)).sum()).backward()
    return [t.detach() for t in (ranks, matrix, probabilities, one.grad, two.grad, three.grad, weights.grad)]


def both(sorter, *data):
    with backend("plain"):
        plain = results(sorter, *data)
    with backend("compiled"):
        return plain, results(sorter, *data)


def assert_equal(plain, fast, tolerance):
    for expected, got in zip(plain, fast, strict=True):
        assert got.shape == expected.shape and got.dtype == expected.dtype
        assert (got - expected).abs().max() <= tolerance * expected.abs().max()
