"""What every registered sorter promises, for drawn scores and both loops of the networks."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import topk_lib

from . import reference
from .strategies import LAYOUTS, PRECISIONS, scores, sorter_settings
from .subjects import NETWORKS, RUNS, SORTERS, build, hardness, seldom

DOUBLE = (torch.float64,)
SINGLE = (torch.float32, torch.float64)
of_every_sorter = pytest.mark.parametrize("name", SORTERS)
in_every_loop = pytest.mark.parametrize(("name", "loop"), RUNS)


def settled(name, dtype):
    """How far SinkhornSort is iterated where float32 cannot tell more."""
    return {"tolerance": 1e-4} if name == "sinkhorn" and dtype != torch.float64 else {}


def expected(name, x, k, settings):
    """The reference's P for scores (..., n), sample by sample."""
    samples = x.double().reshape(-1, x.shape[-1])
    return torch.stack([reference.matrix(name, s, k, **settings) for s in samples]).reshape(*x.shape[:-1], k, -1)


def mask_at_the_top(x, k):
    """Where in P a masked score meets a rank that an unmasked one takes for certain."""
    hidden = x == -math.inf
    return hidden.unsqueeze(-2) & (torch.arange(k) < (~hidden).sum(-1, keepdim=True)).unsqueeze(-1)


def rounding(dtype, settings):
    """How far P may be off. ART is steep at ties, where rounding makes small gaps out of none."""
    steep = 100 if settings.get("distribution") == "logistic_phi" else 1
    return steep * (1e-9 if dtype == torch.float64 else 1e-5)


def test_every_sorter_of_the_paper_has_a_reference():
    sorters = {"odd_even", "bitonic", "splitter_selection", "neuralsort", "softsort", "sinkhorn", "soft_topk"}
    assert set(reference.SORTERS) == sorters <= set(SORTERS)
    assert set(reference.SIGMOIDS) <= set(topk_lib.SIGMOIDS)


@in_every_loop
@seldom(30)
@given(data=st.data())
def test_matrix_column_and_weighted_sum_are_those_of_the_definition(name, loop, data):
    x, settings = data.draw(scores()), data.draw(sorter_settings(name))
    n = x.shape[-1]
    k = data.draw(st.integers(1, n))
    target = data.draw(st.integers(0, n - 1))
    weights = torch.linspace(1, 0.2, k)
    sorter = build(name, **settings, **settled(name, x.dtype))
    with topk_lib.backend(loop):
        matrix = sorter.matrix(x, k)
        column = sorter.rank_probabilities(x, torch.full(x.shape[:-1], target), k)
        weighted = sorter.class_probabilities(x, weights)
    assert matrix.dtype == column.dtype == weighted.dtype == (DOUBLE if x.dtype in DOUBLE else SINGLE)[0]
    right = expected(name, x, k, settings)
    tolerance = {"atol": rounding(x.dtype, settings), "rtol": 0}
    torch.testing.assert_close(matrix.double(), right, **tolerance)
    assert (matrix[mask_at_the_top(x, k)] <= (1e-25 if name in NETWORKS else 0)).all()
    torch.testing.assert_close(column.double(), right[..., target], **tolerance)
    torch.testing.assert_close(weighted.double(), (right * weights.double().unsqueeze(1)).sum(-2), **tolerance)


@in_every_loop
@seldom(20)
@given(data=st.data())
def test_gradient_is_that_of_the_definition_and_zero_at_a_mask(name, loop, data):
    x = data.draw(scores((2, 5), distinct=True, leading=1, precisions=DOUBLE))
    settings = data.draw(sorter_settings(name))
    k = data.draw(st.integers(1, x.shape[-1]))
    mine, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    factors = torch.randn(*x.shape[:-1], k, x.shape[-1], dtype=torch.double)
    with topk_lib.backend(loop):
        (build(name, **settings).matrix(mine, k) * factors).sum().backward()
    ((expected(name, theirs, k, settings) * factors).sum() + 0 * theirs.nansum()).backward()
    assert (mine.grad[x == -math.inf] == 0).all()
    torch.testing.assert_close(mine.grad, theirs.grad.where(x > -math.inf, 0), atol=1e-7, rtol=1e-7)


