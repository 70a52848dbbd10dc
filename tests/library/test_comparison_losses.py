"""The losses that the top-k loss is compared with: their authors' values, their limits, and what they refuse."""

import json
import math
from functools import partial
from itertools import combinations
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from topk_lib import (
    NoisedTopKLoss,
    SmoothTopKSVMLoss,
    TopKEntropyLoss,
    TopKHingeLoss,
    TruncatedTopKEntropyLoss,
)

STORED = json.loads((Path(__file__).parents[1] / "oracle" / "loss_values.json").read_text(encoding="utf-8"))["losses"]
DOUBLE = torch.double
MAKE = {
    "smooth_topk_svm": SmoothTopKSVMLoss,
    "hard_topk_svm": partial(SmoothTopKSVMLoss, tau=0),
    "topk_hinge_alpha": partial(TopKHingeLoss, kind="alpha"),
    "topk_hinge_beta": partial(TopKHingeLoss, kind="beta"),
    "topk_entropy": TopKEntropyLoss,
    "truncated_topk_entropy": TruncatedTopKEntropyLoss,
    "noised_topk_balanced": NoisedTopKLoss,
}
OF_OTHERS = {
    "svm": SmoothTopKSVMLoss,
    "hard svm": partial(SmoothTopKSVMLoss, tau=0),
    "alpha": TopKHingeLoss,
    "beta": partial(TopKHingeLoss, kind="beta"),
    "entropy": TopKEntropyLoss,
    "truncated": TruncatedTopKEntropyLoss,
    "noised": NoisedTopKLoss,
}
of_every_loss = pytest.mark.parametrize("make", OF_OTHERS.values(), ids=OF_OTHERS)


def random(*shape, seed=0, spread=1.0):
    return spread * torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=DOUBLE)


def precision(name):
    """How exact the stored values are: the smooth and noised ones come from float32 or from a numerical search."""
    return 1e-6 if name in ("topk_entropy", "noised_topk_balanced") else 1e-10


@pytest.mark.parametrize("row", STORED, ids=lambda row: f"{row['loss']}-{row['params']}-n{len(row['logits'][0])}")
def test_values_and_gradients_are_those_of_the_authors(row):
    logits = torch.tensor(row["logits"], dtype=DOUBLE, requires_grad=True)
    noise = [torch.tensor(row["noise"], dtype=DOUBLE)] if "noise" in row else []
    loss = MAKE[row["loss"]](**row["params"], reduction="none")(logits, torch.tensor(row["target"]), *noise)
    loss.sum().backward()
    close = {"atol": precision(row["loss"]), "rtol": 0}
    torch.testing.assert_close(loss, torch.tensor(row["value"], dtype=DOUBLE), **close)
    torch.testing.assert_close(logits.grad, torch.tensor(row["grad"], dtype=DOUBLE), **close)


def test_every_loss_has_stored_values():
    assert {row["loss"] for row in STORED} == set(MAKE)


def test_a_value_worked_by_hand():
    logits, label = torch.tensor([[2.0, -1, 0.5, 3, 1, 0]], dtype=DOUBLE), torch.tensor([4])
    assert TopKHingeLoss(3)(logits, label).item() == pytest.approx(5.5 / 3)  # (1 + 2) + (1 + 1) + (1 - 0.5), over 3
    assert TopKHingeLoss(3, "beta")(logits, label).item() == pytest.approx(5.5 / 3)
    assert TruncatedTopKEntropyLoss(3)(logits, label).item() == pytest.approx(0.74657, abs=1e-5)
    assert TopKEntropyLoss(3)(logits, label).item() == pytest.approx(2.24526, abs=1e-5)


@pytest.mark.parametrize("make", [TopKEntropyLoss, TruncatedTopKEntropyLoss, partial(SmoothTopKSVMLoss, alpha=0)])
def test_with_k_equal_1_it_is_cross_entropy(make):
    logits, target = random(6, 9, spread=3), torch.arange(6)
    torch.testing.assert_close(make(k=1)(logits, target), F.cross_entropy(logits, target))


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("tau", [1.0, 0.1])
def test_smooth_svm_is_its_sum_over_all_choices(k, tau):
    logits = random(9, spread=2)
    others = logits[1:].tolist()
    sums = [sum(math.exp(sum(chosen) / (k * tau)) for chosen in combinations(others, j)) for j in (k - 1, k)]
    label = math.exp(logits[0].item() / (k * tau)) * sums[0]
    expected = tau * (math.log(math.exp(1 / tau) * sums[1] + label) - math.log(label))
    assert SmoothTopKSVMLoss(k, tau)(logits, torch.tensor(0)).item() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("tau", [1.0, 0.1, 0.01])
def test_smooth_svm_keeps_its_digits_among_10_000_classes(tau):
    exact = random(4, 10_000, spread=3).requires_grad_()
    single, target = exact.detach().float().requires_grad_(), torch.arange(4)
    loss = SmoothTopKSVMLoss(5, tau, reduction="sum")
    values = [loss(logits, target) for logits in (exact, single)]
    for value in values:
        value.backward()
    assert single.grad.isfinite().all()
    torch.testing.assert_close(values[1].double(), values[0], rtol=1e-5, atol=0)
    torch.testing.assert_close(single.grad.double(), exact.grad, rtol=1e-3, atol=1e-4)


