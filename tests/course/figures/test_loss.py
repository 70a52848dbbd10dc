"""Figures of the loss: what they say is what the library computes, and what they draw is what they say."""

import re

import numpy as np
import pytest
import torch

import topk_lib
from topk_lib import TopKCrossEntropyLoss
from topk_lib.course import figures as plots
from topk_lib.course.figures.columns import nice_limit, signed_bars
from topk_lib.course.figures.given import p_k_text, signed
from topk_lib.course.figures.loss import account_of, eps_in_words, sorter_in_words
from topk_lib.course.figures.p_k import SIX_P_K
from topk_lib.experiments.drawing import style
from topk_lib.experiments.drawing.sheet import Sheet

from .test_captions import decode

NAMES = ("cat", "fox", "ship", "dog", "car", "wolf")
SCORES = (0.4, 2.0, -1.5, 1.1, -0.8, 1.7)
VALUES = torch.tensor(SCORES, dtype=torch.float64)
DOG = 3
HALF = SIX_P_K[1]
SORTERS = {
    "splitter": topk_lib.SortingNetwork(),
    "bitonic": topk_lib.SortingNetwork("bitonic", 2.0, "logistic"),
    "softsort": topk_lib.SoftSort(0.5),
}


def numbers(text):
    return [float(number.replace("−", "-")) for number in re.findall(r"[−+]?\d+\.\d{2,}", text)]


def gradient(loss, label=DOG, values=VALUES):
    x = values.clone().requires_grad_()
    return torch.autograd.grad(loss(x, torch.tensor(label)), x)[0].numpy()


def two_losses():
    return {"A": TopKCrossEntropyLoss(HALF), "B": TopKCrossEntropyLoss(HALF, topk_lib.NeuralSort(0.5), 5, "smce")}


FIGURES = {
    "loss_comparison": lambda t: plots.loss_comparison(two_losses(), SCORES, NAMES, "dog", t),
    "gradient_bars": lambda t: plots.gradient_bars(SCORES, NAMES, "dog", theme=t),
    "loss_curves": lambda t: plots.loss_curves(two_losses(), SCORES, NAMES, "dog", (-3.0, 0.0, 3.0), t),
}


# ---- the account ----


@pytest.mark.parametrize("m", [None, 6, 5])
@pytest.mark.parametrize("mode", ["sort", "sm", "smce"])
@pytest.mark.parametrize("p_k", SIX_P_K, ids=p_k_text)
@pytest.mark.parametrize("sorter", SORTERS)
def test_the_numbers_of_an_account_add_up_to_the_loss(sorter, p_k, mode, m):
    """The drawn entries times the drawn weights give the loss that the library computes."""
    loss = TopKCrossEntropyLoss(p_k, SORTERS[sorter], m, mode)
    account = account_of(loss, VALUES.numpy(), DOG)
    column, first = account.P[:, DOG], account.softmax[DOG]
    beyond = float(account.rank_weights @ column)

    def g(q):
        return -np.log(q * (1 - 2e-7) + 1e-7)

    if mode == "smce" and not loss.is_cross_entropy:
        probability = beyond
        wanted = -account.softmax_weight * np.log(first) + (1 - account.softmax_weight) * g(probability)
    else:
        probability = account.softmax_weight * first + beyond
        wanted = -np.log(probability) if loss.is_cross_entropy else g(probability)
    assert (len(account.P) == 0) == loss.is_cross_entropy
    assert account.probability == pytest.approx(probability, abs=1e-9)
    assert account.loss == pytest.approx(wanted, abs=1e-9)
    assert account.loss == pytest.approx(loss(VALUES, torch.tensor(DOG)).item(), abs=1e-12)
    assert account.gradient == pytest.approx(gradient(loss), abs=1e-12)


def test_an_account_puts_kept_classes_where_they_stand_and_leaves_the_others_empty():
    account = account_of(TopKCrossEntropyLoss(HALF, topk_lib.SoftSort(0.5), 5), VALUES.numpy(), DOG)
    assert account.kept == (3, 1, 5, 0, 4)
    assert np.isnan(account.P[:, 2]).all() and np.isnan(account.softmax[2]) and account.gradient[2] == 0
    without_ship = VALUES[[0, 1, 3, 4, 5]]
    assert np.delete(account.P, 2, 1) == pytest.approx(topk_lib.SoftSort(0.5)(without_ship).numpy())
    assert np.delete(account.softmax, 2) == pytest.approx(without_ship.softmax(0).numpy())