@in_every_loop
@pytest.mark.filterwarnings("ignore:SinkhornSort has not converged")
@seldom(30)
@given(data=st.data())
def test_rows_are_probabilities_and_gradients_finite_at_every_magnitude(name, loop, data):
    x, settings = data.draw(scores(far=True, precisions=SINGLE)), data.draw(sorter_settings(name))
    k = data.draw(st.integers(1, x.shape[-1]))
    x = x.clone().requires_grad_()
    with topk_lib.backend(loop):
        matrix = build(name, **settings, **settled(name, torch.float32)).matrix(x, k)
        matrix.cumsum(-1).square().sum().backward()
    assert (matrix >= 0).all()
    torch.testing.assert_close(matrix.sum(-1), torch.ones_like(matrix[..., 0]), atol=1e-5, rtol=0)
    assert x.grad.isfinite().all()
    assert (x.grad[x == -math.inf] == 0).all()


@pytest.mark.parametrize("name", [*NETWORKS, "sinkhorn", "soft_topk"])
@seldom(30)
@given(data=st.data())
def test_columns_of_the_whole_matrix_sum_to_one(name, data):
    x, settings = data.draw(scores(precisions=DOUBLE)), data.draw(sorter_settings(name))
    columns = build(name, **settings).matrix(x).sum(-2)
    torch.testing.assert_close(columns, torch.ones_like(columns), atol=1e-9, rtol=0)


@in_every_loop
@seldom(30)
@given(data=st.data())
def test_the_unit_of_the_scores_does_not_count(name, loop, data):
    x, exponent = data.draw(scores(precisions=SINGLE, masks=False)), data.draw(st.sampled_from([-90, -40, 40, 90]))
    kind = {"distribution": data.draw(st.sampled_from(["cauchy", "gaussian", "optimal"]))} if name in NETWORKS else {}
    same, other = (build(name, **hardness(name, h), **kind, **settled(name, x.dtype)) for h in (1, 2.0**-exponent))
    with topk_lib.backend(loop):
        torch.testing.assert_close(other.matrix(x * 2.0**exponent), same.matrix(x), atol=1e-6, rtol=0)


@in_every_loop
@seldom(30)
@given(data=st.data())
def test_what_spoils_a_sample_leaves_the_others_alone(name, loop, data):
    bad = data.draw(st.sampled_from([math.nan, math.inf, -math.inf]))
    clean = data.draw(scores((2, 6), leading=0, precisions=SINGLE, layouts=False))
    n = len(clean)
    settings = {**data.draw(sorter_settings(name)), **settled(name, clean.dtype)}
    spoilt = clean.clone()
    spoilt[data.draw(st.integers(0, n - 1)) if bad != -math.inf else slice(None)] = bad
    x = torch.stack([clean, spoilt, clean.flip(0)]).requires_grad_()
    alone = torch.stack([clean, clean.flip(0)]).requires_grad_()
    k = data.draw(st.integers(1, n))
    sorter = build(name, **settings)
    with topk_lib.backend(loop):
        matrix, good = sorter.matrix(x, k), sorter.matrix(alone, k)
        matrix.cumsum(-1).square().nansum((-1, -2)).sum().backward()
        good.cumsum(-1).square().sum().backward()
        column = sorter.rank_probabilities(x.detach(), torch.zeros(3, dtype=torch.long), k)
        weighted = sorter.class_probabilities(x.detach(), torch.ones(k))
    if bad != math.inf:
        assert all(t[1].isnan().any() for t in (matrix, column, weighted))
    tolerance = {"atol": rounding(clean.dtype, settings), "rtol": 1e-3}
    torch.testing.assert_close(matrix[::2], good, **tolerance)
    torch.testing.assert_close(x.grad[::2], alone.grad, **tolerance)


@of_every_sorter
@seldom(30)
@given(data=st.data())
def test_probability_of_the_top_k_is_bounded(name, data):
    """q_k is at most 1 where columns sum to 1, and at most (k+1)/2 for NeuralSort and SoftSort."""
    x = data.draw(scores(precisions=DOUBLE, masks=False))
    sorter = build(name, **data.draw(sorter_settings(name)))
    among_top = sorter.matrix(x).cumsum(-2).amax(-1)
    k = range(1, x.shape[-1] + 1)
    bound = torch.tensor([sorter.top_k_bound(i) for i in k], dtype=torch.double)
    assert (among_top <= bound + 1e-9).all()
    if name in reference.SORTERS:
        assert bound.tolist() == [(i + 1) / 2 if name in ("neuralsort", "softsort") else 1 for i in k]


