"""The method switch, moved without a browser: what it shows, says, remembers and refuses."""

import itertools
import math
import threading

import ipywidgets as widgets
import numpy as np
import pytest
import torch

import topk_lib
from topk_lib.course import NAMES, SCORES
from topk_lib.course.figures import LOCK, permutation_matrix, png
from topk_lib.course.panels import MethodSwitch
from topk_lib.course.panels.controls import Knob
from topk_lib.sorters import SORTERS
from topk_lib.sorters.thresholds import THRESHOLDS

from .looking import click


@pytest.fixture
def panel():
    panel = MethodSwitch()
    panel.strict = True
    return panel


def changes(panel):
    """Every control with a way to move it."""
    yield "softness", lambda: setattr(panel.softness.slider, "value", 2.0)
    yield "k", lambda: setattr(panel.k.slider, "value", 3)
    for name, knob in zip(NAMES, panel.scores, strict=True):
        yield name, lambda knob=knob: setattr(knob.slider, "value", knob.slider.value + 0.5)
    yield "method", lambda: setattr(panel.methods["bitonic"], "value", True)
    yield "distribution", lambda: setattr(panel.distribution, "value", "optimal")
    yield (
        "another method",
        lambda: (
            setattr(panel.methods["bitonic"], "value", False),
            setattr(panel.methods["soft_topk"], "value", True),
        ),
    )
    yield "threshold", lambda: setattr(panel.threshold, "value", "clip")


@pytest.mark.parametrize("softness", [1 / 16, 0.5, 16])
def test_the_caption_says_what_the_sorters_give(panel, softness):
    panel.scores[0].value, panel.softness.value, panel.methods["odd_even"].value = -2.2, softness, True
    scores = torch.tensor((-2.2, *SCORES[1:]), dtype=torch.float64)
    hard = scores.sort(descending=True).values
    sorters = {
        "NeuralSort": topk_lib.NeuralSort(softness),
        "SoftSort": topk_lib.SoftSort(softness),
        "Sinkhorn": topk_lib.SinkhornSort(softness),
        "odd-even": topk_lib.SortingNetwork("odd_even", 1 / softness),
    }
    parts = panel.caption.split("; ")
    for (name, sorter), part in zip(sorters.items(), parts, strict=True):
        P = sorter(scores)
        assert part.startswith(name) and f" with {P[0].max():.2f}" in part
        assert f"P @ scores lies {(P @ scores - hard).abs().mean():.2f} away" in part


@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_a_soft_set_is_as_soft_as_its_title_says(threshold):
    panel = MethodSwitch(methods=("soft_topk", "bitonic"), softness=2.0)
    panel.threshold.value = threshold
    scores = torch.tensor(SCORES, dtype=torch.float64)
    P = topk_lib.SoftTopK(threshold, 2.0).matrix(scores)
    part = panel.caption.split("; ")[0]
    assert part.startswith(f"soft top-k set, λ = 2, {threshold.replace('_', ' ')}: ") and panel.error == ""
    assert f"lies {(P @ scores - scores.sort(descending=True).values).abs().mean():.2f} away" in part
    assert "soft sets: scale λ = τ" in panel._steepness.value


def test_a_box_shows_no_floating_point_dust(panel):
    panel.scores[0].slider.value = 0.1 + 0.2 + 1e-17
    assert panel.scores[0].box.value == 0.3
    assert panel.read().scores[0] == 0.3
    panel.scores[0].box.value = 1.234
    assert panel.read().scores[0] == 1.234


def test_presets_set_what_they_say_and_redraw_once(panel, monkeypatch):
    updates = []
    monkeypatch.setattr(panel, "_picture", lambda state: updates.append(state) or (b"", "", (1, 1)))
    click(panel, "all equal")
    click(panel, "two equal scores")
    click(panel, "well separated")
    click(panel, "paper's temperature τ = 16")
    click(panel, "reset all")
    equal, two, apart, paper, reset = updates
    assert set(equal.scores) == {0.0}
    assert two.scores == (0.4, 2.0, -1.5, 1.1, -0.8, 2.0)
    assert np.allclose(sorted(apart.scores), np.linspace(-3, 3, 6), atol=0.051)
    assert np.argsort(apart.scores).tolist() == np.argsort(SCORES).tolist()
    assert (paper.softness, paper.methods, paper.scores) == (16, ("neuralsort", "softsort"), SCORES)
    assert reset == MethodSwitch().read()


