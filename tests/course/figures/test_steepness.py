"""Figures on steepness: size and paper, and captions whose numbers are those of the library."""

import math
import re

import numpy as np
import pytest
import torch
from matplotlib.lines import Line2D

import topk_lib
from topk_lib import SIGMOIDS, Comparator
from topk_lib.course import figures as plots
from topk_lib.course.figures.steepness import VALUES, size_label, trade
from topk_lib.experiments.drawing import style
from topk_lib.experiments.drawing.plane import Plane, Scale, power_of_ten
from topk_lib.experiments.drawing.sheet import Sheet
from topk_lib.experiments.results import read_result
from topk_lib.sorters import SORTERS, sorter_of_steepness

NAMES = ("cat", "fox", "ship", "dog", "car", "wolf")
SCORES = (0.4, 2.0, -1.5, 1.1, -0.8, 1.7)
S = torch.tensor(SCORES, dtype=torch.double)


def network(name="cauchy", kind="odd_even", art_lambda=0.25):
    return lambda steepness: topk_lib.SortingNetwork(kind, steepness, name, art_lambda)


FIGURES = {
    "sigmoid_curves": lambda t: plots.sigmoid_curves(theme=t),
    "error_against_steepness": lambda t: plots.error_against_steepness(theme=t),
    "soft_minimum": lambda t: plots.soft_minimum(theme=t),
    "softness_outcomes": lambda t: plots.softness_outcomes(read_result("softness"), t),
    "tie_slopes": lambda t: plots.tie_slopes(theme=t),
    "rising_score": lambda t: plots.rising_score(SCORES, NAMES, "car", theme=t),
    "steepness_trade": lambda t: plots.steepness_trade(network(), 2, SCORES, NAMES, "dog", 2, "title", theme=t),
}


def test_captions_of_sigmoids_are_those_of_the_comparators():
    _, caption = plots.sigmoid_curves(2.0, names=("gaussian", "cauchy"))
    comparator = Comparator("cauchy", 2.0)
    alpha, slope = comparator.alpha(torch.tensor([1.0, 10.0])), comparator.slope(torch.tensor([1.0, 10.0]))
    numbers = f"Cauchy {alpha[0]:.3f} and {alpha[1]:.3f}, slope {slope[0]:.3f} and {slope[1]:.1e}."
    assert caption.endswith(numbers) and "logistic" not in caption


@pytest.mark.parametrize("name", [name for name in SIGMOIDS if name != "logistic_phi"])
def test_measured_errors_are_the_declared_bounds(name):
    _, caption = plots.error_against_steepness((0.5, 4.0), names=(name,))
    bound, slope = SIGMOIDS[name].error_bound, SIGMOIDS[name].slope
    assert f"{style.in_words(name)} {bound:.3f} (bound {bound:.3f})" in caption
    assert caption.endswith(f"times slope instead {bound * slope:.3f}.")


def test_art_falls_faster_than_one_over_the_steepness():
    _, caption = plots.error_against_steepness((1.0, 2.0), art_lambda=0.5, names=("logistic_phi",))
    first, last = (float(x) for x in re.findall(r"(\d\.\d+) at", caption))
    assert first / last == pytest.approx(4, rel=0.02)  # error ~ β^(-1/(1-λ))


def test_the_soft_minimum_falls_for_exactly_those_that_are_not_monotone():
    _, caption = plots.soft_minimum(2.0)
    for name, sigmoid in SIGMOIDS.items():
        verdict = "never falls" if sigmoid.monotone else "falls from"
        assert f"{style.in_words(name)} {verdict}" in caption
    top = SIGMOIDS["gaussian"].error_bound / 2
    assert f"where it is {top:.3f}; reciprocal" in caption


def test_slopes_at_a_tie_are_powers_of_ten_in_the_original_formula():
    _, caption = plots.tie_slopes((0.3,))
    ours = 4 * Comparator("logistic_phi", 1.0, 0.3).max_slope
    assert "the original formula is 1000 times as steep" in caption and f"the library {ours:.2f} times" in caption
    with pytest.raises(ValueError, match="art_lambdas must hold one or two numbers, got \\[\\]"):
        plots.tie_slopes(())


def test_a_rising_score_pulls_a_logistic_network_down_and_never_a_monotone_one():
    kinds = ("logistic", "reciprocal", "cauchy", "optimal")
    _, caption = plots.rising_score(SCORES, NAMES, "car", 2.0, kinds)
    assert "logistic network falls by" in caption and caption.count("never falls") == 3
    low = re.search(r"down to (\d\.\d\d) where car has (\d\.\d\d)", caption)
    moved = S.clone()
    moved[4] = float(low[2])
    assert (network("logistic")(2.0)(moved) @ moved)[0].item() == pytest.approx(float(low[1]), abs=0.006)


