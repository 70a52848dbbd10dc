"""Soft top-k sets: the values of their authors, sums, far scores, and derivatives by scores, k and scale."""

import json
import math
from pathlib import Path

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

from topk_lib import SoftTopK, TopKCrossEntropyLoss
from topk_lib.sorters.thresholds import THRESHOLDS

STORED = json.loads((Path(__file__).parents[1] / "oracle" / "loss_values.json").read_text(encoding="utf-8"))["sets"]
CONSTRAINED = [name for name, threshold in THRESHOLDS.items() if threshold.constrained]
DOUBLE = torch.double
of_every_threshold = pytest.mark.parametrize("threshold", CONSTRAINED)


def random(*shape, seed=0, spread=1.0):
    return spread * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=DOUBLE)


@pytest.mark.parametrize("row", STORED, ids=lambda row: f"{row['threshold']}-k{row['k']:g}-scale{row['scale']:g}")
def test_values_and_gradients_are_those_of_the_authors(row):
    scores = torch.tensor(row["scores"], dtype=DOUBLE, requires_grad=True)
    made = SoftTopK(row["threshold"], row["scale"])
    p = made(scores, row["k"])
    torch.testing.assert_close(p.tolist(), row["probabilities"], atol=1e-13, rtol=0)
    if "vjp" in row:
        (p * torch.tensor(row["cotangent"], dtype=DOUBLE)).sum().backward()
        torch.testing.assert_close(scores.grad.tolist(), row["vjp"], atol=1e-12, rtol=0)
    if "log_probabilities" in row:
        log_p = made(scores, row["k"], log=True)
        torch.testing.assert_close(log_p.tolist(), row["log_probabilities"], atol=1e-12, rtol=0)


def test_every_threshold_has_stored_values():
    assert {row["threshold"] for row in STORED} == set(THRESHOLDS)


@of_every_threshold
@pytest.mark.parametrize("dtype", [torch.float32, DOUBLE], ids=str)
@pytest.mark.parametrize(("n", "spread"), [(2, 1), (100, 1e-3), (1000, 1), (50, 1e5), (10_000, 30)])
def test_it_sums_to_k(threshold, dtype, n, spread):
    scores = random(2, n, spread=spread).to(dtype)
    for k in (0.3, 1, 2.5, 5, n / 2, n - 0.5, n):
        if k <= n:
            total = SoftTopK(threshold)(scores, k).double().sum(-1)
            torch.testing.assert_close(
                total, torch.full_like(total, k), atol=0, rtol=1e-5 if dtype != DOUBLE else 1e-12
            )


@of_every_threshold
@pytest.mark.parametrize("power", [1, 3, 7])
@pytest.mark.parametrize("scale", [1e-6, 1e-3, 1.0])
def test_gaps_of_every_size_beside_each_other_are_those_of_float64(threshold, power, scale):
    scores = random(8, 300).float() ** power
    scores[0, :4] = torch.tensor([1e8, 0.0, -1.0, -2.0])
    for k in (1, 2, 20.5, 250):
        single, double = (SoftTopK(threshold, scale)(x, k) for x in (scores, scores.double()))
        assert (single.double().sum(1) - k).abs().max() < 1e-4 * k
        # what float32 cannot tell of a score, in units of the scale, may move its probability as far
        slack = scores.abs().max(1, keepdim=True).values.double() * 2.0**-22 / scale
        assert ((single.double() - double).abs() <= (1e-4 + slack).clamp(max=1)).all()


@of_every_threshold
def test_a_million_scores(threshold):
    scores = random(1_000_000, spread=3).float().requires_grad_()
    p = SoftTopK(threshold, scale=0.1)(scores, 5)
    assert abs(p.double().sum().item() - 5) < 1e-3
    p.square().sum().backward()
    assert scores.grad.isfinite().all() and scores.grad.abs().sum() > 0


@of_every_threshold
def test_a_set_grows_with_k_and_keeps_the_order_of_the_scores(threshold):
    scores = random(20)
    sets = torch.stack([SoftTopK(threshold, 0.7)(scores, k) for k in torch.linspace(0.1, 20, 60)])
    assert (sets.diff(dim=0) >= -1e-12).all()
    assert (sets[:, scores.argsort()].diff(dim=1) >= -1e-12).all()
    assert (sets[-1] == 1).all()


def test_each_sample_has_a_k_of_its_own():
    scores, k = random(2, 3, 7), torch.tensor([[1.0, 2.5, 7.0], [0.2, 3.0, 6.9]], dtype=DOUBLE)
    together = SoftTopK()(scores, k)
    for place in [(i, j) for i in range(2) for j in range(3)]:
        torch.testing.assert_close(together[place], SoftTopK()(scores[place], k[place].item()))
    torch.testing.assert_close(SoftTopK()(scores, torch.tensor([[1.5], [2]]))[1], SoftTopK()(scores[1], 2))


@pytest.mark.parametrize("threshold", ["laplace", "logistic", "capped_exp"])
def test_logarithms_are_finite_at_gaps_of_100_000_in_float32(threshold):
    scores = torch.tensor([2e5, 1e5, 0.0, -1e5], requires_grad=True)
    log_p = SoftTopK(threshold)(scores, 2, log=True)
    expected = [0, 0, -1e5, -2e5] if threshold == "capped_exp" else [0, 0, -5e4, -1.5e5]
    torch.testing.assert_close(log_p, torch.tensor(expected, dtype=torch.float), atol=1.0, rtol=0)
    log_p[2].backward()
    assert scores.grad.isfinite().all() and scores.grad[2] > 0


