"""Derivatives of second order and in forward mode, by every way that torch has of asking for them.

What is right is told by autograd through the reference, which is made of torch's own operations alone.
"""

import functools

import pytest
import torch
from torch.autograd import forward_ad

import topk_lib

from . import reference
from .subjects import MAKERS, MODES, RUNS, SORTERS, batch, build, kinds, known, value_of

# torch compiles some of its own formulas for forward mode when they are first asked for
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")
P_K = [0.5, 0, 0.5]
X = torch.tensor([2, 1, 0, -1, 0.5], dtype=torch.double)
CLOSE = {"atol": 1e-6, "rtol": 1e-6}
LOOPED = [
    (name, loop, kind, mode)
    for name, loop in RUNS
    for turn, kind in enumerate(kinds(name))
    for mode in (MODES if len(kinds(name)) == 1 else MODES[turn % 3 :][:1])
]
"""Every setting of every sorter in every loop; those of many settings meet the loss's modes in turn."""


def named(value):
    return value if isinstance(value, str) else "-".join(value.values())


in_every_loop = pytest.mark.parametrize(("name", "loop"), RUNS)
of_every_setting = pytest.mark.parametrize(("name", "loop", "kind", "mode"), LOOPED, ids=named)


def settings_of(name, kind):
    return {**kind, **known(name, steepness=1.3, temperature=2.0, scale=1.7)}


def sorter(name, kind):
    return build(name, **settings_of(name, kind), **({"tolerance": 1e-9} if name == "sinkhorn" else {}))


def second(function, x):
    """All second derivatives (n, n) of a number, by autograd twice."""
    x = x.clone().requires_grad_()
    (first,) = torch.autograd.grad(function(x), x, create_graph=True)
    return torch.stack([torch.autograd.grad(f, x, retain_graph=True)[0] for f in first])


