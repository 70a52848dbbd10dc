"""Softness as a tensor: every registered relaxation learns its steepness, temperature or scale, in every loop."""

import pytest
import torch

import topk_lib
from topk_lib.sorters import softness_of

from .subjects import RUNS, SORTERS, build, kinds

X = torch.tensor([[2, 1, 0, -1, 0.5], [0.3, -2, 1, 0.7, 3]], dtype=torch.double)
TARGET = torch.tensor([1, 4])
SETTINGS = [(name, loop, kind) for name, loop in RUNS for kind in kinds(name)]
in_every_setting = pytest.mark.parametrize(("name", "loop", "kind"), SETTINGS)


def made(name, softness, kind, **options):
    return build(name, **{softness_of(name): softness}, **kind, **options)


def everything(sorter, x):
    """Matrix, column, weighted sum and loss, as one vector."""
    loss = topk_lib.TopKCrossEntropyLoss([0.2, 0.3, 0.5], sorter, reduction="none")
    parts = sorter.matrix(x, 3), sorter.rank_probabilities(x, TARGET, 3), sorter.class_probabilities(x, X.new_ones(2))
    return torch.cat([part.flatten() for part in (*parts, loss(x, TARGET))])


@in_every_setting
def test_a_tensor_is_the_number_that_it_holds_and_gets_its_gradient(name, loop, kind):
    with topk_lib.backend(loop):
        softness = torch.tensor(1.3, dtype=torch.double, requires_grad=True)
        soft = everything(made(name, softness, kind), X)
        torch.testing.assert_close(soft, everything(made(name, 1.3, kind), X), atol=1e-9, rtol=0)
        factors = torch.linspace(-1, 2, len(soft), dtype=torch.double)
        (grad,) = torch.autograd.grad((soft * factors).sum(), softness)
        ends = [(everything(made(name, 1.3 + h, kind), X) * factors).sum() for h in (1e-5, -1e-5)]
        assert grad.item() == pytest.approx((ends[0] - ends[1]).item() / 2e-5, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("name", SORTERS)
def test_a_parameter_is_learned_and_saved_and_masks_leave_it_finite(name):
    sorter = made(name, torch.nn.Parameter(torch.tensor(2.0)), {})
    assert [each for each, _ in sorter.named_parameters()] == list(sorter.state_dict()) == [softness_of(name)]
    x = X.float().clone()
    x[0, 2] = -torch.inf
    loss = topk_lib.TopKCrossEntropyLoss(sorter=sorter, p_k=[0, 0.5, 0.5])
    optimizer = torch.optim.SGD(loss.parameters(), lr=0.1)
    loss(x, TARGET).backward()
    parameter = getattr(sorter, softness_of(name))
    assert parameter.grad.isfinite() and parameter.grad != 0
    before = parameter.item()
    optimizer.step()
    assert parameter.item() != before
    assert f"{softness_of(name)}={parameter.item():g}" in repr(sorter)


@pytest.mark.parametrize("name", SORTERS)
def test_a_softness_that_left_its_range_is_an_error(name):
    softness = torch.tensor(1.0)
    sorter = made(name, softness, {})
    softness.fill_(-0.5)
    with pytest.raises(ValueError, match=f"{softness_of(name)} must be positive and finite, got -0.5"):
        sorter.matrix(X)
    with pytest.raises(TypeError, match="must be a positive number or a floating-point tensor of no dimension"):
        made(name, torch.ones(2), {})
