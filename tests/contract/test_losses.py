"""What every registered loss promises, and the top-k cross-entropy by its definition for drawn options."""

import functools
import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given
from hypothesis import strategies as st

import topk_lib
from topk_lib import TopKCrossEntropyLoss, topk_cross_entropy

from . import reference
from .strategies import P_K, PRECISIONS, loss_options, scores, sorter_settings, targets
from .subjects import MAKERS, MODES, NETWORKS, RUNS, SORTERS, batch, build, seldom, value_of

of_every_loss = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
of_every_sorter = pytest.mark.parametrize("name", SORTERS)
in_every_loop = pytest.mark.parametrize(("name", "loop"), RUNS)
DOUBLE, SINGLE = (torch.float64,), (torch.float32, torch.float64)
LIMIT = 60
"""exp(-60) is lost in no precision; a larger loss depends on how a logarithm of nearly nothing is rounded."""


# Every loss


@of_every_loss
def test_a_reduction_is_that_of_the_samples_and_a_sample_does_not_see_the_others(make):
    logits, target = batch()
    alone = torch.stack([value_of(make(reduction="none"), s, y) for s, y in zip(logits, target, strict=True)])
    assert alone.shape == (6,)
    if "Noised" not in make(reduction="none").__class__.__name__:  # there every sample draws numbers of its own
        torch.testing.assert_close(make(reduction="none")(logits, target), alone)
    none = value_of(make(reduction="none"), logits, target)
    torch.testing.assert_close(value_of(make(), logits, target), none.mean())
    torch.testing.assert_close(value_of(make(reduction="sum"), logits, target), none.sum())


@of_every_loss
def test_class_weights_and_ignored_samples_follow_cross_entropys_rules(make):
    logits, target = batch()
    weight, label = torch.linspace(0.5, 2, 7), target[0].item()
    plain = value_of(make(reduction="none"), logits, target)
    options = {"weight": weight, "ignore_index": label}
    shares = weight[target] * (target != label)
    none = value_of(make(reduction="none", **options), logits, target)
    torch.testing.assert_close(none, plain * shares)
    torch.testing.assert_close(value_of(make(**options), logits, target), (plain * shares).sum() / shares.sum())
    torch.testing.assert_close(value_of(make(reduction="sum", **options), logits, target), (plain * shares).sum())
    assert value_of(make(ignore_index=label), logits[:1], target[:1]).isnan()


@of_every_loss
def test_shapes_are_those_of_cross_entropy(make):
    logits, target = batch(2 * 3 * 4)
    flat = value_of(make(reduction="none"), logits, target)
    image = logits.reshape(2, 3, 4, 7).movedim(-1, 1), target.reshape(2, 3, 4)
    torch.testing.assert_close(value_of(make(reduction="none"), *image), flat.reshape(2, 3, 4))
    assert make(reduction="none")(logits[0], target[0]).shape == make()(logits, target).shape == ()
    empty = torch.zeros(0, 7, requires_grad=True), torch.zeros(0, dtype=torch.long)
    assert make(reduction="none")(*empty).shape == (0,)
    assert make(reduction="sum")(*empty) == 0
    assert make()(*empty).isnan()
    make(reduction="sum")(*empty).backward()
    assert empty[0].grad.shape == (0, 7)


@of_every_loss
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
def test_half_precision_and_autocast_are_computed_in_float32(make, dtype):
    logits, target = batch()
    half = logits.to(dtype).requires_grad_()
    loss = value_of(make(), half, target)
    torch.testing.assert_close(loss, value_of(make(), half.detach().float(), target))
    loss.backward()
    assert half.grad.dtype == dtype and half.grad.isfinite().all()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(value_of(make(), logits, target), value_of(make(), logits, target).float())
        torch.testing.assert_close(value_of(make(), logits, target), loss, atol=0.05, rtol=0.02)
        inside = value_of(make(), logits, target)
    torch.testing.assert_close(inside, value_of(make(), logits, target), atol=1e-6, rtol=1e-6)


