"""Figures of P_K: what is drawn and said are rank weights, probabilities and pushes as the library computes them."""

import re
from itertools import pairwise

import numpy as np
import pytest
import torch

import topk_lib
from topk_lib.course import figures as plots
from topk_lib.course.figures.columns import block_colors, stacked_columns
from topk_lib.course.figures.given import best_first, p_k_text, short
from topk_lib.course.figures.p_k import PAPER_P_K, contributions, loss_and_push
from topk_lib.experiments.data import load
from topk_lib.experiments.drawing import style
from topk_lib.experiments.drawing.sheet import Sheet

from .test_captions import decode

NAMES = ("cat", "fox", "ship", "dog", "car", "wolf")
SCORES = (0.4, 2.0, -1.5, 1.1, -0.8, 1.7)
VALUES = torch.tensor(SCORES, dtype=torch.float64)
DOG, HALF = 3, (0.5, 0, 0, 0, 0.5)
SORTER = topk_lib.SortingNetwork("bitonic", steepness=3.0)
CURVES = {"a": [0.5, 0.75, 0.8, 0.9, 1.0, 1.0], "b": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]}


def numbers(text):
    return [float(number) for number in re.findall(r"-?(?:\d+\.\d+|\.\d+|\d+)", text)]


@pytest.fixture(scope="module")
def synthetic():
    return load("synthetic100", train_size=100, test_size=300)


FIGURES = {
    "rank_weights": lambda t: plots.rank_weights(PAPER_P_K, SCORES, NAMES, SORTER, DOG, t),
    "p_k_effect": lambda t: plots.p_k_effect(HALF, SCORES, NAMES, SORTER, DOG, t),
    "topk_profile": lambda t: plots.topk_profile(CURVES, t),
}


@pytest.mark.parametrize("p_k", [*PAPER_P_K.values(), (0.1, 0.2, 0.3, 0.4), (1.0,)], ids=str)
@pytest.mark.parametrize("sorter", [SORTER, topk_lib.NeuralSort(0.5)], ids=["network", "NeuralSort"])
def test_contributions_add_up_to_what_the_library_gives(p_k, sorter):
    p, weights, probabilities = contributions(p_k, SCORES, NAMES, sorter)
    loss = topk_lib.TopKCrossEntropyLoss(p_k, sorter, top1_mode="sort")
    library = torch.tensor(loss.rank_weights, dtype=torch.float64)
    assert p.sum(1).tolist() == pytest.approx(list(p_k))
    assert weights.sum(1)[: loss.k].tolist() == pytest.approx(library.tolist())
    assert not weights.sum(1)[loss.k :].any()
    assert probabilities.sum(1).tolist() == pytest.approx(
        sorter.class_probabilities(VALUES, library).tolist(), abs=1e-9
    )
    assert probabilities.sum() == pytest.approx(weights.sum()) == sum(k * share for k, share in enumerate(p_k, 1))


@pytest.mark.parametrize("label", range(6))
def test_loss_and_push_are_the_librarys(label):
    found, push = loss_and_push(HALF, VALUES.numpy(), SORTER, label)
    _, _, probabilities = contributions(HALF, SCORES, NAMES, SORTER)
    leaf = VALUES.clone().requires_grad_()
    loss = topk_lib.TopKCrossEntropyLoss(HALF, SORTER, top1_mode="sort")(leaf, torch.tensor(label))
    loss.backward()
    assert found == pytest.approx(loss.item()) == pytest.approx(-np.log(probabilities[label].sum()), abs=1e-5)
    assert push.tolist() == pytest.approx((-leaf.grad).tolist())


def test_caption_of_the_effect_tells_weights_probabilities_loss_and_push():
    _, caption = plots.p_k_effect(HALF, SCORES, NAMES, SORTER, DOG)
    its_loss, its_push = loss_and_push(HALF, VALUES.numpy(), SORTER, DOG)
    its_probabilities = contributions(HALF, SCORES, NAMES, SORTER)[2].sum(1)
    order = [1, 5, 3, 0, 4, 2]
    p_k, weights, probabilities, pushes = caption.split("; ")
    assert p_k == "P_K = [0.50, 0.00, 0.00, 0.00, 0.50], E[K] = 3.00"
    assert numbers(weights) == [1, 0.5, 0.5, 0.5, 0.5, 0]
    assert re.findall(r"[a-z]+(?= \d)", probabilities.partition(": ")[2]) == [NAMES[j] for j in order]
    assert numbers(probabilities) == pytest.approx(its_probabilities[order].tolist(), abs=0.0051)
    loss, *push = numbers(pushes.replace("+", ""))
    assert loss == pytest.approx(its_loss, abs=0.00051)
    assert push == pytest.approx(its_push[order].tolist(), abs=0.00051)


def test_caption_of_rank_weights_has_a_sentence_for_each_p_k():
    _, caption = plots.rank_weights(PAPER_P_K, SCORES, NAMES, SORTER, DOG)
    for (title, p_k), sentence in zip(PAPER_P_K.items(), caption.split("; "), strict=True):
        assert sentence.startswith(f"{title}, P_K = {p_k_text(p_k)}: rank weights ")
        _, weights, probabilities = contributions(p_k, SCORES, NAMES, SORTER)
        told = numbers(sentence.partition("rank weights")[2])
        assert told == pytest.approx([*weights.sum(1), weights.sum(), probabilities[DOG].sum()], abs=0.0051)
    _, caption = plots.rank_weights({"one": (1.0,)}, SCORES, NAMES, SORTER)
    assert "fox is in the top K" in caption