@in_every_loop
@pytest.mark.parametrize("k", [1, 3, 8])
def test_a_hard_sorter_is_torch_topk(name, loop, k):
    x = torch.tensor([3.0, -1, 7, 5, 0, 4, 1, 2], dtype=torch.double)
    kind = {"distribution": "logistic"} if name in NETWORKS else {}
    with topk_lib.backend(loop):
        matrix = build(name, **hardness(name, 60), **kind).matrix(x, k)
    chosen = torch.nn.functional.one_hot(x.topk(k).indices, 8).double()
    torch.testing.assert_close(matrix, chosen, atol=1e-9, rtol=0)
    torch.testing.assert_close(matrix @ x, x.topk(k).values, atol=1e-7, rtol=0)


@in_every_loop
@pytest.mark.parametrize("dtype", PRECISIONS, ids=str)
def test_equal_scores_have_finite_bounded_gradients_of_their_own_type(name, loop, dtype):
    for kind in [{"distribution": d} for d in topk_lib.SIGMOIDS] if name in NETWORKS else [{}]:
        sorter, x = topk_lib.make_sorter(name, **kind), torch.zeros(2, 6, dtype=dtype, requires_grad=True)
        with topk_lib.backend(loop):
            sorter.rank_probabilities(x, torch.tensor([0, 3]), 3).sum().backward()
        # a softmax over rows of slope n-1 or less, three ranks; or one comparator per layer at its steepest
        bound = sorter.comparator.max_slope * sorter.network(6, 3).depth if kind else 3 * 5 / 4
        assert x.grad.dtype == dtype
        assert x.grad.abs().max() <= bound


@in_every_loop
def test_an_empty_batch_gives_an_empty_result(name, loop):
    x, sorter = torch.zeros(0, 5, requires_grad=True), build(name)
    with topk_lib.backend(loop):
        matrix = sorter.matrix(x, 2)
        column = sorter.rank_probabilities(x, torch.zeros(0, dtype=torch.long), 3)
        weighted = sorter.class_probabilities(x, torch.ones(3))
    assert (matrix.shape, column.shape, weighted.shape) == ((0, 2, 5), (0, 3), (0, 5))
    (matrix.sum() + column.sum() + weighted.sum()).backward()
    assert x.grad.shape == (0, 5)


@pytest.mark.parametrize("name", ["neuralsort", "softsort", "sinkhorn"])
@pytest.mark.parametrize("far", [-1e9, torch.finfo(torch.float32).min], ids=str)
def test_digits_are_kept_beside_far_scores(name, far):
    x = torch.tensor([1.0, 0.0, 2.0, far, far])
    matrix = topk_lib.make_sorter(name).matrix(x, 2)
    right = reference.matrix(name, x.double().clamp(min=-1e9), 2, temperature=1.0)  # the limit is long reached
    torch.testing.assert_close(matrix.double(), right, atol=1e-5 if name == "sinkhorn" else 1e-6, rtol=0)


@pytest.mark.parametrize("name", ["neuralsort", "softsort"])
def test_digits_are_kept_among_a_thousand_scores(name):
    x = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    x[:3], x[3:6] = torch.tensor([1e4, -1e4, 300.0]), -1e9
    right = reference.matrix(name, x.double(), 5, temperature=1.0)
    torch.testing.assert_close(topk_lib.make_sorter(name).matrix(x, 5).double(), right, atol=1e-6, rtol=0)


@of_every_sorter
def test_a_layout_changes_nothing(name):
    x = torch.randn(4, 6, generator=torch.Generator().manual_seed(0))
    sorter = topk_lib.make_sorter(name)
    for layout in LAYOUTS.values():
        matrix = sorter.matrix(layout(x), 3)
        torch.testing.assert_close(matrix if matrix.ndim == 3 else matrix[1], sorter.matrix(x, 3), atol=1e-6, rtol=0)