@of_every_loss
@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_bad_logit_spoils_its_own_sample_only(make, bad):
    logits, target = batch()
    clean = value_of(make(reduction="none"), logits, target)
    logits[1, 4] = bad
    logits.requires_grad_()
    loss = value_of(make(reduction="none"), logits, target)
    keep = [0, 2, 3, 4, 5]
    torch.testing.assert_close(loss[keep], clean[keep])
    assert loss[1].isnan() or bad == math.inf
    loss[keep].sum().backward()
    assert logits.grad[keep].isfinite().all()


@of_every_loss
@pytest.mark.parametrize(
    ("target", "error"),
    [
        (torch.tensor([0, 7, 1, 1, 1, 1]), ValueError),
        (torch.tensor([0, -1, 1, 1, 1, 1]), ValueError),
        (torch.zeros(5, dtype=torch.long), ValueError),
        (torch.zeros(6, dtype=torch.bool), TypeError),
        ([0] * 6, TypeError),
    ],
    ids=["too large", "negative", "shape", "bool", "list"],
)
def test_a_wrong_target_is_named(make, target, error):
    with pytest.raises(error, match=r"^target must"):
        make()(batch()[0], target)


@of_every_loss
@pytest.mark.parametrize("dtype", [torch.int32, torch.int16, torch.uint8], ids=str)
def test_any_integers_are_class_indices(make, dtype):
    logits, target = batch()
    assert torch.equal(value_of(make(), logits, target.to(dtype)), value_of(make(), logits, target))


# The top-k cross-entropy


def drawn_case(data, name, **limits):
    """Logits, target and options of one call, and how the sorter is set."""
    precisions = limits.pop("precisions", PRECISIONS)
    n = data.draw(st.integers(*limits.pop("classes", (1, 6))))
    options = data.draw(loss_options(n))
    tell_apart = limits.pop("distinct", options["m"] and options["weight"] is not None)
    x = data.draw(scores((n, n), leading=2, precisions=precisions, distinct=tell_apart, **limits))
    target = data.draw(targets(x.shape[:-1], n, options["ignore_index"]))
    return x, target, options, data.draw(sorter_settings(name))


def expected(name, x, target, options, settings):
    """The reference's loss of every sample, and its weight in a mean, both as lists."""
    options = {key: value for key, value in options.items() if key != "reduction"}
    samples = x.double().reshape(-1, x.shape[-1])
    rows = lambda s, k: reference.matrix(name, s, k, **settings)  # noqa: E731
    labels = target.reshape(-1, x.shape[-1]) if target.is_floating_point() else target.flatten().tolist()
    pairs = [reference.top_k_cross_entropy(s, y, rows, **options) for s, y in zip(samples, labels, strict=True)]
    return [list(column) for column in zip(*pairs, strict=True)]


def classes_second(x):
    return x if x.ndim < 3 else x.movedim(-1, 1)


def call(name, x, target, options, settings):
    if target.is_floating_point():
        target = classes_second(target)
    settled = {"tolerance": 1e-4} if name == "sinkhorn" and x.dtype != torch.float64 else {}
    sorter = build(name, **settings, **settled)
    return topk_cross_entropy(classes_second(x), target, sorter=sorter, **options)


@in_every_loop
@seldom(60)
@given(data=st.data())
def test_the_loss_is_its_definition(name, loop, data):
    x, target, options, settings = drawn_case(data, name)
    losses, shares = expected(name, x, target, options, settings)
    assume(all(loss < LIMIT or loss == math.inf for loss in losses))
    with topk_lib.backend(loop):
        got = call(name, x, target, options, settings)
    right = reference.reduced(losses, shares, options["reduction"])
    steep = settings.get("distribution") == "logistic_phi"
    digits = 1e-8 if x.dtype == torch.float64 else 1e-2 if steep else 5e-5
    assert got.dtype == (torch.float64 if x.dtype == torch.float64 else torch.float32)
    assert got.shape == (x.shape[:-1] if options["reduction"] == "none" else ())
    torch.testing.assert_close(got.flatten().double(), right.flatten(), atol=digits, rtol=digits, equal_nan=True)


