"""Figures of comparisons and grids: curves, intervals and values stand where the records put them."""

import copy
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.lines import Line2D

from topk_lib.course import figures as plots
from topk_lib.course.panels import MethodSwitch, SteepnessExplorer
from topk_lib.experiments.drawing import style
from topk_lib.experiments.drawing.intervals import Forest, Interval, points_scale
from topk_lib.experiments.drawing.plane import spread
from topk_lib.experiments.drawing.sheet import Sheet
from topk_lib.experiments.grids.grid_results import GridResults, summarize
from topk_lib.sorters import SORTERS, SoftSort

from ...experiments.training.test_compare import RECORDS
from ...experiments.training.test_grid_results import folder


@pytest.fixture
def written(monkeypatch):
    """Every text that a figure writes, as (text, bold)."""
    texts, write = [], Sheet.text

    def text(sheet, x, y, words, *rest, bold=False, **others):
        texts.append((words, bold))
        write(sheet, x, y, words, *rest, bold=bold, **others)

    monkeypatch.setattr(Sheet, "text", text)
    return texts


def lines(figure, count):
    """(x, y) of every curve through so many points."""
    found = [artist for artist in figure.get_children() if isinstance(artist, Line2D)]
    return [a.get_xydata() for a in found if a.get_linestyle() != "None" and len(a.get_xydata()) == count]


@pytest.mark.parametrize("theme", style.THEMES)
def test_the_comparison_is_drawn_without_a_screen_and_its_caption_says_its_numbers(theme):
    figure, caption = plots.comparison_figure(RECORDS, theme)
    assert isinstance(figure.canvas, FigureCanvasAgg)
    figure.canvas.draw()
    assert figure.canvas.get_width_height() == (1920, 900)
    assert "cross-entropy: top-1 50.0%, top-2 61.0%, top-3 72.0%, top-5 83.0%." in caption
    assert "top-k loss: top-1 40.0%" in caption and "best possible: top-1 60.0%" in caption


def test_the_comparison_shows_the_curves_of_the_records():
    figure, _ = plots.comparison_figure(RECORDS)
    expected = np.array([[row[k] for row in run["epochs"]] for k in ("top1", "top5") for run in RECORDS.values()])
    heights = np.array([xy[:, 1] for xy in lines(figure, 3)])
    slope, start = np.polyfit(expected.ravel(), heights.ravel(), 1)
    np.testing.assert_allclose(heights, start + slope * expected, atol=1e-6)
    assert slope < 0


def test_the_comparison_writes_the_difference_of_two_and_not_of_three(written):
    plots.comparison_figure(RECORDS)
    texts = [text for text, _ in written]
    first = texts.index("top-k loss −")
    assert texts[first : first + 7] == ["top-k loss −", "cross-entropy,", "points", "−10.0", "−6.0", "−2.0", "+5.0"]
    written.clear()
    plots.comparison_figure({**RECORDS, "third": RECORDS["ce"]})
    assert "points" not in [text for text, _ in written]


def test_the_comparison_does_without_a_known_best_and_with_few_classes():
    records = {name: copy.deepcopy(run) for name, run in RECORDS.items()}
    for run in records.values():
        del run["data"]["best_possible"], run["final"]["top5"]
    figure, caption = plots.comparison_figure(records)
    figure.canvas.draw()
    assert len(lines(figure, 3)) == 2 and "best possible" not in caption


def test_names_are_moved_apart_as_little_as_it_takes_and_keep_their_order():
    assert spread([1.0, 5.0, 9.0], gap=1.0) == [1.0, 5.0, 9.0]
    assert spread([5.0, 5.2], gap=1.0) == pytest.approx([4.6, 5.6])
    assert spread([3.0, 1.0, 3.1, 2.9, 8.0], gap=1.0) == pytest.approx([3.0, 1.0, 4.0, 2.0, 8.0])
    crowded = sorted(spread([0.1 * i for i in range(9)], gap=0.5))
    assert all(b - a > 0.499 for a, b in pairwise(crowded))


