"""Properties that every sorter has, and those that some of them have."""

import math
import warnings

import pytest
import torch

from topk_lib import (
    SIGMOIDS,
    SORTERS,
    NeuralSort,
    SinkhornSort,
    SoftSort,
    Sorter,
    SortingNetwork,
    TopKCrossEntropyLoss,
    make_sorter,
)
from topk_lib.sorters import sorter_of_steepness
from topk_lib.sorters.rank_logits import by_class, rank_logits

NETWORKS = ("odd_even", "bitonic", "splitter_selection")
NAMES = list(SORTERS)
DOUBLY_STOCHASTIC = (*NETWORKS, "sinkhorn", "soft_topk")


def build(name, hardness=1.0):
    if name in NETWORKS:
        return make_sorter(name, steepness=hardness)
    exact = {"tolerance": 1e-10} if name == "sinkhorn" else {}
    return sorter_of_steepness(name, hardness, **exact)


def random_scores(*shape, seed=0, dtype=torch.double):
    return torch.randn(*shape, dtype=dtype, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


def test_columns_sum_to_one_but_for_neuralsort_and_softsort(name):
    columns = build(name).matrix(random_scores(4, 9)).sum(-2)
    off = (columns - 1).abs().max().item()
    assert off < 1e-9 if name in DOUBLY_STOCHASTIC else off > 1e-2


@pytest.mark.parametrize("name", ["neuralsort", "softsort", "sinkhorn", "soft_topk"])
def test_matrix_times_scores_descends(name):
    ranked = (build(name).matrix(random_scores(5, 7)) @ random_scores(5, 7).unsqueeze(-1)).squeeze(-1)
    assert (ranked.diff(dim=-1) < 1e-9).all()


@pytest.mark.parametrize("name", NETWORKS)
def test_a_soft_network_depends_on_the_order_of_the_classes_and_a_hard_one_does_not(name):
    scores, order = random_scores(3, 8), torch.randperm(8, generator=torch.Generator().manual_seed(1))
    soft = (build(name)(scores[:, order], 3) - build(name)(scores, 3)[..., order]).abs().max()
    hard = make_sorter(name, steepness=1e4, distribution="logistic")
    assert soft > 1e-3
    torch.testing.assert_close(hard(scores[:, order], 3), hard(scores, 3)[..., order])


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_float32(name, dtype):
    scores = random_scores(3, 6, dtype=torch.float32).to(dtype).requires_grad_()
    sorter = make_sorter(name)
    matrix = sorter(scores, 3)
    assert matrix.dtype == torch.float32
    torch.testing.assert_close(matrix, sorter(scores.detach().float(), 3))
    (matrix * random_scores(3, 3, 6, seed=2, dtype=torch.float32)).sum().backward()
    assert scores.grad.dtype == dtype
    assert scores.grad.isfinite().all()


GRADIENT_CASES = [(name, distribution) for name in NETWORKS for distribution in SIGMOIDS]
GRADIENT_CASES += [(name, None) for name in NAMES if name not in NETWORKS]


@pytest.mark.parametrize(("name", "distribution"), GRADIENT_CASES)
def test_equal_scores_give_finite_bounded_gradients(name, distribution):
    settings = {"distribution": distribution} if distribution else {}
    sorter = make_sorter(name, **settings)
    scores = torch.zeros(2, 6, requires_grad=True)
    sorter.rank_probabilities(scores, torch.tensor([0, 3]), 3).sum().backward()
    # a softmax over rows of slope n-1 or less, three ranks; or one comparator per layer at its steepest
    bound = 3 * 5 / 4 if distribution is None else sorter.comparator.max_slope * sorter.network(6, 3).depth
    assert scores.grad.abs().max() <= bound


def test_rank_logits_are_neuralsorts_up_to_a_number_per_row_ties_included():
    scores = torch.tensor([[1.0, 3.0, 1.0, -2.0, 3.0, 1.0], [0.0] * 6], dtype=torch.double, requires_grad=True)
    weights = 5 - 2 * torch.arange(4, dtype=torch.double)
    defined = weights[:, None] * scores[:, None] - (scores.unsqueeze(2) - scores.unsqueeze(1)).abs().sum(2)[:, None]
    got = by_class(*rank_logits(scores, 4, 1.0))
    torch.testing.assert_close(got, defined - defined.amax(2, keepdim=True))
    factors = random_scores(2, 4, 6)
    factors -= factors.mean(2, keepdim=True)  # as a softmax would have it
    expected = torch.autograd.grad((defined * factors).sum(), scores)[0]
    torch.testing.assert_close(torch.autograd.grad((got * factors).sum(), scores)[0], expected)


def test_sinkhorn_warns_when_it_has_not_converged():
    with pytest.warns(
        UserWarning, match=r"not converged: a column sum is off by .* max_iterations=1 \(tolerance=0.001"
    ):
        SinkhornSort(0.3, max_iterations=1)(random_scores(5))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SinkhornSort(0.5)(random_scores(5))


@pytest.mark.parametrize("name", NETWORKS)
def test_saved_memory_is_linear_in_comparators(name):
    sorter = build(name)
    scores = random_scores(16, 100, dtype=torch.float32).requires_grad_()
    target = torch.zeros(16, dtype=torch.long)
    saved = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: saved.append(t) or t, lambda t: t):
        sorter.rank_probabilities(scores, target, 5)
    floats = sum(t.numel() for t in saved if t.is_floating_point()) / 16
    assert floats <= 2 * sorter.network(100, 5).size + 3 * 100