@in_every_loop
@seldom(25)
@given(data=st.data())
def test_the_gradient_is_that_of_the_definition_and_zero_at_a_mask(name, loop, data):
    x, target, options, settings = drawn_case(data, name, distinct=True, layouts=False, precisions=DOUBLE)
    options["reduction"] = "none"
    mine, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    losses, _ = expected(name, theirs, target, options, settings)
    finite = torch.stack(losses).detach().isfinite()
    assume(finite.any() and all(loss < LIMIT for loss in torch.stack(losses)[finite]))
    total = torch.stack(losses)[finite].sum()
    if total.requires_grad:  # not if every sample is ignored
        total.backward()
    with topk_lib.backend(loop):
        call(name, mine, target, options, settings).flatten()[finite].sum().backward()
    assert (mine.grad[x == -math.inf] == 0).all()
    right = torch.zeros_like(x) if theirs.grad is None else theirs.grad.where(x > -math.inf, 0)
    torch.testing.assert_close(mine.grad, right, atol=1e-6, rtol=1e-6)


@of_every_sorter
@pytest.mark.parametrize("mode", ["sm", "smce"])
@pytest.mark.parametrize("p_k", [[1.0], [1.0, 0.0, 0.0]])
@seldom(15)
@given(data=st.data())
def test_with_k_equal_1_it_is_cross_entropy(name, mode, p_k, data):
    x, target, options, _ = drawn_case(data, name, classes=(3, 6), masks=False, precisions=SINGLE)
    options |= {"p_k": p_k, "m": None, "top1_mode": mode}
    if target.is_floating_point():  # torch allows nothing else there
        options["ignore_index"] = -100
    x = x.clone().requires_grad_()
    theirs = {key: value for key, value in options.items() if key not in ("p_k", "m", "top1_mode", "eps")}
    if theirs["weight"] is not None:
        theirs["weight"] = theirs["weight"].to(x)
    shaped = classes_second(target).to(x) if target.is_floating_point() else target
    ours, right = call(name, x, target, options, {}), F.cross_entropy(classes_second(x), shaped, **theirs)
    torch.testing.assert_close(ours, right, atol=1e-5, rtol=1e-5, equal_nan=True)
    gradients = [torch.autograd.grad(loss.nansum(), x)[0] for loss in (ours, right)]
    torch.testing.assert_close(*gradients, atol=1e-5, rtol=1e-5, equal_nan=True)


@of_every_sorter
@pytest.mark.parametrize("mode", MODES)
@seldom(10)
@given(data=st.data())
def test_one_hot_targets_are_class_indices(name, mode, data):
    x, _, options, settings = drawn_case(data, name, precisions=SINGLE)
    options |= {"top1_mode": mode, "ignore_index": -100}
    if options["reduction"] == "mean":
        options["weight"] = None
    target = data.draw(st.integers(0, x.shape[-1] - 1))
    target = torch.full(x.shape[:-1], target)
    one_hot = F.one_hot(target, x.shape[-1]).to(x)
    values = [call(name, x, y, options, settings) for y in (target, one_hot)]
    torch.testing.assert_close(*values, atol=1e-5, rtol=1e-5, equal_nan=True)


@of_every_sorter
@pytest.mark.parametrize("mode", MODES)
@seldom(15)
@given(data=st.data())
def test_no_prediction_is_better_than_the_lower_bound(name, mode, data):
    p_k = data.draw(st.sampled_from(P_K))
    x = data.draw(scores((5, 7), precisions=DOUBLE, layouts=False, leading=0))
    target = data.draw(st.integers(0, x.shape[-1] - 1))
    sorter = build(name, **data.draw(sorter_settings(name)))
    loss = TopKCrossEntropyLoss(p_k, sorter, top1_mode=mode, eps=data.draw(st.sampled_from([0.0, 1e-7, 0.01])))
    assert loss(x, torch.tensor(target)) >= loss.lower_bound - 1e-9