def test_without_any_method_the_hard_sort_is_shown(panel):
    for toggle in panel.methods.values():
        toggle.value = False
    assert panel.caption == "The hard sort alone: rank 1 is fox with 1.00, every column sums to 1.00."


def test_four_methods_are_the_most_and_a_fifth_is_an_error_until_it_is_released(panel):
    panel.methods["odd_even"].value = True
    assert [key for key, toggle in panel.methods.items() if toggle.disabled] == [
        *("soft_topk", "bitonic", "splitter_selection")
    ]
    panel.strict = False
    before = panel.image.value, panel.caption
    panel.methods["bitonic"].value = True  # a page cannot do this, a cell can
    assert "at most 4 matrices" in panel.error
    assert "at most 4 matrices" in panel._error_line.value and 'role="alert"' in panel._error_line.value
    assert (panel.image.value, panel.caption) == before
    panel.methods["bitonic"].value = False
    assert panel.error == panel._error_line.value == ""


def test_a_strict_panel_raises_what_went_wrong(panel, monkeypatch):
    def fail(state):
        raise ArithmeticError("<b>planted</b>")

    monkeypatch.setattr(panel, "draw", fail)
    with pytest.raises(ArithmeticError, match="planted"):
        panel.softness.value = 3.0
    assert panel.error == "ArithmeticError: <b>planted</b>"
    assert "<b>" not in panel._error_line.value


def test_chosen_buttons_carry_a_check_mark_and_networks_wake_their_dropdown(panel):
    assert [t.icon for t in panel.methods.values()] == ["check"] * 3 + [""] * 4
    assert panel.distribution.disabled and panel.threshold.disabled
    panel.methods["splitter_selection"].value = True
    assert not panel.distribution.disabled
    assert panel.methods["splitter_selection"].icon == "check"
    panel.softness.value = 4
    assert "β = 1/τ = 0.25" in panel._steepness.value and "splitter selection, β = 0.25, cauchy" in panel.caption


def test_equal_states_are_drawn_once(panel, monkeypatch):
    drawn = []
    draw = panel.draw
    monkeypatch.setattr(panel, "draw", lambda state: drawn.append(state) or draw(state))
    for value in (1.0, 0.5, 1.0, 0.5):
        panel.softness.value = value
    assert len(drawn) == 1  # 0.5 was drawn at the beginning


def test_no_state_that_can_be_set_warns_or_fails(panel):
    generator = np.random.default_rng(0)
    for method, softness in itertools.product(SORTERS, (1 / 16, 1 / 8, 1, 16)):
        with panel.together():
            for key, toggle in panel.methods.items():
                toggle.value = key == method
            panel.softness.value = softness
            for knob in panel.scores:
                knob.value = generator.choice([-3.0, 3.0, round(generator.uniform(-3, 3), 1)])
        assert panel.error == ""


def test_drawing_uses_one_torch_thread_and_no_gradients(panel, monkeypatch):
    before, seen = torch.get_num_threads(), []
    torch.set_num_threads(2)
    draw = panel.draw
    monkeypatch.setattr(
        panel, "draw", lambda s: seen.append((torch.get_num_threads(), torch.is_grad_enabled())) or draw(s)
    )
    panel.softness.value = 3.0
    assert seen == [(1, False)] and torch.get_num_threads() == 2 and torch.is_grad_enabled()
    torch.set_num_threads(before)