@pytest.mark.parametrize("settings", [{"weight": torch.ones(6)}, {"label_smoothing": 0.1}])
def test_an_account_refuses_what_it_cannot_take_apart(settings):
    with pytest.raises(ValueError, match="loss must have neither class weights nor label smoothing"):
        account_of(TopKCrossEntropyLoss(**settings), VALUES.numpy(), DOG)


def test_settings_in_words():
    assert sorter_in_words(topk_lib.SortingNetwork("odd_even", 0.5, "logistic_phi", 0.5)) == (
        "odd even, β = 0.5, logistic phi λ = 0.5"
    )
    assert sorter_in_words(topk_lib.SinkhornSort(16)) == "SinkhornSort, τ = 16"
    assert p_k_text([0.25, 0, 1.0]) == "[.25, 0, 1]"
    assert [eps_in_words(eps) for eps in (1e-7, 0.0, 1e-3, 0.05)] == ["1e-7", "0", "0.001", "0.05"]


# ---- captions ----


def test_loss_comparison_tells_both_sums_and_every_gradient():
    losses = two_losses()
    _, caption = plots.loss_comparison(losses, SCORES, NAMES, "dog")
    first, second = caption.split("; ")
    a, b = (account_of(loss, VALUES.numpy(), DOG) for loss in losses.values())
    assert first.startswith(
        "A: splitter selection, β = 1, cauchy, P_K = [.5, 0, 0, 0, .5], sm, all classes, eps = 1e-7"
    )
    assert f"loss = g({a.probability:.3f}) = {a.loss:.3f}" in first
    assert numbers(first)[-6:] == pytest.approx(a.gradient, abs=6e-4)
    assert f"0.5 · (−log {b.softmax[DOG]:.3f}) + 0.5 · g({b.probability:.3f}) = {b.loss:.3f}" in second
    assert "ship left out" in second
    assert numbers(second)[-5:] == pytest.approx(np.delete(b.gradient, 2), abs=6e-4)


def test_loss_comparison_writes_tiny_probabilities_and_cross_entropy():
    far = (*SCORES[:3], -3.0, *SCORES[4:])
    loss = TopKCrossEntropyLoss([0, 0, 1.0], topk_lib.SortingNetwork(steepness=8.0, distribution="logistic"))
    probability = account_of(loss, np.array(far), DOG).probability
    assert probability < 1e-6
    assert f"g({probability:.1e})" in plots.loss_comparison({"A": loss}, far, NAMES, "dog")[1]
    plain = plots.loss_comparison({"A": TopKCrossEntropyLoss([1.0])}, SCORES, NAMES, "dog")[1]
    assert f"loss = −log {VALUES.softmax(0)[DOG]:.3f} = {-VALUES.log_softmax(0)[DOG]:.3f}" in plain


def test_loss_comparison_keeps_its_size_for_every_setting_of_one_length():
    settings = [(p_k, m, mode) for p_k in SIX_P_K for m in (None, 5) for mode in ("sort", "smce")]
    sizes = {
        style.size(plots.loss_comparison({"A": TopKCrossEntropyLoss(p, m=m, top1_mode=mode)}, SCORES, NAMES, "dog")[0])
        for p, m, mode in settings
    }
    assert len(sizes) == 1


def test_gradient_bars_tell_the_label_and_who_is_pushed_most():
    _, caption = plots.gradient_bars(SCORES, NAMES, "dog")
    for mode in ("sort", "sm", "smce"):
        told = re.search(rf"{mode}: ([^;.]*(?:\.\d+[^;.]*)*)", caption)[1].split(", ")
        assert len(told) == 6
        for p_k, words in zip(SIX_P_K, told, strict=True):
            found = gradient(TopKCrossEntropyLoss(p_k, top1_mode=mode))
            assert numbers(words) == pytest.approx([found[DOG], found.max()], abs=0.0051)
            assert NAMES[found.argmax()] in words