def test_smooth_svm_becomes_the_hard_one():
    logits, target = random(8, 12, spread=3), torch.arange(8)
    hard = SmoothTopKSVMLoss(3, tau=0, reduction="none")(logits, target)
    torch.testing.assert_close(SmoothTopKSVMLoss(3, 1e-4, reduction="none")(logits, target), hard, atol=1e-3, rtol=0)


@of_every_loss
def test_a_label_that_leads_by_far_costs_nothing_and_one_that_is_far_behind_pulls(make):
    logits = torch.zeros(2, 9, dtype=DOUBLE)
    logits[:, 0] = torch.tensor([60.0, -60.0])
    logits.requires_grad_()
    loss = make(k=3, reduction="none")(logits, torch.zeros(2, dtype=torch.long))
    loss.sum().backward()
    assert loss[0] < 1e-6 and loss[1] > 15
    assert logits.grad[0].abs().max() < 1e-6 and logits.grad[1, 0] < -0.3


@of_every_loss
def test_masked_classes_are_as_if_they_were_not_there(make):
    logits = random(3, 9)
    masked = torch.cat([logits, torch.full((3, 2), -math.inf, dtype=DOUBLE)], 1).requires_grad_()
    noise = random(3, 11, 5, seed=1)
    given = [noise], [noise[:, :9]]
    loss = make(k=3, reduction="none")
    at, without = (
        loss(x, torch.arange(3), *(z if "Noised" in repr(loss) else ()))
        for x, z in zip((masked, logits), given, strict=True)
    )
    torch.testing.assert_close(at, without)
    at.sum().backward()
    assert masked.grad.isfinite().all() and (masked.grad[:, 9:] == 0).all()
    assert loss(masked, torch.full((3,), 10)).tolist() == [math.inf] * 3


@of_every_loss
@pytest.mark.parametrize("place", [0, 1, 8])
def test_nan_is_never_left_out(make, place):
    logits = torch.tensor([[9.0, 8, 7, 6, 5, 4, 3, 2, 1]])
    logits[0, place] = math.nan
    assert make(k=4)(logits, torch.tensor([8])).isnan()


def test_noise_is_drawn_anew_and_may_be_given():
    logits, target, loss = random(4, 9), torch.arange(4), NoisedTopKLoss(3)
    assert loss(logits, target) != loss(logits, target)
    noise = random(4, 9, 7)
    assert loss(logits, target, noise) == loss(logits, target, noise)
    spatial = NoisedTopKLoss(3, reduction="none")(
        logits.T.reshape(1, 9, 2, 2), target.reshape(1, 2, 2), noise.movedim(0, 1).reshape(1, 9, 2, 2, 7)
    )
    torch.testing.assert_close(spatial.flatten(), NoisedTopKLoss(3, reduction="none")(logits, target, noise))


def test_rare_classes_have_a_wider_margin():
    logits, noise = random(3, 6), torch.zeros(3, 6, 1, dtype=DOUBLE)
    loss = NoisedTopKLoss(2, class_counts=[100, 50, 10, 10, 20, 30], max_m=0.3, scale=4, reduction="none")
    third = logits.topk(3).values[:, 2]
    margins = 0.3 * (10 / torch.tensor([100.0, 50, 10], dtype=DOUBLE)) ** 0.25
    expected = (4 * (margins + third - logits.diagonal())).relu()
    torch.testing.assert_close(loss(logits, torch.arange(3), noise), expected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: TopKHingeLoss(kind="gamma"), "kind must be one of 'alpha', 'beta', got 'gamma'"),
        (lambda: TopKHingeLoss(k=0), "k must be at least 1, got 0"),
        (lambda: TopKEntropyLoss(5)(torch.zeros(2, 5), torch.zeros(2).long()), "k must be less than .* k=5 for n=5"),
        (lambda: SmoothTopKSVMLoss(tau=-1), "tau must be between 0 and inf, got -1"),
        (lambda: NoisedTopKLoss(n_sample=0), "n_sample must be at least 1, got 0"),
        (lambda: NoisedTopKLoss(class_counts=[1, 0]), "class_counts must hold a number .* got \\[1, 0\\]"),
        (
            lambda: NoisedTopKLoss(1, class_counts=[1, 2])(torch.zeros(1, 3), torch.tensor([0])),
            "class_counts must hold 3 numbers, one for each class, got 2",
        ),
        (
            lambda: NoisedTopKLoss(1)(torch.zeros(1, 3), torch.tensor([0]), torch.zeros(3, 5)),
            "noise must have the shape of the logits, and samples last, got \\(3, 5\\)",
        ),
        (lambda: TopKEntropyLoss(1)(torch.zeros(1, 3), torch.zeros(1, 3)), "target must hold integer class indices"),
    ],
)
def test_what_is_wrong_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
