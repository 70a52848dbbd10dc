"""The figure of soft sets: dots are the library's probabilities, they lie on the curve, and the caption says them."""

import re

import numpy as np
import pytest
import torch

from topk_lib import SoftTopK
from topk_lib.course import NAMES, SCORES
from topk_lib.course import figures as plots
from topk_lib.course.figures.soft_sets import threshold_of
from topk_lib.experiments.drawing.plane import Plane
from topk_lib.sorters.thresholds import THRESHOLDS

VALUES = torch.tensor(SCORES, dtype=torch.float64)
SETS = {f"{name}\nsomebody": SoftTopK(name, 0.7) for name in THRESHOLDS if name != "clip_squared"}


def fits(name, k):
    return THRESHOLDS[name].constrained or k == round(k)


FIGURES = {
    "soft_sets": lambda t: plots.soft_sets(SETS, SCORES, NAMES, 2, t),
    "soft_sets, one of two classes": lambda t: plots.soft_sets({"a": SoftTopK()}, [3, -1], ["yes", "no"], 0.5, t),
    "soft_sets, crowded": lambda t: plots.soft_sets(
        {"a": SoftTopK("clip", 0.2)}, [1, 1.1, 4], ["wolf", "dog", "cat"], 2, t
    ),
}


@pytest.mark.parametrize(("name", "k"), [(name, k) for name in THRESHOLDS for k in (1, 2, 2.5, 5) if fits(name, k)])
def test_at_the_threshold_the_formula_gives_the_sets(name, k):
    soft = SoftTopK(name, 0.7)
    p = THRESHOLDS[name].cdf((VALUES - threshold_of(soft, VALUES, k)) / 0.7)
    torch.testing.assert_close(p, soft(VALUES, k))
    assert (abs(p.sum().item() - k) < 1e-9) == THRESHOLDS[name].constrained


def test_dots_are_the_probabilities_and_lie_on_the_curve(monkeypatch):
    curves, dots = [], []
    monkeypatch.setattr(Plane, "curve", lambda plane, a, b, *rest: curves.append((a, b)))
    monkeypatch.setattr(Plane, "dots", lambda plane, a, b, *rest: dots.append((a, b)))
    plots.soft_sets(SETS, SCORES, NAMES, 2)
    assert len(curves) == len(dots) == len(SETS)
    for soft, curve, (at, p) in zip(SETS.values(), curves, dots, strict=True):
        assert np.array_equal(at, SCORES) and p == pytest.approx(soft(VALUES, 2).numpy())
        assert np.interp(at, *curve) == pytest.approx(p, abs=1e-3)


def test_the_caption_says_every_number_best_class_first():
    _, caption = plots.soft_sets(SETS, SCORES, NAMES, 2)
    assert caption.startswith("Soft sets of the top 2. laplace, λ = 0.7, b = ")
    for (title, soft), part in zip(SETS.items(), caption.split(";"), strict=True):
        p, best = soft(VALUES, 2), VALUES.argsort(descending=True).tolist()
        assert ", ".join(f"{NAMES[j]} {p[j]:.2f}" for j in best) in part and title.split("\n")[0] in part
        (total,) = re.findall(r"Σp = (\d\.\d\d)", part)
        assert float(total) == pytest.approx(p.sum().item(), abs=0.0051)
        assert ("not 2" in part) == ("dftopk" in part)


BAD = {
    "sets must hold 1 to 6 soft sets, got 0": lambda: plots.soft_sets({}, SCORES, NAMES, 2),
    "names must hold 2 to 8 classes, got 9": lambda: plots.soft_sets(SETS, range(9), [*"abcdefghi"], 2),
    "scores must hold one finite number": lambda: plots.soft_sets(SETS, [1.0], NAMES, 2),
    "k must be .* 6, got 7": lambda: plots.soft_sets(SETS, SCORES, NAMES, 7),
}


@pytest.mark.parametrize("message", BAD)
def test_bad_input_is_refused_by_name(message):
    with pytest.raises(ValueError, match=message):
        BAD[message]()
