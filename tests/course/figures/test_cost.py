"""Figures of what networks cost: their captions count right, and what they draw is where it should be."""

import copy
import re

import numpy as np
import pytest
import torch

from topk_lib import SortingNetwork
from topk_lib.course import LABEL, NAMES, SCORES, scores
from topk_lib.course.figures import cost_curves, network_cost, payload_ride, selection_rounds
from topk_lib.course.figures.costs import ratios
from topk_lib.course.figures.selection_rounds import survivors
from topk_lib.course.lesson_05.measure import measure
from topk_lib.course.lesson_05.selection import cascades
from topk_lib.experiments.drawing import style
from topk_lib.experiments.results import read_result
from topk_lib.networks import bitonic, odd_even, splitter_selection

from .test_captions import decode

SIZES = (8, 16, 32)


@pytest.fixture(scope="module")
def record():
    return measure(sizes=(6, 12), k=3, batch=2, rounds=1)


FIGURES = {
    "network_cost": lambda t: network_cost(SIZES, 5, t),
    "selection_rounds": lambda t: selection_rounds(cascades(16, 5), 5, t),
    "payload_ride": lambda t: payload_ride("splitter_selection", SCORES, NAMES, "dog", 3, theme=t),
    "cost_curves": lambda t: cost_curves(read_result("cost"), t),
}


def test_network_cost_counts_as_the_networks_do():
    _, caption = network_cost(SIZES, k=5)
    few, many = splitter_selection(32, 5), bitonic(32)
    assert caption == (
        f"For n = 32: odd-even {odd_even(32).size} comparators in 32 layers; bitonic {many.size} comparators in "
        f"{many.depth} layers; splitter selection {few.size} comparators in {few.depth} layers (top 5 only), "
        f"{many.size / few.size:.1f} times fewer than bitonic."
    )


def test_a_dot_stands_at_every_size_on_both_log_axes():
    pixels = decode(style.png(network_cost(SIZES, k=5)[0]))
    color = 255 * style.rgb(style.look("light", "odd_even").color)
    drawn = np.abs(pixels.astype(int) - color).max(axis=2) < 12
    for left, values in ((66, [odd_even(n).size for n in SIZES]), (556, [8, 16, 32])):
        for i, value in enumerate(values):
            low = 8 if left == 66 else min(values[0], bitonic(8).depth, splitter_selection(8, 5).depth)
            high = 1.3 * values[-1]
            y = 54 + 296 * (1 - np.log(value / low) / np.log(high / low))
            x = left + 380 * i / 2
            if value not in (8, 28):  # there the other networks' dots lie on top
                assert drawn[int(style.SCALE * y), int(style.SCALE * x)], (left, value)


@pytest.mark.parametrize("sizes", [(8,), (16, 8), (4, 8), (8, 2048), (8, 8)])
def test_network_cost_refuses_sizes_it_cannot_draw(sizes):
    with pytest.raises(
        ValueError, match=r"sizes must (hold two or more numbers in ascending order|be between 5 and 1024), got"
    ):
        network_cost(sizes, k=5)


def test_selection_rounds_say_who_is_left():
    rounds = cascades(16, 5)
    _, caption = selection_rounds(rounds, k=5)
    left = [sum(rank < 5 for rank in ranks) for _, ranks in rounds]
    assert f"by {len(rounds)} cascades of {', '.join(str(len(lanes)) for lanes, _ in rounds)} lanes" in caption
    assert f"behind them {', '.join(map(str, left))} lanes" in caption and left[-1] == 5
    assert survivors([0, 1, 4, 5, 9], 5) == 3


def test_lanes_that_play_are_boxes_with_the_last_lane_on_top():
    pixels = decode(style.png(selection_rounds([((5, 4, 0), (1, 0, 0, 0, 1, 0))], k=2)[0]))
    filled = [
        tuple(pixels[int(style.SCALE * (108 + (5 - lane + 0.5) * 34)), int(style.SCALE * (92 + 60 - 24))])
        == (0x00, 0x72, 0xB2)
        for lane in range(6)
    ]
    assert filled == [True, False, False, False, True, True]


