"""The P_K mixer, moved without a browser: what it shows, says, normalises and refuses."""

import math
import re

import pytest
import torch

import topk_lib
from topk_lib.course import LABEL, NAMES, SCORES
from topk_lib.course.figures import PAPER_P_K, p_k_effect
from topk_lib.course.panels import PKMixer
from topk_lib.course.panels.pk_mixer import normalised

from .looking import click, pixels


@pytest.fixture
def panel():
    panel = PKMixer()
    panel.strict = True
    return panel


def set_shares(panel, shares):
    with panel.together():
        for knob, share in zip(panel.shares, shares, strict=True):
            knob.slider.value = share


def changes(panel):
    """Every control with a way to move it."""
    for k, knob in enumerate(panel.shares, start=1):
        yield f"K = {k}", lambda knob=knob: setattr(knob.slider, "value", knob.slider.value + 0.05)
    yield "steepness", lambda: setattr(panel.steepness.slider, "value", 4.0)
    yield "label", lambda: setattr(panel.label, "value", 0)


def test_the_code_follows_every_control_but_the_label(panel):
    for name, change in changes(panel):
        before = panel.code
        change()
        assert (panel.code == before) == (name == "label"), name


@pytest.mark.parametrize("shares", [(1, 0.5, 0.25, 0.25, 0), (0, 0.3, 0, 0, 0), (1, 1, 1, 1, 1)], ids=str)
@pytest.mark.parametrize("label", ["dog", "ship"])
def test_what_is_said_is_what_the_library_gives_for_the_normalised_p_k(panel, shares, label):
    set_shares(panel, shares)
    panel.steepness.slider.value = 2.0
    panel.label.value = NAMES.index(label)
    p_k = [share / sum(shares) for share in shares]
    sorter = topk_lib.SortingNetwork("bitonic", steepness=2.0)
    loss = topk_lib.TopKCrossEntropyLoss(p_k, sorter, top1_mode="sort")
    scores = torch.tensor(SCORES, dtype=torch.float64, requires_grad=True)
    value = loss(scores, torch.tensor(NAMES.index(label)))
    value.backward()
    probabilities = sorter.class_probabilities(scores.detach(), torch.tensor(loss.rank_weights, dtype=torch.float64))
    said, weights, listed, pushes = panel.caption.split("; ")
    assert said.startswith(f"P_K = [{', '.join(f'{p:.2f}' for p in p_k)}]")
    assert f"E[K] = {sum(k * p for k, p in enumerate(p_k, 1)):.2f}" in said
    assert weights.startswith(f"rank weights {', '.join(f'{w:.2f}' for w in loss.rank_weights)}")
    assert all(f"{name} {probability:.2f}" in listed for name, probability in zip(NAMES, probabilities, strict=True))
    assert f"the label {label} has loss {value:.3f}" in pushes
    told = dict(re.findall(r"([a-z]+) ([+-]?\d\.\d{3})(?=[,.])", pushes.partition("scores: ")[2]))
    assert {name: float(push) for name, push in told.items()} == pytest.approx(
        dict(zip(NAMES, (-scores.grad).tolist(), strict=True)), abs=0.00051
    )


def test_only_proportions_matter(panel):
    set_shares(panel, (0.2, 0, 0, 0, 0.2))
    assert panel.read() == PKMixer().read()
    set_shares(panel, (0.1, 0.1, 0.1, 0, 0))
    picture = panel.image.value
    set_shares(panel, (0.7, 0.7, 0.7, 0, 0))
    assert panel.image.value == picture
    assert "P_K = [.33, .33, .33, 0, 0]" in panel._shown.value


def test_all_at_zero_is_an_even_p_k_and_says_so(panel):
    set_shares(panel, (0, 0, 0, 0, 0))
    assert panel.error == "" and panel.read().p_k == (0.2,) * 5
    assert "all five sliders are at zero" in panel._shown.value
    set_shares(panel, (0.1,) * 5)
    assert panel.read().p_k == (0.2,) * 5 and "at zero" not in panel._shown.value