def test_two_threads_and_static_drawing_do_not_disturb_each_other(panel):
    P = topk_lib.SoftSort(0.5)(torch.tensor(SCORES))
    expected = png(permutation_matrix(P, NAMES)[0])
    seen, wrong = set(), []

    def move(knob, values):
        for value in values:
            knob.slider.value = value
            seen.add(panel.image.value)

    def draw():
        wrong.extend(1 for _ in range(6) if png(permutation_matrix(P, NAMES)[0]) != expected)

    softness = [0.6, 0.7, 0.8, 0.9]
    scores = [0.1, 0.2, 0.3, 0.5]
    threads = [threading.Thread(target=move, args=(panel.softness, softness))]
    threads += [threading.Thread(target=move, args=(panel.scores[3], scores)), threading.Thread(target=draw)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    fresh = MethodSwitch()
    possible = set()
    for a, b in itertools.product([0.5, *softness], [SCORES[3], *scores]):
        with fresh.together():
            fresh.softness.value, fresh.scores[3].value = a, b
        possible.add(fresh.image.value)
    assert not wrong
    assert seen <= possible
    assert (panel.softness.value, panel.scores[3].value) == (softness[-1], scores[-1])
    with fresh.together():
        fresh.softness.value, fresh.scores[3].value = softness[-1], scores[-1]
    assert panel.image.value == fresh.image.value


def test_an_update_waits_for_whoever_draws(panel):
    thread = threading.Thread(target=lambda: setattr(panel.softness, "value", 3.0))
    before = panel.image.value
    with LOCK:
        thread.start()
        thread.join(0.2)
        assert thread.is_alive() and panel.image.value == before
    thread.join(30)
    assert panel.image.value != before


def test_a_slow_answer_never_covers_a_newer_one(panel, monkeypatch):
    go_on, began = threading.Event(), threading.Event()

    def picture(state):
        if state.softness == 1.0:
            began.set()
            assert go_on.wait(30)
        return b"", f"softness {state.softness:g}", (1, 1)

    monkeypatch.setattr(panel, "_picture", picture)
    threads = [threading.Thread(target=lambda v=v: setattr(panel.softness, "value", v)) for v in (1.0, 2.0)]
    threads[0].start()
    assert began.wait(30)
    threads[1].start()
    threads[1].join(0.2)
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert panel.caption == "softness 2"


def test_the_page_shows_the_caption_and_finds_the_panel_by_its_class(panel):
    assert set(panel.root._dom_classes) >= {"topk-panel", "topk-panel-method-switch"}
    assert "rank 1 is fox with 0.64" in panel._caption_line.value
    assert panel.image.layout.max_width == "100%"


def test_other_scores_and_names_and_wider_scales():
    panel = MethodSwitch(scores=(5.5, -1.0), names=("yes", "no"), methods=("bitonic",), softness=1.0)
    assert panel.error == "" and "rank 1 is yes" in panel.caption
    assert (panel.scores[0].slider.min, panel.scores[0].slider.max) == (-6, 6)


BAD = [
    ({"scores": [1.0]}, "scores must be 2 to 8 numbers, one per name"),
    ({"scores": range(9), "names": "abcdefghi"}, "scores must be 2 to 8 numbers, one per name"),
    ({"methods": ("quicksort",)}, "methods must be at most 4 of neuralsort, .*got"),
    ({"methods": tuple(SORTERS)[:5]}, "methods must be at most 4"),
    ({"softness": math.nan}, "“softness τ .*” must stand at a number between 0.0625 and 16, got nan"),
    ({"theme": "sepia"}, "theme must be one of 'light', 'dark', got 'sepia'"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_arguments_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        MethodSwitch(**arguments)


def test_a_box_shows_large_counts_in_full():
    knob = Knob(widgets.IntSlider(1, 1, 99_999, description="batches"))
    knob.slider.value = 12_345
    assert knob.box.value == 12_345


def test_a_page_is_never_sent_nan(monkeypatch):
    """A page would answer with the old value at once, and the red line would be gone before it is read."""
    knob, sent = Knob(widgets.FloatSlider(1.0, min=0, max=3, description="score")), []
    for widget in (knob.slider, knob.box):
        monkeypatch.setattr(widget.comm, "send", lambda data, buffers: sent.append(data["state"]))
    knob.value = math.nan
    assert sent == [] and math.isnan(knob.box.value)
    knob.value = 2.0
    assert sent == [{"value": 2.0}] * 2


def test_a_knob_can_be_greyed_out():
    knob = Knob(widgets.IntSlider(3, 1, 5, description="k"))
    knob.disabled = True
    assert knob.slider.disabled and knob.box.disabled and knob.button.disabled
    knob.disabled = False
    assert not (knob.slider.disabled or knob.box.disabled or knob.button.disabled)