@pytest.mark.parametrize("name", SORTERS)
def test_one_batch_equals_one_steepness_at_a_time(name):
    settings = {"distribution": "logistic"} if name in ("odd_even", "bitonic", "splitter_selection") else {}

    def make(steepness):
        return sorter_of_steepness(name, steepness, **settings)

    whole = trade(make, VALUES[::4], SCORES, 3, 2)
    for i, value in enumerate(VALUES[::4]):
        s = S.clone().requires_grad_()
        loss = topk_lib.topk_cross_entropy(s, torch.tensor(3), p_k=[0.0, 1.0], sorter=make(value))
        (gradient,) = torch.autograd.grad(loss, s)
        P = make(value).matrix(S)
        assert whole.losses[i] == pytest.approx(loss.item(), abs=1e-4)
        assert whole.gradients[i] == pytest.approx(gradient.norm().item(), rel=2e-2, abs=1e-6)
        order = S.argsort(descending=True)
        assert whole.misplaced[i] == pytest.approx(1 - P[torch.arange(6), order].mean().item(), abs=1e-6)


def test_the_batch_knows_that_art_does_not_scale_with_the_scores():
    tied = (0.4, 2.0, 1.1, 1.1, -0.8, 1.7)
    whole = trade(network("logistic_phi", art_lambda=0.5), (0.5, 2.0), tied, 3, 2)
    for i, value in enumerate((0.5, 2.0)):
        x = torch.tensor(tied, dtype=torch.double, requires_grad=True)
        sorter = network("logistic_phi", art_lambda=0.5)(value)
        loss = topk_lib.topk_cross_entropy(x, torch.tensor(3), p_k=[0.0, 1.0], sorter=sorter)
        assert whole.gradients[i] == pytest.approx(torch.autograd.grad(loss, x)[0].norm().item())
    assert whole.gradients[1] > 50


def test_the_trade_shows_what_it_says():
    _, caption = plots.steepness_trade(network(), 4, SCORES, NAMES, "dog", 3, "odd-even\nβ = 4")
    now, all_values = trade(network(), (4.0,), SCORES, 3, 3), trade(network(), VALUES, SCORES, 3, 3)
    assert caption.startswith("odd-even, β = 4: rank 1 is ")
    assert f"{now.misplaced[0]:.3f} of all probabilities are in a wrong place" in caption
    assert f"“dog in the top 3” is {now.losses[0]:.3f}, its gradient's norm {now.gradients[0]:.3f}" in caption
    assert f"at most {all_values.gradients.max():.3f}" in caption


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steepness": 0.01}, "steepness must be between 1/16 and 64, got 0.01"),
        ({"label": "cow"}, "label must be one of 'cat', .*got 'cow'"),
        ({"k": 7}, "k must be between 1 and 6, got 7"),
        ({"scores": range(9), "names": "abcdefghi", "label": "a"}, "names must hold 1 to 8 classes, got 9"),
    ],
)
def test_wrong_settings_of_the_trade_are_named(arguments, message):
    settings = {"steepness": 2, "scores": SCORES, "names": NAMES, "label": "dog", "k": 2, "title": ""}
    with pytest.raises(ValueError, match=message):
        plots.steepness_trade(network(), **{**settings, **arguments})


def test_a_vanished_gradient_is_said_in_words():
    assert (size_label(0.0004), size_label(0.0006)) == ("below 0.001", "0.001")


def test_unknown_distributions_and_none_are_refused():
    with pytest.raises(ValueError, match=r"distributions must be one of 'logistic', .*got 'normal'"):
        plots.sigmoid_curves(names=("normal",))
    with pytest.raises(ValueError, match="distributions must hold at least one name, got none"):
        plots.soft_minimum(names=())


def test_scales_place_their_ends_and_middles():
    assert Scale(1, 100, (), log=True).fraction([1, 10, 100]) == pytest.approx([0, 0.5, 1])
    assert Scale(-2, 2, ()).fraction([-2, 0, 3]) == pytest.approx([0, 0.5, 1.25])
    assert Scale(1, 10, (), log=True).fraction(0) < 0
    assert [power_of_ten(x) for x in (0.01, 1, 1000, 1e4, 1e-12)] == ["0.01", "1", "1000", "10⁴", "10⁻¹²"]


def test_a_curve_is_cut_off_at_the_edges_of_its_plane():
    sheet = Sheet(200, 200)
    plane = Plane(sheet, 50, 50, 100, 100, Scale(0, 1, ()), Scale(0, 1, ()), "", "")
    plane.curve([0, 1], [-1, 2], sheet.colors.series[0])
    (line,) = sheet.figure().findobj(Line2D)
    xs, ys = (np.asarray(part, float) for part in line.get_data())
    seen = np.isfinite(ys)
    assert ys[seen].min() >= 49 and ys[seen].max() <= 151
    assert xs[seen].min() == pytest.approx(50 + 100 / 3, abs=1) and math.isclose(
        xs[seen].max(), 50 + 200 / 3, abs_tol=1
    )