def test_the_grid_shows_every_gain_at_its_place_with_its_value(tmp_path, written):
    results = GridResults(summarize(folder(tmp_path), ""))
    figure, _ = plots.grid_figure(results)
    assert [text for text, _ in written if text.startswith("top-")] == ["top-1", "top-2", "top-3", "top-5"]
    marks = [a for a in figure.get_children() if isinstance(a, Line2D) and a.get_marker() in ("o", "s")]
    gains = [results.gain(c, "even", k) for k in ("top1", "top2", "top3", "top5") for c in results.conditions]
    assert len(marks) == len(gains) + len(results.conditions), "a mark per gain, and one per entry of the legend"
    values = [(text, bold) for text, bold in written if "±" in text]
    assert values == [(str(gain), gain.verdict != "open") for gain in gains]


def test_the_grid_does_with_one_seed(tmp_path, written):
    figure, caption = plots.grid_figure(
        GridResults(summarize(folder(tmp_path, seeds=(0,), tune={"lr": (0.1,)}), "")), "dark"
    )
    figure.canvas.draw()
    assert "one seed, no interval" in caption
    assert not any("nan" in text or "±" in text for text, _ in written) and ("+2.0", False) in written


def test_a_forest_is_to_scale_and_says_what_does_not_hold_zero(written):
    intervals = [Interval(-3.0, -4.0, -2.0), Interval(0.5, -0.5, 1.5), Interval(2.0, 1.0, 3.0)]
    assert [interval.verdict for interval in intervals] == ["loss", "open", "gain"]
    sheet = Sheet(400, 200)
    scale = points_scale(intervals, 7)
    assert (scale.low, scale.high, list(scale.ticks)) == (-4, 3, [-4, -3, -2, -1, 0, 1, 2, 3])
    forest = Forest(sheet, 40, 140, 160, scale, 50, "title")
    for i, interval in enumerate(intervals):
        forest.draw(60 + 30 * i, interval)
    marks = [a for a in sheet.figure().get_children() if isinstance(a, Line2D)]
    places = [(a.get_marker(), round(float(a.get_xdata()[0]), 6)) for a in marks]
    assert places == [("v", 70.0), ("o", 140.0), ("o", 140.0), ("^", 170.0)]
    values = [(text, bold) for text, bold in written if "[" in text]
    assert values == [(str(interval), interval.verdict != "open") for interval in intervals]


def test_a_scale_of_points_holds_zero_and_does_without_intervals():
    assert points_scale([Interval(2.0, float("nan"), float("nan"))], 5).low == 0
    assert points_scale([Interval(0.0, 0.0, 0.0)], 5).high > 0


def test_a_new_sorter_has_its_registered_name_and_a_look_of_its_own():
    before = {key: style.look("light", key) for key in style.methods()}
    SORTERS.register("toy_sorter", "ToySort")(SoftSort)
    try:
        looks = style.looks("light", [*before, "ToySort"])
        new = style.look("light", "toy_sorter")
        assert new == looks["ToySort"] and new.name == "ToySort"
        assert all(
            old == looks[key] and old.color != new.color and old.marker != new.marker for key, old in before.items()
        )
        assert MethodSwitch(methods=["toy_sorter"]).caption.startswith("ToySort, τ = 0.5: ")
        assert "toy_sorter" in dict(SteepnessExplorer().sorter.options).values()
    finally:
        SORTERS.remove("toy_sorter")


def test_methods_have_one_look_whatever_they_are_called_and_others_what_is_free():
    for theme in style.THEMES:
        whole = [style.look(theme, key) for key in style.methods()]
        assert len({look.color for look in whole}) == len({look.marker for look in whole}) == len(whole)
        looks = style.looks(theme, ["softsort", "mine", "bitonic", "cross-entropy", "another"])
        assert looks["softsort"] == style.look(theme, "softsort") == style.looks(theme, ["SoftSort"])["SoftSort"]
        assert looks["cross-entropy"] == style.look(theme, "ce")
        assert len({look.color for look in looks.values()}) == 5
