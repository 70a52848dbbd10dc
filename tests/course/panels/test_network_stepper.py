"""The network stepper, moved without a browser: layer by layer, forwards, backwards and by itself."""

import itertools
import re

import ipywidgets as widgets
import numpy as np
import pytest
import torch

import topk_lib
from topk_lib.course import NAMES, SCORES
from topk_lib.course.figures import network_diagram, png
from topk_lib.course.figures.network_run import BUILDERS
from topk_lib.course.panels import NetworkStepper
from topk_lib.course.panels.controls import Knob
from topk_lib.course.panels.network_stepper import GIVEN, ORDERS
from topk_lib.networks import bitonic, splitter_selection
from topk_lib.sigmoids import SIGMOIDS

from .looking import click


@pytest.fixture
def panel():
    panel = NetworkStepper()
    panel.strict = True
    return panel


def changes(panel):
    """Every control with a way to move it."""
    yield "layers done", lambda: setattr(panel.step.slider, "value", 4)
    yield "steepness", lambda: setattr(panel.steepness.slider, "value", 2.0)
    yield "distribution", lambda: setattr(panel.distribution, "value", "logistic")
    yield "order", lambda: setattr(panel.order, "value", "rising")
    yield "k", lambda: setattr(panel.k.slider, "value", 3)
    yield "kind", lambda: setattr(panel.kind, "value", "bitonic")
    yield "n", lambda: setattr(panel.n.slider, "value", 9)
    yield "next", panel.next.click
    yield "back", panel.back.click
    yield "soft", lambda: setattr(panel.soft, "value", False)
    yield "play", lambda: setattr(panel.play, "value", 0)


def test_the_picture_is_the_static_one(panel):
    panel.kind.value, panel.k.value, panel.step.value = "bitonic", 2, 3
    figure, caption = network_diagram("bitonic", SCORES, NAMES, 2, 4.0, step=3)
    assert panel.caption == caption and panel.image.value == png(figure)


@pytest.mark.parametrize("steepness", [0.125, 4, 128])
def test_the_caption_says_what_the_sorter_gives(panel, steepness):
    panel.kind.value, panel.steepness.value, panel.distribution.value = "bitonic", steepness, "gaussian"
    scores = torch.tensor(SCORES, dtype=torch.float64)
    P = topk_lib.SortingNetwork("bitonic", steepness, "gaussian")(scores)
    outputs = [f"{v:.2f} ({row.max():.2f} " for v, row in zip(P @ scores, P, strict=True)]
    assert all(output in panel.caption for output in outputs)


def test_next_and_back_walk_through_the_layers_and_stop_at_the_ends(panel):
    panel.play.value = 0
    seen = [panel.caption]
    while not panel.next.disabled:
        panel.next.click()
        seen.append(panel.caption)
    assert len(seen) == len(set(seen)) == 7 and panel.step.value == 6
    panel.next.click()
    assert panel.step.value == 6
    while not panel.back.disabled:
        seen.pop()
        panel.back.click()
        assert panel.caption == seen[-1]
    assert panel.step.value == 0 and len(seen) == 1


def test_playing_and_the_slider_follow_each_other(panel):
    for layer in (0, 1, 5):
        panel.play.value = layer
        assert panel.step.value == panel.read().step == layer
    panel.step.value = 2
    assert panel.play.value == 2
    panel.kind.value, panel.n.value = "bitonic", 16
    assert (panel.play.value, panel.play.max, panel.step.slider.max) == (2, 10, 10)
    panel.step.value = 10
    panel.n.value = 4
    assert (panel.play.value, panel.play.max, panel.step.value) == (3, 3, 3)
    panel.step.value, panel.n.value = 1, 16
    assert (panel.play.value, panel.play.max, panel.step.value) == (1, 10, 1)
    panel.step.value = 10
    with panel.together():
        panel.n.value, panel.step.value = 4, 1
    assert (panel.play.value, panel.play.max, panel.step.value) == (1, 3, 1)