def test_a_new_sorter_needs_one_method():
    class Uniform(Sorter):
        def rows(self, scores, k):
            return torch.full((scores.shape[0], k, scores.shape[1]), 1 / scores.shape[1], dtype=scores.dtype)

    scores = random_scores(2, 4)
    assert Uniform().rank_probabilities(scores, torch.tensor([1, 2]), 2).tolist() == [[0.25, 0.25]] * 2
    assert Uniform().class_probabilities(scores, torch.ones(2)).shape == (2, 4)
    assert TopKCrossEntropyLoss([0, 1.0], Uniform()).lower_bound == pytest.approx(-math.log(2))


def test_repr_says_what_was_built():
    assert repr(build("bitonic")) == "SortingNetwork(kind='bitonic', steepness=1, distribution='cauchy')"
    art = SortingNetwork("odd_even", 0.5, "logistic_phi", 0.5)
    assert "art_lambda=0.5" in repr(art)
    assert repr(NeuralSort(0.5)) == "NeuralSort(temperature=0.5)"


SCORES = torch.zeros(2, 4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: SortingNetwork("shell"), ValueError, "kind must be one of 'odd_even', 'bitonic', .*got 'shell'"),
        (lambda: SortingNetwork(distribution=None), ValueError, "distribution must be one of .*got None"),
        (lambda: SortingNetwork(steepness=0), ValueError, "steepness must be positive and finite, got 0"),
        (lambda: NeuralSort(temperature=-1.0), ValueError, "temperature must be positive and finite, got -1.0"),
        (lambda: SoftSort(temperature=float("nan")), ValueError, "temperature must be positive and finite, got nan"),
        (lambda: SinkhornSort(max_iterations=0), ValueError, "max_iterations must be at least 1, got 0"),
        (lambda: SinkhornSort(tolerance=0.0), ValueError, "tolerance must be positive and finite, got 0.0"),
        (lambda: make_sorter("quick"), ValueError, "name must be one of 'odd_even', .*got 'quick'"),
        (lambda: make_sorter("softsort", steepness=1.0), ValueError, "steepness is no setting of sorter 'softsort'"),
        (lambda: SoftSort()([1.0, 2.0]), TypeError, "scores must be a torch.Tensor, got list"),
        (
            lambda: SoftSort()(torch.zeros(2, 4, dtype=torch.long)),
            TypeError,
            "scores must be floating point, got .*int64",
        ),
        (
            lambda: SoftSort()(torch.zeros(())),
            ValueError,
            r"scores must have shape \(\.\.\., n\) with n >= 1, got \(\)",
        ),
        (lambda: SoftSort()(torch.zeros(3, 0)), ValueError, r"scores must have shape .*got \(3, 0\)"),
        (lambda: SoftSort()(SCORES, 5), ValueError, "k must be between 1 and 4, got 5"),
        (lambda: SoftSort()(SCORES, 1.0), TypeError, r"k must be an int, got 1.0 \(float\)"),
        (
            lambda: SoftSort().rank_probabilities(SCORES, torch.zeros(3).long()),
            ValueError,
            r"target must have shape \(2,\)",
        ),
        (
            lambda: SoftSort().rank_probabilities(SCORES, torch.tensor([0, 4])),
            ValueError,
            "target must be between 0 and 3, got 4",
        ),
        (
            lambda: SoftSort().class_probabilities(SCORES, torch.ones(5)),
            ValueError,
            r"rank_weights must have shape \(k,\) with k at most the number of classes, got \(5,\)",
        ),
        (
            lambda: SoftSort().class_probabilities(SCORES, torch.ones(4, 4)),
            ValueError,
            r"rank_weights must have shape \(k,\) .* got \(4, 4\)",
        ),
        (
            lambda: SoftSort().class_probabilities(SCORES, [1.0]),
            TypeError,
            "rank_weights must be a torch.Tensor, got list",
        ),
        (
            lambda: setattr(SortingNetwork(), "comparator", "cauchy"),
            TypeError,
            "comparator must be a Comparator, got 'cauchy'",
        ),
    ],
)
def test_wrong_arguments_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