def first(function, x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(function(x), x)[0]


def loss_of(name, kind, mode):
    loss = topk_lib.TopKCrossEntropyLoss(P_K, sorter(name, kind), top1_mode=mode)
    return lambda x: loss(x, torch.tensor(1))


def defined(name, kind, mode):
    rows = lambda s, k: reference.matrix(name, s, k, **settings_of(name, kind))  # noqa: E731
    return lambda x: reference.top_k_cross_entropy(x, 1, rows, P_K, top1_mode=mode)[0]


@functools.cache
def right(name, kind, mode):
    """Gradient and second derivatives of the loss by its definition."""
    function = defined(name, dict(kind), mode)
    return first(function, X), second(function, X)


def right_for(name, kind, mode):
    return right(name, tuple(kind.items()), mode)


def test_a_known_second_derivative_is_met():
    loss = lambda z: topk_lib.topk_cross_entropy(z, torch.tensor([1]), P_K)  # noqa: E731
    hessian = torch.func.hessian(loss)(X.unsqueeze(0))
    assert hessian[0, 1, 0, 1].item() == pytest.approx(0.0484, abs=5e-5)


@of_every_setting
def test_second_derivatives_are_right_by_backward_twice(name, loop, kind, mode):
    with topk_lib.backend(loop):
        got = second(loss_of(name, kind, mode), X)
    torch.testing.assert_close(got, right_for(name, kind, mode)[1], **CLOSE)


WAYS = {
    "reverse over reverse": lambda f: torch.func.jacrev(torch.func.jacrev(f)),
    "forward over reverse": lambda f: torch.func.jacfwd(torch.func.jacrev(f)),
    "reverse over forward": lambda f: torch.func.jacrev(torch.func.jacfwd(f)),
}


@of_every_setting
def test_second_derivatives_are_right_by_transforms(name, loop, kind, mode):
    way = list(WAYS)[MODES.index(mode)]
    with topk_lib.backend(loop):
        got = WAYS[way](loss_of(name, kind, mode))(X)
    torch.testing.assert_close(got, right_for(name, kind, mode)[1], msg=lambda text: f"{way}: {text}", **CLOSE)


@of_every_setting
def test_forward_mode_is_right(name, loop, kind, mode):
    direction = torch.linspace(-1, 2, 5, dtype=torch.double)
    expected = right_for(name, kind, mode)[0] @ direction
    function = loss_of(name, kind, mode)
    with topk_lib.backend(loop):
        _, by_transform = torch.func.jvp(function, (X,), (direction,))
        with forward_ad.dual_level():
            by_dual_numbers = forward_ad.unpack_dual(function(forward_ad.make_dual(X, direction))).tangent
    torch.testing.assert_close(by_transform, expected, **CLOSE)
    torch.testing.assert_close(by_dual_numbers, expected, **CLOSE)


@pytest.mark.parametrize(
    ("name", "loop", "kind"), [case[:3] for case in LOOPED if case[3] == "sm" or case[2]], ids=named
)
def test_matrix_column_and_weighted_sum_pass_gradgradcheck(name, loop, kind):
    made, x = sorter(name, kind), (0.7 * torch.stack([X, X.flip(0)])).requires_grad_()
    weights = torch.tensor([1.0, 0.6, 0.3], dtype=torch.double, requires_grad=True)
    target = torch.tensor([1, 4])
    functions = [
        (lambda x: made.matrix(x, 3), (x,)),
        (lambda x: made.rank_probabilities(x, target, 3), (x,)),
        (lambda x, w: made.class_probabilities(x, w), (x, weights)),
    ]
    with topk_lib.backend(loop):
        for function, inputs in functions:
            assert torch.autograd.gradcheck(function, inputs, fast_mode=True)
            assert torch.autograd.gradgradcheck(function, inputs, fast_mode=True)


@in_every_loop
@pytest.mark.parametrize(
    "options", [{"m": 4, "eps": 0.0}, {"label_smoothing": 0.2, "weight": True}, {"soft": True}], ids=str
)
def test_a_gradient_penalty_pulls_as_finite_differences_say(name, loop, options):
    options = dict(options)
    if options.get("weight"):
        options["weight"] = torch.linspace(0.5, 2, 5, dtype=torch.double)
    target = torch.tensor([0, 0.3, 0.7, 0, 0]).double() if options.pop("soft", False) else torch.tensor(1)
    loss = topk_lib.TopKCrossEntropyLoss(P_K, sorter(name, {}), **options)

    def penalty(x):
        (slope,) = torch.autograd.grad(loss(x, target), x, create_graph=True)
        return slope.square().sum()

    x = X.clone().requires_grad_()
    with topk_lib.backend(loop):
        (got,) = torch.autograd.grad(penalty(x), x)
        steps = 1e-5 * torch.eye(5, dtype=torch.double)
        ends = [[penalty((X + sign * step).requires_grad_()).detach() for sign in (1, -1)] for step in steps]
    expected = torch.stack([(up - down) / 2e-5 for up, down in ends])
    torch.testing.assert_close(got, expected, atol=1e-6, rtol=1e-6)


@in_every_loop
def test_masks_have_no_second_derivative_and_leave_those_of_the_others(name, loop):
    masked = torch.cat([X, X.new_full((2,), -torch.inf)])
    order = torch.tensor([0, 5, 1, 2, 6, 3, 4])
    loss = topk_lib.TopKCrossEntropyLoss(P_K, sorter(name, {}))
    rows = lambda s, k: reference.matrix(name, s, k, **settings_of(name, {}))  # noqa: E731
    with topk_lib.backend(loop):
        got = second(lambda x: loss(x[order], torch.tensor(2)), masked)
    expected = second(lambda x: reference.top_k_cross_entropy(x[order], 2, rows, P_K)[0], masked)
    assert (got[5:] == 0).all() and (got[:, 5:] == 0).all()
    torch.testing.assert_close(got[:5, :5], expected[:5, :5], **CLOSE)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_every_loss_passes_gradcheck_and_gradgradcheck(make):
    logits, target = batch(3, dtype=torch.double)
    factors = torch.tensor([0.3, -1.2, 2.0], dtype=torch.double)
    loss = make(reduction="none")
    if hasattr(loss, "sorter") and hasattr(loss.sorter, "tolerance"):
        loss.sorter.tolerance = 1e-9
    function = lambda x: value_of(loss, x, target) * factors  # noqa: E731
    assert torch.autograd.gradcheck(function, logits.requires_grad_(), fast_mode=True)
    assert torch.autograd.gradgradcheck(function, logits, fast_mode=True)


@pytest.mark.parametrize("name", SORTERS)
def test_a_hessian_per_sample_is_that_of_the_sample_alone(name):
    x, target = batch(3, 5, dtype=torch.float64)
    sorter = build(name)
    function = functools.partial(topk_lib.topk_cross_entropy, p_k=P_K, sorter=sorter)
    together = torch.func.vmap(torch.func.hessian(function))(x, target)
    pairs = zip(x, target, strict=True)
    alone = [torch.autograd.functional.hessian(functools.partial(function, target=y), s) for s, y in pairs]
    torch.testing.assert_close(together, torch.stack(alone), atol=1e-6, rtol=0)


@in_every_loop
@pytest.mark.parametrize("soft", [False, True])
def test_many_gradients_at_once_are_those_one_by_one(name, loop, soft):
    x, target = batch(3, 5, dtype=torch.float64)
    target = torch.eye(5, dtype=x.dtype)[target] if soft else target
    options = {"sorter": build(name), "p_k": P_K, "reduction": "none"}
    function = functools.partial(topk_lib.topk_cross_entropy, target=target, **options)
    with topk_lib.backend(loop):
        one_by_one = torch.autograd.functional.jacobian(function, x)
        torch.testing.assert_close(torch.autograd.functional.jacobian(function, x, vectorize=True), one_by_one)


@in_every_loop
@pytest.mark.parametrize("scale", [1.0, 2.0**16])
def test_gradients_are_finite_beside_the_lowest_of_all_floats(name, loop, scale):
    x, target = batch(40, 6)
    x[:, 4:] = torch.finfo(x.dtype).min
    for settings in kinds(name):
        z = x.clone().requires_grad_()
        with topk_lib.backend(loop):
            loss = topk_lib.topk_cross_entropy(z, target % 4, [0, 1.0], topk_lib.make_sorter(name, **settings))
            (loss * len(x) * scale).backward()
        assert loss.isfinite() and z.grad.isfinite().all(), settings