@pytest.mark.parametrize("shares", [(0.05, 1, 1, 1, 0.35), (1 / 3, 1 / 7, 0, 0.9, 0.1), (0, 0, 0.05, 0, 0)], ids=str)
def test_the_line_of_python_builds_the_loss_that_is_shown(panel, shares):
    set_shares(panel, shares)
    panel.steepness.slider.value = 5.6568
    loss = eval(panel.code, {"topk_lib": topk_lib})
    shown = float(re.search(r"has loss (\d+\.\d+)", panel.caption)[1])
    assert loss(torch.tensor([SCORES]), torch.tensor([LABEL])).item() == pytest.approx(shown, abs=6e-4)
    assert panel.code in panel._code_line.value.replace("&quot;", '"')


def test_presets_are_the_papers_and_keep_steepness_and_label(panel, monkeypatch):
    updates = []
    monkeypatch.setattr(panel, "_picture", lambda state: updates.append(state) or (b"", "", (1, 1)))
    panel.steepness.slider.value = 8.0
    panel.label.value = 2
    updates.clear()
    names = [name for name in panel.presets if name != "reset all"]
    for name in names:
        click(panel, name)
    assert [state.p_k for state in updates] == [tuple(p) for p in PAPER_P_K.values()]
    assert {(state.steepness, state.label) for state in updates} == {(8.0, 2)}
    click(panel, "reset all")
    assert updates[-1] == PKMixer().read() and len(updates) == len(names) + 1


def test_the_picture_is_the_static_figure(panel):
    figure, caption = p_k_effect(
        (0.5, 0, 0, 0, 0.5), SCORES, NAMES, topk_lib.SortingNetwork("bitonic", steepness=3.0), LABEL
    )
    assert panel.caption == caption and panel.image.width == f"{round(100 * figure.get_size_inches()[0])}"


def test_the_steepness_to_begin_with_is_one_the_slider_can_stand_on(panel):
    """A browser moves a slider to its nearest step, and the picture with it."""
    slider = panel.steepness.slider
    steps = math.log(slider.value, slider.base) / slider.step
    assert steps == pytest.approx(round(steps), abs=1e-9)


def test_extremes_neither_warn_nor_fail_and_keep_the_size(panel):
    size = pixels(panel).shape
    for steepness in (1 / 3, 81.0):
        for k in range(5):
            for label in range(6):
                with panel.together():
                    set_shares(panel, [float(k == i) for i in range(5)])
                    panel.steepness.slider.value, panel.label.value = steepness, label
                assert panel.error == "" and "nan" not in panel.caption and "inf" not in panel.caption
        assert pixels(panel).shape == size


def test_other_scores_names_and_shares():
    panel = PKMixer(range(8), "abcdefgh", (0, 0, 0.5, 0, 0), steepness=10, label=7)
    assert panel.error == "" and "the label h has loss" in panel.caption
    assert panel.read().p_k == (0, 0, 1, 0, 0)


def test_normalised_shares_sum_to_one():
    assert normalised((0.0, 0.0)) == (0.5, 0.5)
    assert sum(normalised((0.05, 0.1, 1 / 3, 0.7, 1))) == pytest.approx(1, abs=1e-8)


BAD = [
    ({"scores": [1.0]}, ValueError, "scores must be 5 to 8 numbers, one per name"),
    ({"scores": range(9), "names": "abcdefghi"}, ValueError, "scores must be 5 to 8 numbers"),
    ({"p_k": [1.0]}, ValueError, r"p_k must be 5 numbers between 0 and 1, got \[1.0\]"),
    ({"p_k": [-0.5, 1, 0, 0, 0.5]}, ValueError, "p_k must be 5 numbers between 0 and 1"),
    ({"label": 6}, ValueError, "label must be between 0 and 5, got 6"),
    ({"label": "dog"}, TypeError, "label must be an int, got 'dog'"),
    ({"steepness": math.nan}, ValueError, "“steepness β .*” must stand at a number between 0.333333 and 81"),
    ({"theme": "sepia"}, ValueError, "theme must be one of 'light', 'dark', got 'sepia'"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD)
def test_bad_arguments_are_refused_by_name(arguments, error, message):
    with pytest.raises(error, match=message):
        PKMixer(**arguments)