@pytest.mark.parametrize("name", [*NETWORKS, "sinkhorn"])
@pytest.mark.parametrize("mode", MODES)
def test_a_perfect_prediction_reaches_the_lower_bound_where_columns_sum_to_one(name, mode):
    x = torch.tensor([60.0, 0, 0, 0, 0, 0], dtype=torch.double)
    kind = {"distribution": "logistic"} if name in NETWORKS else {}
    loss = TopKCrossEntropyLoss([0.6, 0.4], build(name, **kind), top1_mode=mode)
    assert loss(x, torch.tensor(0)).item() == pytest.approx(loss.lower_bound, abs=1e-6)


@pytest.mark.parametrize("name", ["neuralsort", "softsort"])
@pytest.mark.parametrize("mode", MODES)
def test_the_lower_bound_knows_of_ranks_that_share_a_class(name, mode):
    """A label between two scores has much of its own rank and some of both others: q_3 is above 1."""
    x = torch.tensor([1.0, 0, -1, -30, -30], dtype=torch.double)
    loss = TopKCrossEntropyLoss([0, 0, 1.0], build(name), top1_mode=mode)
    assert loss.lower_bound <= loss(x, torch.tensor(1)) < -0.05


@pytest.mark.parametrize(("name", "value"), [("neuralsort", 0.610), ("sinkhorn", 0.751)])
@pytest.mark.parametrize("far", [-1e9, torch.finfo(torch.float32).min, -math.inf], ids=str)
def test_far_classes_leave_the_loss_its_digits(name, value, far):
    logits = torch.tensor([1.0, 0.0, 2.0, far, far])
    loss = topk_cross_entropy(logits, torch.tensor(0), [0.5, 0.5], topk_lib.make_sorter(name))
    assert loss.item() == pytest.approx(value, abs=5e-4)


@pytest.mark.parametrize("mode", MODES)
@of_every_sorter
def test_a_masked_label_costs_what_eps_allows(name, mode):
    logits, label = torch.tensor([[1.0, -math.inf, 0.5, 2.0], [1.0, 0.0, 0.5, 2.0]]), torch.tensor([1, 1])
    for p_k, eps in (([0.5, 0.5], 1e-7), ([0, 1.0], 0.01), ([0, 0, 0, 1.0], 1e-7), ([0.5, 0.5], 0.0), ([0, 1.0], 0.0)):
        loss = topk_cross_entropy(
            logits, label, p_k, topk_lib.make_sorter(name), top1_mode=mode, eps=eps, reduction="none"
        )
        endless = eps == 0 or (mode == "smce" and p_k[0] > 0)
        assert loss[0].item() == pytest.approx(math.inf if endless else -math.log(eps), rel=1e-5)
        assert loss[1].isfinite()


@of_every_sorter
def test_a_masked_sample_is_nan_and_it_alone(name):
    logits, target = batch()
    logits[2] = -math.inf
    for y in (target, F.one_hot(target, 7).float()):
        loss = topk_cross_entropy(logits, y, sorter=topk_lib.make_sorter(name), reduction="none")
        assert loss.isnan().tolist() == [False, False, True, False, False, False]


@pytest.mark.parametrize("target", [torch.full((6, 7), -0.5), torch.ones(6, 6), torch.ones(7, 6)])
def test_wrong_probabilities_are_named(target):
    with pytest.raises(ValueError, match=r"^target must"):
        topk_cross_entropy(batch()[0], target)


@pytest.mark.parametrize("m", [1, 2, 3, 5])
def test_m_keeps_the_probable_classes_first_then_the_best_others(m):
    """The classes in the order in which they enter the sorter, seen by the order of a network's lanes."""
    logits = torch.tensor([5.0, 4.0, 3.0, 2.0, 1.0], dtype=torch.double)
    target = torch.tensor([0, 0.25, 0, 0.5, 0.25], dtype=torch.double)
    kept = [3, 1, 4, 0, 2][:m]
    whole = functools.partial(topk_cross_entropy, p_k=[1.0] if m == 1 else [0.5, 0.5], label_smoothing=0.1)
    torch.testing.assert_close(whole(logits, target, m=m), whole(logits[kept], target[kept]))
