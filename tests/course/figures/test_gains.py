"""Figures of gains: the numbers of captions, intervals at their places, fixed size, errors that say what is allowed."""

import io

import numpy as np
import pytest
from matplotlib.lines import Line2D
from PIL import Image

from topk_lib.course import NAMES
from topk_lib.course import figures as plots
from topk_lib.experiments.data.blobs import blob_mixture
from topk_lib.experiments.drawing import style
from topk_lib.experiments.drawing.sheet import Sheet
from topk_lib.experiments.statistics import MeanCI as Gain

RISING = [Gain(-4.0, 0.5), Gain(-2.0, 0.25), Gain(0.5, 1.0), Gain(1.0, 0.5), Gain(2.0, 0.5)]
FLAT = [Gain(0.0, 0.25)] * 5
PANELS = {"linear": {"even": RISING, "half and half": FLAT}, "larger MLP": {"even": FLAT, "half and half": RISING}}
SHARES = {
    "Here": {"one": [0.5, 0.3, 0.2], "two": [0.25, 0.5, 0.25]},
    "There": {"one": [0.1, 0.2, 0.7], "two": [0, 0, 1]},
}
BUCKETS = ("1", "2 to 5", "6 to 50")
ROWS = {
    "linear": [plots.ForestRow("clean", 20.0, Gain(-4.0, 1.0), Gain(2.0, 0.5))],
    "larger MLP": [
        plots.ForestRow("clean, too", 0.5, Gain(0.25, 0.5), Gain(0.0, 0.25)),
        plots.ForestRow("noisy", 3.0, Gain(1.5, 0.5), Gain(0.25, 0.125)),
    ],
}


def mixtures(*spreads):
    return [blob_mixture(198, 6, 3, 2, spread, 3) for spread in spreads]


FIGURES = {
    "paired_gains": lambda t: plots.paired_gains(PANELS, theme=t),
    "paired_gains of one": lambda t: plots.paired_gains({"linear": {"even": RISING}}, theme=t),
    "shares_by_rank": lambda t: plots.shares_by_rank(SHARES, BUCKETS, t),
    "gain_forest": lambda t: plots.gain_forest(ROWS, t),
    "blob_map": lambda t: plots.blob_map(mixtures(0.15, 0.4, 0.8), NAMES, t),
}


def test_the_caption_of_gains_says_first_and_last_with_intervals():
    _, caption = plots.paired_gains(PANELS)
    assert caption == (
        "Points gained over cross-entropy in top-1 and top-5, mean ± 95 % interval. "
        "linear: even −4.0 ± 0.5 and +2.0 ± 0.5, half and half +0.0 ± 0.2 and +0.0 ± 0.2; "
        "larger MLP: even +0.0 ± 0.2 and +0.0 ± 0.2, half and half −4.0 ± 0.5 and +2.0 ± 0.5."
    )


def dots(figure):
    """(x, y) arrays of markers, in figure pixels, in the order of drawing; the legend's are left out."""
    lines = [a for a in figure.get_children() if isinstance(a, Line2D) and a.get_marker() not in ("None", None)]
    return [line.get_xydata() for line in lines if len(line.get_xydata()) > 1]


def test_gains_stand_at_heights_in_proportion_and_series_beside_each_other():
    first, second = dots(plots.paired_gains({"one": {"even": RISING, "other": RISING}})[0])
    heights = first[:, 1]
    steps = np.diff([gain.mean for gain in RISING])
    np.testing.assert_allclose(-np.diff(heights) / steps, -np.diff(heights)[0] / steps[0])
    assert (second[:, 0] > first[:, 0] + 5).all() and np.array_equal(first[:, 1], second[:, 1])


def test_gains_without_panels_with_many_or_unequal_series_are_refused():
    with pytest.raises(ValueError, match="at least one panel with one series"):
        plots.paired_gains({})
    with pytest.raises(ValueError, match="at most 4 series"):
        plots.paired_gains({"one": {str(i): FLAT for i in range(5)}})
    with pytest.raises(ValueError, match=r"must hold the same series, got \[\['even'\], \['other'\]\]"):
        plots.paired_gains({"one": {"even": FLAT}, "two": {"other": FLAT}})
    with pytest.raises(ValueError, match="columns must be between 1 and 5, got 6"):
        plots.paired_gains(PANELS, columns=6)