def test_an_error_while_playing_is_shown_and_raised_where_the_panel_is_strict(panel, monkeypatch):
    monkeypatch.setattr(panel, "draw", lambda state: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        panel.play.value = 3
    panel.strict = False
    panel.play.value = 2
    assert panel.error == "ZeroDivisionError: division by zero" and "division by zero" in panel._error_line.value


def test_limits_follow_the_network(panel):
    panel.n.value = 8
    assert (panel.k.value, panel.k.slider.max, panel.k.box.max) == (8, 8, 8)
    assert (panel.step.value, panel.step.slider.max, panel.step.box.max) == (8, 8, 8)
    panel.kind.value = "bitonic"
    assert panel.step.value == panel.step.slider.max == bitonic(8).depth == 6
    panel.kind.value, panel.k.value = "splitter_selection", 2
    assert panel.step.value == panel.step.slider.max == splitter_selection(8, 2).depth
    panel.step.value = 1
    panel.n.value = 3
    assert panel.k.value == 2 and panel.step.value == 1
    panel.k.button.click()
    assert panel.k.value == 3


def test_scores_enter_in_the_order_that_is_asked_for(panel):
    panel.step.value, panel.soft.value = 0, False
    for order, first in (("rising", "ship"), ("falling", "fox"), ("reversed", "wolf"), ("given", "cat")):
        panel.order.value = order
        inputs = re.search(r"lanes 5 to 0 hold (.*)\.$", panel.caption)[1].split(", ")
        assert inputs[-1].split()[0] == first
        assert sorted(inputs) == sorted(f"{n} {s:.2f}" for n, s in zip(NAMES, SCORES, strict=True))


def test_other_sizes_have_reproducible_scores_that_differ(panel):
    for n in range(2, 17):
        scores, names = panel._inputs(n, GIVEN)
        assert len(set(scores)) == len(set(names)) == n
        assert (scores, names) == NetworkStepper()._inputs(n, GIVEN)
    assert panel._inputs(6, GIVEN) == (SCORES, NAMES)


def test_presets_set_what_they_say(panel):
    start = panel.read()
    panel.distribution.value, panel.step.value = "optimal", 1
    hard = {"soft": False, "steepness": None, "distribution": None}
    wanted = {
        "hard": hard,
        "very soft, β = 0.5": {"steepness": 0.5},
        "bitonic, 8 lanes": {"kind": "bitonic", "n": 8, "k": 8},
        "top 2 of 8, pruned": {"kind": "bitonic", "n": 8, "k": 2},
        "sorted backwards, hard": {"order": "falling", **hard},
        "reset all": {},
    }
    assert set(wanted) == set(panel.presets)
    for name, settings in wanted.items():
        click(panel, name)
        assert vars(panel.read()) == {**vars(start), **settings}, name


def test_the_players_limits_never_move_the_slider(panel, monkeypatch):
    drawn = []
    panel.n.value = 16
    monkeypatch.setattr(panel, "_picture", lambda state: drawn.append(state.step) or (b"", "", (1, 1)))
    with panel.together():
        panel.n.value, panel.step.value = 4, 1
    assert drawn == [1]


def test_hard_comparators_grey_out_what_has_no_effect(panel):
    assert panel.soft.icon == "check" and not panel.distribution.disabled
    panel.soft.value = False
    assert panel.soft.icon == "" and panel.distribution.disabled and panel.steepness.slider.disabled
    hard = panel.read()
    panel.distribution.value, panel.steepness.value = "logistic", 1.0
    assert panel.read() == hard


def test_no_state_that_can_be_set_warns_or_fails(panel):
    generator = np.random.default_rng(0)
    for kind, n in itertools.product(BUILDERS, (2, 3, 7, 16)):
        panel.kind.value, panel.n.value = kind, n
        panel.k.value = int(generator.integers(1, n + 1))
        for _ in range(3):
            panel.step.value = int(generator.integers(0, panel.step.slider.max + 1))
            panel.order.value = generator.choice(list(ORDERS.values()))
            panel.distribution.value = str(generator.choice(list(SIGMOIDS)))
            panel.soft.value = bool(generator.integers(2))
            panel.steepness.value = generator.choice([0.125, 128])
            assert panel.error == "" and "nan" not in panel.caption


def test_the_player_says_what_it_is_for(panel):
    assert panel.play.tooltip


def test_frames_step_through_the_layers_and_leave_the_panel_as_it_was(panel):
    before = panel.image.value
    frames = panel.frames()
    assert [frame.label for frame in frames] == [f"layers done = {layer}" for layer in range(7)]
    assert len({frame.png for frame in frames}) == len({frame.caption for frame in frames}) == 7
    assert panel.image.value == before == frames[-1].png
    panel.n.value = 16
    assert [frame.label.split()[-1] for frame in panel.frames()] == ["0", "2", "4", "6", "8", "10", "12", "14", "16"]


def test_other_scores_and_settings_to_begin_with():
    panel = NetworkStepper("bitonic", (5.5, -1.0, 3.0), ("yes", "no", "maybe"), 1, 16.0, soft=False)
    assert panel.error == "" and "at the outputs, best first, yes 5.50." in panel.caption
    panel.soft.value, panel.n.value = True, 5
    assert "β = 16" in panel.caption and panel.k.value == 1
    panel.preset("reset all")
    assert (panel.n.value, panel.k.value, panel.soft.value) == (3, 1, False)


def test_a_knobs_upper_end_can_move():
    knob = Knob(widgets.IntSlider(3, 1, 5, description="k"))
    knob.limit(4, 4)
    assert (knob.value, knob.slider.max, knob.box.max) == (3, 4, 4)
    knob.limit(2, 2)
    assert knob.value == knob.box.value == 2
    knob.limit(9, 8)
    assert knob.value == knob.box.value == 9
    knob.button.click()
    assert knob.value == 8 and "reset to 8" in knob.button.tooltip


BAD = [
    ({"kind": "quicksort"}, "kind must be one of"),
    ({"scores": [1.0], "names": "a"}, "scores must be 2 to 16 numbers, one per name, got"),
    ({"scores": [1.0, 2.0]}, "scores must be 2 to 16 numbers, one per name, got"),
    ({"k": 9}, "k must be between 1 and 6, got 9"),
    ({"steepness": 0.0}, "steepness must be positive"),
    ({"theme": "sepia"}, "theme must be one of 'light', 'dark', got 'sepia'"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_arguments_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        NetworkStepper(**arguments)