def test_gradient_bars_tell_of_a_rival_that_is_pulled_up():
    p_k = [0, 0, 0, 0, 1.0]
    _, caption = plots.gradient_bars(SCORES, NAMES, "dog", topk_lib.NeuralSort(1.0), [p_k], ["sort"])
    found = gradient(TopKCrossEntropyLoss(p_k, topk_lib.NeuralSort(1.0), top1_mode="sort"))
    assert found.argmin() != DOG
    assert f"with {NAMES[found.argmin()]} {signed(found.min(), 2)}" in caption


def test_loss_curves_tell_both_ends_of_any_loss():
    losses = {"CE": torch.nn.functional.cross_entropy, "top-k": TopKCrossEntropyLoss(HALF)}
    _, caption = plots.loss_curves(losses, SCORES, NAMES, "dog", (-4.0, 0.0, 3.0))
    head, *parts = caption.replace("3: ", "3; ").split("; ")
    assert head == "At a score of dog of −4 and of 3"
    for loss, part in zip(losses.values(), parts, strict=True):
        ends = []
        for score in (-4.0, 3.0):
            moved = VALUES.clone()
            moved[DOG] = score
            ends.append((loss(moved, torch.tensor(DOG)).item(), gradient(loss, values=moved)[DOG]))
        assert numbers(part) == pytest.approx([*(e[0] for e in ends), *(e[1] for e in ends)], abs=0.0051)


# ---- bars ----


def test_bars_have_the_length_and_direction_of_their_values():
    values = np.array([1.0, 0.5, 0.0, -0.25])
    sheet = Sheet(200, 100)
    signed_bars(sheet, 0, 0, 50, 100, values, 1.0)
    pixels = decode(style.png(sheet.figure())).astype(int)
    colors = [np.array([int(c[i : i + 2], 16) for i in (1, 3, 5)]) for c in style.THEMES["light"].series[:2]]
    for j, value in enumerate(values):
        column = pixels[:, int(style.SCALE * (50 * j + 25))]
        for color, wanted in zip(colors, (max(value, 0), max(-value, 0)), strict=True):
            rows = np.flatnonzero(np.abs(column - color).sum(1) < 20)
            assert len(rows) == pytest.approx(wanted * 46 * style.SCALE, abs=3)
            if len(rows):
                assert (rows.mean() < 75) == (value > 0)


@pytest.mark.parametrize(
    ("largest", "limit"), [(0.0, 1e-12), (0.037, 0.05), (0.1, 0.1), (0.15, 0.15), (0.71, 1), (16.0, 20), (1.001, 1.5)]
)
def test_scales_end_at_the_next_round_number(largest, limit):
    assert nice_limit(largest) == pytest.approx(limit)


@pytest.mark.parametrize(("value", "text"), [(0.0004, "0.000"), (-0.0004, "0.000"), (0.5, "+0.500"), (-2.0, "−2.000")])
def test_signed_numbers(value, text):
    assert signed(value, 3) == text


# ---- errors ----

BAD = {
    "one or two losses of 8 classes fit, got 0 of 6": lambda: plots.loss_comparison({}, SCORES, NAMES, "dog"),
    "one or two losses of 8 classes fit, got 1 of 9": lambda: plots.loss_comparison(
        {"A": TopKCrossEntropyLoss()}, range(9), [*"abcdefghi"], "a"
    ),
    "label must be one of 'cat'.*got 'cow'": lambda: plots.loss_comparison(two_losses(), SCORES, NAMES, "cow"),
    "scores must hold one finite number": lambda: plots.gradient_bars([1.0], NAMES, "dog"),
    "one to six P_K of at most 8 classes fit, got 0 of 6": lambda: plots.gradient_bars(SCORES, NAMES, "dog", p_ks=[]),
    "modes must be one of 'sm', 'smce', 'sort', got 'ce'": lambda: plots.gradient_bars(
        SCORES, NAMES, "dog", modes=["ce"]
    ),
    "losses must hold 1 to 5 functions, got 0": lambda: plots.loss_curves({}, SCORES, NAMES, "dog", (1, 2)),
    "values must hold two or more numbers in ascending order": lambda: plots.loss_curves(
        two_losses(), SCORES, NAMES, "dog", (2, 1)
    ),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input_is_refused_by_name(message):
    with pytest.raises(ValueError, match=message):
        BAD[message]()