def test_shares_are_said_in_percent_and_must_fit_the_buckets():
    _, caption = plots.shares_by_rank(SHARES, BUCKETS)
    assert "Here, for labels of rank 1, 2 to 5, 6 to 50: one 50 %, 30 %, 20 %; two 25 %, 50 %, 25 %." in caption
    with pytest.raises(ValueError, match="must hold 2 shares a series"):
        plots.shares_by_rank(SHARES, BUCKETS[:2])
    with pytest.raises(ValueError, match="panels must be 1 to 3"):
        plots.shares_by_rank({str(i): SHARES["Here"] for i in range(4)}, BUCKETS)


def test_the_forest_counts_gains_and_losses_and_names_the_extremes():
    _, caption = plots.gain_forest(ROWS)
    assert caption == (
        "In top-1 1 of 3 lines gain, 1 lose, 1 are open; from −4.0 ± 1.0 (clean) to +1.5 ± 0.5 (noisy) points. "
        "In top-5 2 of 3 lines gain, 0 lose, 1 are open; from +0.0 ± 0.2 (clean, too) to +2.0 ± 0.5 (clean) "
        "points."
    )
    with pytest.raises(ValueError, match="groups must hold at least one row"):
        plots.gain_forest({"linear": []})


def test_the_forest_marks_gains_losses_and_open_ones_by_shape():
    figure, _ = plots.gain_forest(ROWS)
    markers = [a.get_marker() for a in figure.get_children() if isinstance(a, Line2D)]
    assert [m for m in markers if m in "^v"] == ["v", "^", "^", "^"] and markers.count("o") == 4


def test_a_forest_without_room_has_no_column_for_it(monkeypatch):
    written = []
    write = Sheet.text
    monkeypatch.setattr(Sheet, "text", lambda sheet, *a, **k: (written.append(a[2]), write(sheet, *a, **k))[1])

    def words(rows):
        written.clear()
        _, caption = plots.gain_forest(rows)
        return set(written), caption

    bare = {heading: [row._replace(room=None) for row in rows] for heading, rows in ROWS.items()}
    column = {"room in top‑5", "(points)"}
    everything, caption = words(ROWS)
    assert column | {"20.0", "0.5", "3.0"} <= everything
    assert words({"linear": ROWS["linear"], "larger MLP": bare["larger MLP"]})[0] == everything - {"0.5", "3.0"}
    assert words(bare) == (everything - column - {"20.0", "0.5", "3.0"}, caption)


def test_the_map_says_the_best_possible_accuracies_and_refuses_what_it_cannot_draw():
    _, caption = plots.blob_map(mixtures(0.01), NAMES)
    assert caption == "Best possible top-1 and top-2 accuracy: at spread 0.01 100 % and 100 %."
    with pytest.raises(ValueError, match=r"must have 6 classes .* in 2 dimensions, got 6 classes in 3 dimensions"):
        plots.blob_map([blob_mixture(0, 6, 3, 3, 0.5, 3)], NAMES)
    with pytest.raises(ValueError, match="must hold 1 to 3 mixtures, got 4"):
        plots.blob_map(mixtures(0.1, 0.2, 0.3, 0.4), NAMES)


def test_a_class_name_stands_where_its_blob_is():
    """At a tiny spread everything is certain but for thin borders, so the darkest pixels are letters or borders."""
    alone = blob_mixture(0, 2, 1, 2, 0.01, 2)
    pixels = np.asarray(Image.open(io.BytesIO(style.png(plots.blob_map([alone], ("left", "right"))[0]))).convert("L"))
    reach = 1.12 * alone.centres.abs().max().item()
    for across, up in alone.centres[:, 0].tolist():
        x, y = 16 + (across / reach + 1) * 148, 44 + (1 - up / reach) * 148
        patch = pixels[round(1.5 * (y - 6)) : round(1.5 * (y + 6)), round(1.5 * (x - 12)) : round(1.5 * (x + 12))]
        assert (patch < 60).mean() > 0.05
