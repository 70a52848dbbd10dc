"""The steepness explorer, moved without a browser: what it shows, says, remembers and refuses."""

import re

import numpy as np
import pytest
import torch

import topk_lib
from topk_lib.course import NAMES, SCORES
from topk_lib.course.figures.steepness import VALUES, trade
from topk_lib.course.panels import SteepnessExplorer
from topk_lib.sigmoids import SIGMOIDS
from topk_lib.sorters import SORTERS

from .looking import click


@pytest.fixture
def panel():
    panel = SteepnessExplorer()
    panel.strict = True
    return panel


def changes(panel):
    """Every control with a way to move it."""
    yield "steepness", lambda: setattr(panel.steepness.slider, "value", 4.0)
    yield "k", lambda: setattr(panel.k.slider, "value", 3)
    yield "label", lambda: setattr(panel.label, "value", "ship")
    for name, knob in zip(NAMES, panel.scores, strict=True):
        yield name, lambda knob=knob: setattr(knob.slider, "value", knob.slider.value + 0.5)
    yield "distribution", lambda: setattr(panel.distribution, "value", "logistic_phi")
    yield "art_lambda", lambda: setattr(panel.art_lambda.slider, "value", 0.5)
    yield "sorter", lambda: setattr(panel.sorter, "value", "soft_topk")
    yield "threshold", lambda: setattr(panel.threshold, "value", "capped_exp")


@pytest.mark.parametrize("steepness", [1 / 16, 2.0, 64.0])
@pytest.mark.parametrize("sorter", ["bitonic", "sinkhorn", "softsort", "soft_topk"])
def test_the_caption_says_what_the_library_gives(panel, sorter, steepness):
    with panel.together():
        panel.sorter.value, panel.distribution.value, panel.steepness.value = sorter, "logistic", steepness
        panel.threshold.value = "clip_squared"
        panel.scores[0].value, panel.k.value, panel.label.value = -2.2, 3, "wolf"
    scores = torch.tensor((-2.2, *SCORES[1:]), dtype=torch.float64, requires_grad=True)
    soft = {"bitonic": topk_lib.SortingNetwork("bitonic", steepness, "logistic")}
    soft |= {"sinkhorn": topk_lib.SinkhornSort(1 / steepness), "softsort": topk_lib.SoftSort(1 / steepness)}
    soft |= {"soft_topk": topk_lib.SoftTopK("clip_squared", 1 / steepness)}
    P = soft[sorter].matrix(scores)
    loss = topk_lib.topk_cross_entropy(scores, torch.tensor(5), p_k=[0, 0, 1.0], sorter=soft[sorter])
    (gradient,) = torch.autograd.grad(loss, scores)
    misplaced = 1 - P[torch.arange(6), scores.argsort(descending=True)].mean().item()
    size = gradient.norm().item()
    assert panel.caption.startswith(f"{SORTERS.display_name(sorter)}, β = {steepness:.3g}")
    assert (f", λ = 1/β = {1 / steepness:.3g}, clip squared: " in panel.caption) == (sorter == "soft_topk")
    assert f" with {P[0].max():.2f}" in panel.caption
    assert f"{misplaced:.3f} of all probabilities are in a wrong place" in panel.caption
    assert f"“wolf in the top 3” is {loss.item():.3f}" in panel.caption
    assert f"norm {size:.3f}" in panel.caption or (size < 0.0005 and "norm below 0.001" in panel.caption)


@pytest.mark.parametrize("sorter", SORTERS)
def test_it_draws_every_registered_sorter(panel, sorter):
    panel.sorter.value = sorter
    assert panel.caption.startswith(SORTERS.display_name(sorter)) or sorter == "odd_even"
    assert panel.threshold.disabled == (sorter != "soft_topk")


def test_presets_set_what_they_say_and_redraw_once(panel, monkeypatch):
    updates = []
    monkeypatch.setattr(panel, "_picture", lambda state: updates.append(state) or (b"", "", (1, 1)))
    for name in ("a far-away label", "a tie with ART", "paper's ART: β = 0.5, λ = 0.5", "reset all"):
        click(panel, name)
    far, tie, paper, reset = updates
    assert (far.distribution, far.label, far.steepness, far.scores) == ("logistic", "ship", 8.0, SCORES)
    assert tie.scores == (0.4, 2.0, 1.1, 1.1, -0.8, 1.7) and tie.distribution == "logistic_phi"
    assert (paper.distribution, paper.steepness, paper.art_lambda) == ("logistic_phi", 0.5, 0.5)
    assert paper.scores == SCORES and reset == SteepnessExplorer().read()


