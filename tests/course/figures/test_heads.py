"""Figures of lesson 09: what m keeps, and paired differences over seeds."""

import io

import numpy as np
import pytest
from matplotlib.lines import Line2D
from PIL import Image

from topk_lib.course import figures as plots
from topk_lib.experiments.drawing import style

POINTS = [(5, 1.0, 0.1), (50, 2.0, 0.5), (1000, 2.5, 1.0)]
CURVES = {"cross-entropy, early": POINTS, "cross-entropy, late": [(5, 0.2, 0.95), (1000, 0.25, 1.0)]}
GROUPS = {
    "slow": {"top-1": ([3.0, 4.0, 5.0], [1.0, 2.0, 3.0]), "top-5": ([9.0, 8.0, 7.0], [8.0, 8.0, 8.0])},
    "fast": {"top-1": ([1.0, 1.0, 1.0], [2.5, 2.5, 2.5]), "top-5": ([9.0, 8.0, 7.0], [9.0, 8.0, 7.0])},
}


def interval(a, b):
    differences = np.subtract(a, b)
    return differences.mean(), differences.min() - 0.25, differences.max() + 0.25


def heads(theme="light", groups=GROUPS):
    return plots.paired_differences(groups, interval, ("cross-entropy", "top-k loss"), theme=theme)


FIGURES = {"kept_by_m": lambda t: plots.kept_by_m(CURVES, t), "paired_differences": heads}


def pixels(figure):
    return np.asarray(Image.open(io.BytesIO(style.png(figure))).convert("RGB")).astype(int)


def test_caption_of_kept_tells_both_ends_and_how_many_are_enough():
    assert plots.kept_by_m(CURVES)[1] == (
        "cross-entropy, early: the loss is 1.00 at m = 5 and 2.50 at m = 1,000; m = 5 keeps 10.0% of the push; "
        "cross-entropy, late: the loss is 0.20 at m = 5 and 0.25 at m = 1,000; m = 5 keeps 95.0% of the push, and at "
        "least 90 % from m = 5 on."
    )


def test_points_are_drawn_at_their_values():
    figure, _ = plots.kept_by_m(CURVES)
    lines = [a for a in figure.get_children() if isinstance(a, Line2D) and len(a.get_xdata()) == len(POINTS)]
    curves = [line.get_xydata() for line in lines if line.get_linestyle() != "None"]
    assert len(curves) == 2
    for drawn, column in zip(curves, (1, 2), strict=True):
        across, up = np.diff(np.log([p[0] for p in POINTS])), np.diff([p[column] for p in POINTS])
        steps = np.diff(drawn, axis=0)
        np.testing.assert_allclose(steps[:, 0] / across, steps[0, 0] / across[0])
        np.testing.assert_allclose(steps[:, 1] / up, steps[0, 1] / up[0])
        assert steps[0, 0] > 0 > steps[0, 1]


def test_caption_of_differences_tells_means_intervals_and_those_that_hold_zero():
    assert heads()[1] == (
        "slow: top-1 +2.00, interval +1.75 to +2.25; top-5 +0.00, interval -1.25 to +1.25, which holds 0; "
        "fast: top-1 -1.50, interval -1.75 to -1.25; top-5 +0.00, interval -0.25 to +0.25, which holds 0."
    )


def test_a_clear_difference_is_coloured_and_lies_on_its_side_of_zero():
    seen = pixels(heads()[0])
    blue, vermillion = ([int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (style.BLUE, style.VERMILLION))
    half = seen.shape[1] // 2
    for color, side, sign in ((blue, slice(0, half), 1), (vermillion, slice(half, None), -1)):
        columns = np.nonzero((np.abs(seen[:, side] - color).sum(2) < 12).any(0))[0]
        zero = zero_line(seen[:, side])
        assert len(columns) > 20 and (sign * (columns - zero) > 0).all()


def zero_line(seen):
    """The darkest column: zero is a line in ink through all rows."""
    return int((seen.sum(2) < 200).sum(0).argmax())


BAD = {
    r"curves must hold 1 to 4 losses, got 0": lambda: plots.kept_by_m({}),
    r"curves\['a'\] must hold two or more numbers in ascending order, got \[50, 5\]": lambda: plots.kept_by_m(
        {"a": [POINTS[1], POINTS[0]]}
    ),
    r"groups must hold 1 to 3 groups of 1 to 6 rows, got 0": lambda: heads(groups={}),
    r"groups must have the same rows, got \[\['top-1', 'top-5'\], \['top-1'\]\]": lambda: heads(
        groups={"a": GROUPS["slow"], "b": {"top-1": ([1.0, 2.0], [1.0, 2.0])}}
    ),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input_is_refused_by_name(message):
    with pytest.raises(ValueError, match=message):
        BAD[message]()