def test_selection_rounds_refuse_what_does_not_fit():
    with pytest.raises(ValueError, match="rounds must hold 1 to 12 cascades, got 0"):
        selection_rounds([], 5)
    with pytest.raises(ValueError, match="rounds must be about at most 16 lanes, got 17"):
        selection_rounds(cascades(17, 5), 5)


@pytest.mark.parametrize("kind", ["odd_even", "bitonic", "splitter_selection"])
def test_payload_ride_ends_in_the_label_s_rank_probabilities(kind):
    _, caption = payload_ride(kind, SCORES, NAMES, "dog", k=3, steepness=1.5)
    sorter = SortingNetwork(kind, steepness=1.5)
    probabilities = sorter.rank_probabilities(scores(torch.double), torch.tensor(LABEL), 3).tolist()
    shown = [float(found) for found in re.findall(r"rank \d (\d\.\d\d)", caption)]
    assert shown == pytest.approx(probabilities, abs=0.0051)
    assert f"together {sum(probabilities):.2f}, and {1 - sum(probabilities):.2f} is left" in caption


def test_the_payload_starts_on_its_own_lane():
    pixels = decode(style.png(payload_ride("odd_even", SCORES, NAMES, "fox", k=6)[0]))
    full, empty = (style.heat(np.array([share]))[0] * 255 for share in (1.0, 0.0))
    for lane in range(6):
        seen = pixels[int(style.SCALE * (96 + (5 - lane + 0.5) * 46)), int(style.SCALE * 122)]
        assert np.abs(seen - (full if NAMES[lane] == "fox" else empty)).max() < 2, lane


def test_payload_ride_refuses_names_it_does_not_have_and_too_many():
    with pytest.raises(ValueError, match=r"target must be one of 'cat'.*got 'cow'"):
        payload_ride("odd_even", SCORES, NAMES, "cow", 3)
    with pytest.raises(ValueError, match="names must hold 1 to 8 classes, got 9"):
        payload_ride("odd_even", range(9), [f"c{i}" for i in range(9)], "c1", 3)


def test_ratios_divide_by_the_payload_on_the_same_network_and_size(record):
    rows = {(row["network"], row["way"], row["n"]): row["peak_bytes"] for row in record["rows"]}
    for (kind, way), (sizes, values) in ratios(record["rows"], "peak_bytes").items():
        assert sizes == [6, 12]
        assert values == [rows[kind, way, n] / rows[kind, "payload", n] for n in sizes]


def test_cost_curves_say_the_last_ratio_of_each_network(record):
    changed = copy.deepcopy(record)
    for row in changed["rows"]:
        row["seconds"] = {"payload": 1.0, "k rows": 1.5, "whole matrix": row["n"]}[row["way"]]
        row["peak_bytes"] = {"payload": 10, "k rows": 20, "whole matrix": 40 * row["n"]}[row["way"]]
    _, caption = cost_curves(changed)
    for name in ("odd-even", "bitonic", "splitter selection"):
        assert f"{name} at n = 12: 12 times the time, 48 times the memory" in caption
    assert "k = 3 rows: 1.5 to 1.5 times the time" in caption
    assert f"torch {torch.__version__}." in caption and "batches of 2" in caption


def test_cost_curves_refuse_a_record_with_holes(record):
    holes = {**record, "rows": [row for row in record["rows"] if row["way"] != "payload"]}
    with pytest.raises(ValueError, match="record has no row for the payload on odd_even with n = 6"):
        cost_curves(holes)
    with pytest.raises(ValueError, match=r"record must hold at least two sizes, got \[6\]"):
        cost_curves({**record, "rows": [row for row in record["rows"] if row["n"] == 6]})