def test_presets_that_need_a_network_bring_one(panel):
    panel.sorter.value = "sinkhorn"
    panel.preset("a tie with ART")
    assert panel.sorter.value == "odd_even"


def test_a_far_away_label_has_lost_its_gradient_and_a_tie_has_too_much(panel):
    panel.preset("a far-away label")
    assert "“ship in the top 2” is 16.118, its gradient's norm 0.002" in panel.caption
    panel.preset("a tie with ART")
    norm = float(re.search(r"norm (\d+\.\d+)", panel.caption)[1])
    assert norm > 50


def test_controls_without_effect_are_greyed_out(panel):
    assert not panel.distribution.disabled and panel.art_lambda.slider.disabled
    panel.distribution.value = "logistic_phi"
    assert not panel.art_lambda.slider.disabled and "λ = 0.25" in panel.caption
    panel.art_lambda.box.value = 0.4
    assert panel.art_lambda.slider.value == 0.4 and "λ = 0.4" in panel.caption
    panel.art_lambda.button.click()
    assert panel.art_lambda.box.value == 0.25 and "λ = 0.25" in panel.caption
    panel.sorter.value = "softsort"
    assert panel.distribution.disabled and panel.art_lambda.box.disabled
    assert "SoftSort, β = 2, τ = 1/β = 0.5" in panel.caption


def test_moving_the_steepness_keeps_the_curves(panel):
    before = panel._curves.cache_info().misses
    for value in (1.0, 4.0, 8.0):
        panel.steepness.value = value
    panel.dark.value = True
    assert panel._curves.cache_info().misses == before
    panel.scores[0].value = 0.0
    assert panel._curves.cache_info().misses == before + 1


def test_the_largest_gradient_is_that_of_the_label_and_k_that_are_set(panel):
    for label, k in (("dog", 2), ("ship", 2), ("ship", 4)):
        panel.label.value, panel.k.value = label, k
        sizes = trade(lambda b: topk_lib.SortingNetwork("odd_even", b), VALUES, SCORES, NAMES.index(label), k).gradients
        assert f"at most {sizes.max():.3f}, at β = {VALUES[sizes.argmax()]:.3g}." in panel.caption


def test_no_state_that_can_be_set_warns_or_fails(panel):
    generator = np.random.default_rng(0)
    for sorter in SORTERS:
        for distribution in SIGMOIDS if sorter in ("odd_even", "splitter_selection") else ("gaussian",):
            for steepness in (1 / 16, 64):
                with panel.together():
                    panel.sorter.value, panel.distribution.value = sorter, distribution
                    panel.steepness.value = steepness
                    panel.art_lambda.value = generator.choice([0.0, 0.9])
                    panel.k.value = int(generator.integers(1, 7))
                    for knob in panel.scores:
                        knob.value = generator.choice([-3.0, 3.0, round(generator.uniform(-3, 3), 1)])
                assert panel.error == "" and "nan" not in panel.caption


def test_other_scores_and_names_and_wider_scales():
    panel = SteepnessExplorer((5.5, -1.0), ("yes", "no"), label="no", k=1, sorter="neuralsort", steepness=16)
    assert panel.error == "" and "rank 1 is yes" in panel.caption and "“no in the top 1”" in panel.caption
    assert (panel.scores[0].slider.min, panel.scores[0].slider.max) == (-6, 6)
    panel.preset("a tie with ART")
    assert panel.read().scores == (-1.0, -1.0) and panel.error == ""


BAD = [
    ({"scores": [1.0]}, "scores must be 2 to 8 numbers, one per name"),
    ({"scores": range(9), "names": "abcdefghi"}, "scores must be 2 to 8 numbers, one per name"),
    ({"label": "cow"}, "label must be one of 'cat', .*got 'cow'"),
    ({"k": 7}, "k must be between 1 and 6, got 7"),
    ({"sorter": "quicksort"}, "sorter must be one of 'odd_even', .*got 'quicksort'"),
    ({"distribution": "normal"}, "distribution must be one of 'logistic', .*got 'normal'"),
    ({"steepness": 100}, "steepness must be between 1/16 and 64, got 100"),
    ({"theme": "sepia"}, "theme must be one of 'light', 'dark', got 'sepia'"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_arguments_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        SteepnessExplorer(**arguments)