def test_the_p_k_of_the_paper_are_the_six():
    six = [[1, 0, 0, 0, 0], [0, 0, 0, 0, 1], [0.5, 0, 0, 0, 0.5], [0.25, 0, 0, 0, 0.75], [0.1, 0, 0, 0, 0.9]]
    assert sorted(map(list, PAPER_P_K.values())) == sorted([*six, [0.2] * 5])


def test_blocks_have_the_height_of_their_share_with_block_one_on_top():
    sheet = Sheet(200, 160)
    stacked_columns(sheet, 20, 30, 160, 100, np.array([[0.4, 0.0, 0.6], [0.0, 0.3, 0.2]]), ["a", "b"])
    pixels = decode(style.png(sheet.figure()))
    colors = np.round(255 * block_colors(3))
    at = {0: 20 + 0.2 * 80, 1: 100 + 0.2 * 80}  # beside the numbers in the blocks
    for column, shares in enumerate(([0.4, 0.0, 0.6], [0.0, 0.3, 0.2])):
        strip = pixels[:, int(style.SCALE * at[column])].astype(int)
        rows = [np.flatnonzero((abs(strip - color) <= 1).all(1)) for color in colors]
        assert [len(r) / style.SCALE for r in rows] == pytest.approx([100 * s for s in shares], abs=2.5)
        present = [r.mean() for r in rows if len(r)]
        assert present == sorted(present)


@pytest.mark.parametrize("paper", ["#ffffff", "#111111"])
def test_blocks_stand_out_from_the_paper_and_from_each_other(paper):
    colors = [*block_colors(5)]
    ground = np.array([int(paper[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    assert min(np.abs(color - ground).max() for color in colors) > 0.25
    assert min(np.abs(a - b).max() for a, b in pairwise(colors)) > 0.1


@pytest.mark.parametrize(("value", "text"), [(0.25, ".25"), (1.0, "1"), (0.0, "0"), (0.5, ".5"), (0.999, "1")])
def test_short_numbers(value, text):
    assert short(value) == text


def test_other_numbers_in_few_letters():
    assert p_k_text([0.5, 0, 1 / 3]) == "[.5, 0, .33]"


def test_equal_scores_keep_the_order_of_the_classes():
    assert best_first([1.0, 3.0, 3.0, -2.0]) == [1, 2, 0, 3]


def test_known_probabilities_are_those_of_the_data(synthetic):
    split = synthetic.test
    figure, caption = plots.known_probabilities(split, synthetic.class_names, [4, 9], 3)
    for row, sentence in zip((4, 9), caption.rstrip(".").split("; "), strict=True):
        probabilities, classes = split.posterior[row].topk(3)
        listed = [f"{synthetic.class_names[j]} {p:.2f}" for j, p in zip(classes, probabilities, strict=True)]
        assert sentence.endswith(f"labelled {synthetic.class_names[split.labels[row]]}: {', '.join(listed)}")
    pixels = decode(style.png(figure))
    first = split.images[4].permute(1, 2, 0).numpy()
    x, y, side = 20 + (293 - 128) / 2, 20, 128
    at = (np.arange(32) + 0.5) * side / 32
    rows, columns = (style.SCALE * (y + at)).astype(int), (style.SCALE * (x + at)).astype(int)
    assert np.abs(pixels[np.ix_(rows, columns)].astype(int) - first).max() <= 1


def test_topk_profile_tells_top_1_and_top_5():
    _, caption = plots.topk_profile(CURVES)
    assert caption == "a: top-1 50.0%, top-5 100.0%; b: top-1 0.0%, top-5 40.0%."
    assert plots.topk_profile({"a": [0.5, 0.7]})[1] == "a: top-1 50.0%, top-2 70.0%."


BAD = {
    "p_k must sum to 1": lambda: plots.p_k_effect([0.5, 0.4], SCORES, NAMES, SORTER, DOG),
    "p_k must not be longer than the number of classes, 2, got 3": lambda: plots.p_k_effect(
        [0, 0, 1.0], SCORES[:2], NAMES[:2], SORTER, 0
    ),
    "label must be between 0 and 5, got 6": lambda: plots.p_k_effect(HALF, SCORES, NAMES, SORTER, 6),
    "names must hold 2 to 8 classes, got 9": lambda: plots.p_k_effect([1.0], range(9), "abcdefghi", SORTER, 0),
    "scores must hold one finite number for each of 6": lambda: plots.rank_weights({"a": HALF}, (1, 2), NAMES, SORTER),
    "p_ks must hold 1 to 6 distributions, got 0": lambda: plots.rank_weights({}, SCORES, NAMES, SORTER),
    "profiles must hold 1 to 8 networks, got 0": lambda: plots.topk_profile({}),
    r"equally long and not empty, got lengths \[1, 2\]": lambda: plots.topk_profile({"a": [0.1], "b": [0.1, 0.2]}),
    r"profiles\['a'\] must be fractions": lambda: plots.topk_profile({"a": [0.5, 0.4]}),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input_is_refused_by_name(message):
    with pytest.raises(ValueError, match=message):
        BAD[message]()


def test_bad_images_are_refused(synthetic):
    split, names = synthetic.test, synthetic.class_names
    with pytest.raises(ValueError, match="rows must be between 0 and 299, got 300"):
        plots.known_probabilities(split, names, [300])
    with pytest.raises(ValueError, match="rows must hold 1 to 4 images, got 0"):
        plots.known_probabilities(split, names, [])
    with pytest.raises(ValueError, match="count must be between 1 and 8, got 9"):
        plots.known_probabilities(split, names, [0], 9)
    unknown = type(split)(split.images, split.labels)
    with pytest.raises(ValueError, match="split must know the probabilities"):
        plots.known_probabilities(unknown, names, [0])