@pytest.mark.parametrize("threshold", ["laplace", "logistic"])
def test_k_has_its_gradient_where_the_density_is_lost(threshold):
    k = torch.tensor(1.0, requires_grad=True)
    p = SoftTopK(threshold)(torch.tensor([500.0, -500.0]), k)
    for value in p:
        assert torch.autograd.grad(value, k, retain_graph=True)[0] == pytest.approx(0.5, abs=1e-3)


@of_every_threshold
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.filterwarnings("ignore:.torch.jit.script:DeprecationWarning")
def test_derivatives_by_scores_k_and_scale(threshold, log):
    scores, scale = random(3, 6).requires_grad_(), torch.tensor(0.7, dtype=DOUBLE, requires_grad=True)
    k = torch.tensor([1.3, 2.0, 4.4], dtype=DOUBLE, requires_grad=True)

    def value(scores, k, scale):
        p = SoftTopK(threshold, scale)(scores, k, log=log)
        return torch.where(p == -math.inf, 0, p)

    assert gradcheck(value, (scores, k, scale), check_forward_ad=True)
    assert gradgradcheck(value, (scores, k, scale))


def test_scale_is_learned():
    made = SoftTopK(scale=torch.nn.Parameter(torch.tensor(2.0)))
    TopKCrossEntropyLoss(sorter=made)(random(4, 9).float(), torch.arange(4)).backward()
    assert [name for name, _ in made.named_parameters()] == ["scale"] and made.scale.grad != 0


def test_dftopk_is_a_sigmoid_about_the_middle_of_the_gap_and_keeps_no_sum():
    scores = random(8, 12, spread=2)
    best = scores.sort(descending=True).values
    for k in (1, 4):
        p = SoftTopK("dftopk", 0.7)(scores, k)
        middle = (best[:, [k - 1]] + best[:, [k]]) / 2
        torch.testing.assert_close(p, torch.sigmoid((scores - middle) / 0.7))
    assert (p.sum(1) - 4).abs().amin() > 0.01
    assert (SoftTopK("dftopk")(scores, 12) == 1).all()
    assert gradcheck(lambda s: SoftTopK("dftopk", 0.7)(s, 4), scores.requires_grad_())


def test_masked_classes_are_out_until_nothing_else_is_left():
    scores = torch.tensor([1.0, -math.inf, 0.0, -math.inf, 2.0], requires_grad=True)
    p = SoftTopK()(scores, 2)
    torch.testing.assert_close(p[[0, 2, 4]], SoftTopK()(scores[[0, 2, 4]], 2))
    assert p[1] == p[3] == 0
    p.square().sum().backward()
    assert scores.grad[1] == scores.grad[3] == 0
    assert SoftTopK()(scores, 4).tolist() == [1, 0.5, 1, 0.5, 1]
    assert SoftTopK()(scores, 2, log=True)[1] == -math.inf


def test_hard_values_have_the_soft_gradient():
    scores = random(3, 6).requires_grad_()
    factors = random(3, 6, seed=1)
    hard = SoftTopK()(scores, 2, hard=True)
    assert torch.equal(hard, torch.zeros_like(hard).scatter(1, scores.topk(2).indices, 1))
    (grad,) = torch.autograd.grad((hard * factors).sum(), scores)
    (soft,) = torch.autograd.grad((SoftTopK()(scores, 2) * factors).sum(), scores)
    torch.testing.assert_close(grad, soft)


def test_dim_is_where_the_classes_are():
    scores = random(2, 6, 3)
    torch.testing.assert_close(SoftTopK()(scores, 2, dim=1), SoftTopK()(scores.mT, 2).mT)


def test_in_the_loss_it_is_the_mixture_of_the_sets():
    scores, target = random(5, 8), torch.arange(5)
    p_k = [0.0, 0.3, 0.0, 0.7]
    sets = 0.3 * SoftTopK("clip")(scores, 2) + 0.7 * SoftTopK("clip")(scores, 4)
    loss = TopKCrossEntropyLoss(p_k, SoftTopK("clip"), reduction="none")(scores, target)
    q = sets.gather(1, target.unsqueeze(1)).squeeze(1)
    torch.testing.assert_close(loss, -torch.log(q * (1 - 2e-7) + 1e-7), atol=1e-9, rtol=1e-9)


def test_with_eps_0_a_far_label_still_pulls():
    logits = torch.tensor([[0.0, 2000.0, 1000.0]], requires_grad=True)
    TopKCrossEntropyLoss([0, 1.0], SoftTopK(), eps=0.0)(logits, torch.tensor([0])).backward()
    assert logits.grad[0, 0] < -0.1


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SoftTopK("normal"), "threshold must be one of 'laplace', .*, got 'normal'"),
        (lambda: SoftTopK(scale=0.0), "scale must be positive and finite, got 0.0"),
        (lambda: SoftTopK(scale=torch.tensor(-1.0)), "scale must be positive and finite, got -1.0"),
        (lambda: SoftTopK(scale=torch.ones(2)), "scale must be a positive number or .* of shape \\(2,\\)"),
        (lambda: SoftTopK()(torch.zeros(3), 0), "k must be above 0 and at most 3, the number of classes, got 0"),
        (lambda: SoftTopK()(torch.zeros(3), 3.5), "k must be between 0 and 3, got 3.5"),
        (lambda: SoftTopK()(torch.zeros(3), True), "k must be a number"),
        (lambda: SoftTopK()(torch.zeros(2, 3), torch.tensor([1.0, 4.0])), "k must be above 0 and at most 3, .* got 4"),
        (lambda: SoftTopK("dftopk")(torch.zeros(3), 1.5), "k must be whole for a threshold without .*, got 1.5"),
    ],
)
def test_what_is_wrong_is_named(build, message):
    with pytest.raises((TypeError, ValueError), match=message):
        build()
