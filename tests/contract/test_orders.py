"""Soft sorting, ranks and quantiles, made from P: what every registered relaxation promises."""

import math

import pytest
import torch

import topk_lib

from .subjects import NETWORKS, RUNS, SORTERS, build, hardness

of_every_sorter = pytest.mark.parametrize("name", SORTERS)
in_every_loop = pytest.mark.parametrize(("name", "loop"), RUNS)
X = torch.tensor([[3.0, -1, 7, 5, 0, 4, 1, 2], [0, 1, 2, 3, -4, 5, 6, 7]], dtype=torch.double)


def nearly_hard(name):
    return build(name, **hardness(name, 60), **({"distribution": "logistic"} if name in NETWORKS else {}))


@in_every_loop
def test_nearly_hard_it_is_torch_sort(name, loop):
    sorter = nearly_hard(name)
    with topk_lib.backend(loop):
        torch.testing.assert_close(sorter.sort(X), X.sort(descending=True).values, atol=1e-6, rtol=0)
        torch.testing.assert_close(sorter.sort(X, 3), X.topk(3).values, atol=1e-6, rtol=0)
        places = X.argsort(descending=True).argsort() + 1.0
        torch.testing.assert_close(sorter.ranks(X), places.double(), atol=1e-6, rtol=0)
        for q in (0.0, 0.3, 0.5, 1.0):
            torch.testing.assert_close(sorter.quantile(X, q), X.quantile(q, dim=-1), atol=1e-6, rtol=0)


@of_every_sorter
def test_soft_it_is_the_matrix_times_the_scores(name):
    sorter = build(name)
    P = sorter.matrix(X)
    torch.testing.assert_close(sorter.sort(X), (P @ X.unsqueeze(-1)).squeeze(-1))
    ranks = (torch.arange(1.0, 9).double() @ P) / P.sum(1)
    torch.testing.assert_close(sorter.ranks(X), ranks)
    assert ((ranks >= 1) & (ranks <= 8)).all()
    torch.testing.assert_close(sorter.topk_probabilities(X, torch.tensor([2, 3]), 4), P[[0, 1], :4, [2, 3]].cumsum(1))


@of_every_sorter
def test_dim_is_where_the_scores_are(name):
    sorter, x = build(name), X.reshape(2, 8, 1).expand(2, 8, 3)
    for function in (
        sorter.sort,
        sorter.ranks,
        lambda s, dim: sorter.sort(s, 3, dim),
        lambda s, dim: sorter.quantile(s, 0.4, dim),
    ):
        there, last = function(x, dim=1), function(x.mT, dim=-1)
        torch.testing.assert_close(there, last.mT if there.ndim == 3 else last)


@of_every_sorter
def test_hard_values_are_exact_and_have_the_soft_gradient(name):
    sorter, x = build(name), X.clone().requires_grad_()
    order = X.argsort(descending=True)
    cases = {
        "matrix": (sorter.matrix, torch.nn.functional.one_hot(order, 8).double()),
        "sort": (sorter.sort, X.sort(descending=True).values),
        "ranks": (sorter.ranks, order.argsort() + 1.0),
    }
    for function, right in cases.values():
        hard, soft = function(x, hard=True), function(x)
        assert torch.equal(hard, right.double())
        factors = torch.randn_like(hard)
        grads = [torch.autograd.grad((value * factors).sum(), x)[0] for value in (hard, soft)]
        assert torch.equal(*grads) and grads[0].abs().sum() > 0


@of_every_sorter
def test_masked_scores_come_last(name):
    x = torch.tensor([1.0, -math.inf, 3.0, -math.inf, 0.0], dtype=torch.double, requires_grad=True)
    sorter = build(name)
    values = sorter.sort(x)
    assert values[3:].tolist() == [-math.inf] * 2 and values[:3].isfinite().all()
    if name not in NETWORKS:
        torch.testing.assert_close(values[:3], sorter.sort(x[[0, 2, 4]]))
    (values[:3] * torch.tensor([1.0, -2, 0.5])).sum().backward()
    assert x.grad.isfinite().all() and x.grad[1] == x.grad[3] == 0
    ranks = sorter.ranks(x)
    assert (ranks[[1, 3]] > ranks[[0, 2, 4]].max()).all()
    assert sorter.sort(x, hard=True)[:3].tolist() == [3, 1, 0]


@of_every_sorter
def test_derivatives(name):
    sorter = build(name, **hardness(name, 0.5), **({"tolerance": 1e-9} if name == "sinkhorn" else {}))
    x = (X[:, :5] / 2).requires_grad_()
    for function in (sorter.sort, sorter.ranks):
        assert torch.autograd.gradcheck(function, x, fast_mode=True)
        assert torch.autograd.gradgradcheck(function, x, fast_mode=True)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda s: s.sort(X, 9), "k must be between 1 and 8, got 9"),
        (lambda s: s.sort(X.long()), "scores must be floating point"),
        (lambda s: s.quantile(X, 1.5), "q must be between 0 and 1, got 1.5"),
    ],
)
def test_what_is_wrong_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call(topk_lib.NeuralSort())
