"""What holds for each panel, whatever it shows. Its own test file says, in `changes`, how to move its controls."""

import math
import re
import time
from importlib import import_module

import ipywidgets as widgets
import pytest

from topk_lib.course import panels

from .looking import click, everything_in, pixels, stored_picture

PANELS = [getattr(panels, name) for name in panels.__all__ if name not in ("Panel", "TrainingMonitor")]
MOST_SECONDS = 0.2  # of processor time for one answer; about 0.05 on an idle machine
CLICKED = widgets.Button | widgets.ToggleButton | widgets.Dropdown | widgets.Textarea
SLIDERS = widgets.FloatSlider | widgets.IntSlider | widgets.FloatLogSlider
FLOATS = widgets.FloatSlider | widgets.FloatLogSlider
BOXES = widgets.BoundedFloatText | widgets.BoundedIntText


@pytest.fixture(params=PANELS, ids=lambda kind: kind.__name__)
def kind(request):
    return request.param


@pytest.fixture
def panel(kind):
    panel = kind()
    panel.strict = True
    return panel


def test_every_control_changes_picture_and_caption_and_keeps_the_size(kind, panel):
    changes = import_module(f".test_{kind.name.replace('-', '_')}", __package__).changes
    size = pixels(panel).shape
    for name, change in changes(panel):
        before = panel.image.value, panel.caption
        change()
        assert panel.image.value != before[0], name
        assert panel.caption != before[1], name
        assert pixels(panel).shape == size, name
    assert panel.error == ""


def test_no_control_is_forgotten(kind, panel):
    """Every slider and list is among the controls that the test above moves."""
    moved = set()
    controls = [w for w in everything_in(panel.root) if isinstance(w, SLIDERS | widgets.Dropdown)]
    for control in controls:
        control.observe(lambda change: moved.add(change["owner"]), "value")
    for _, change in import_module(f".test_{kind.name.replace('-', '_')}", __package__).changes(panel):
        change()
    assert [control.description for control in controls if control not in moved] == []


def test_the_dark_picture_has_dark_paper(kind, panel):
    assert pixels(panel)[0, 0].tolist() == [255, 255, 255]
    panel.dark.value = True
    assert pixels(panel)[0, 0].tolist() == [17, 17, 17]
    assert (pixels(kind(theme="dark")) == pixels(panel)).all()


def test_an_answer_takes_little_time(panel):
    knob, values = panel.sweep()
    taken = []
    for value in values:
        started = time.thread_time()
        knob.value = value
        taken.append(time.thread_time() - started)
    assert sorted(taken)[len(taken) // 2] < MOST_SECONDS


def test_what_a_notebook_stores_is_a_picture_and_a_fixed_sentence(kind, panel):
    bundle, metadata = panel._repr_mimebundle_()
    assert set(bundle) == {"application/vnd.jupyter.widget-view+json", "image/png", "text/plain"}
    assert (stored_picture(bundle) == pixels(panel)).all()
    assert bundle["text/plain"] == repr(panel) == kind()._repr_mimebundle_()[0]["text/plain"]
    assert panel.caption in repr(panel) and "0x" not in repr(panel) and re.search(r"\d", repr(panel))
    height, width, _ = pixels(panel).shape
    assert metadata["image/png"] == {"width": width / 1.5, "height": height / 1.5, "alt": panel.caption}
    assert set(panel.root._dom_classes) >= {"topk-panel", f"topk-panel-{kind.name}"}


def test_every_control_says_what_it_is_for(panel):
    for widget in everything_in(panel.root):
        if isinstance(widget, CLICKED | SLIDERS):
            assert widget.description and widget.tooltip, widget
        if isinstance(widget, widgets.Dropdown):
            assert widget.label, "a page shows an empty box where the value is None"
        if isinstance(widget, BOXES):
            assert widget.tooltip.startswith("exact value of: "), widget


def knobs(panel):
    """Slider, box and reset button of every knob."""
    rows = (getattr(widget, "children", ()) for widget in everything_in(panel.root))
    return [row for row in rows if row and isinstance(row[0], SLIDERS)]


def test_slider_and_box_follow_each_other_and_reset_brings_value_and_picture_back(panel):
    before, found = panel.image.value, knobs(panel)
    assert len(found) >= 4
    for slider, box, button in found:
        if slider.disabled:
            continue
        start = box.value
        box.value = box.min if start != box.min else box.max
        assert slider.value == pytest.approx(box.value) and panel.image.value != before, slider.description
        button.click()
        assert box.value == pytest.approx(start) and panel.image.value == before, slider.description
        slider.value = slider.min if slider.value != slider.min else slider.max
        assert box.value in (box.min, box.max), slider.description
        button.click()


def test_a_preset_redraws_once_and_one_of_them_brings_everything_back(kind, panel, monkeypatch):
    for _, change in import_module(f".test_{kind.name.replace('-', '_')}", __package__).changes(panel):
        change()
    drawn = []
    monkeypatch.setattr(panel, "_picture", lambda state: drawn.append(state) or (b"", "", (1, 1)))
    for name in panel.presets:
        click(panel, name)
    assert len(drawn) == len(panel.presets) >= 4
    click(panel, "reset all")
    start = kind()
    assert drawn[-1] == start.read().but(theme=panel.theme)


def test_nan_is_a_sentence_on_the_red_line_until_it_is_mended(panel):
    """No slider refuses NaN by itself; infinity it takes for its end."""
    panel.strict = False
    before = panel.image.value, panel.caption
    floats = [row for row in knobs(panel) if isinstance(row[0], FLOATS)]
    for slider, box, _ in floats:
        for widget in () if slider.disabled else (slider, box):
            good, widget.value = widget.value, math.nan
            assert f"the slider “{slider.description}” must stand at a number between" in panel.error
            assert f"{slider.description}” must stand" in panel._error_line.value
            assert (panel.image.value, panel.caption) == before
            widget.value = good
            assert panel.error == panel._error_line.value == "" and (panel.image.value, panel.caption) == before
    assert floats


@pytest.mark.parametrize(
    "score", [math.nan, math.inf, -math.inf, 1e9, 10**400, None, "high"], ids=lambda s: repr(s)[:9]
)
def test_a_score_that_is_no_finite_number_is_refused_with_its_name(kind, score):
    with pytest.raises(ValueError, match=r"^scores must be numbers between -1000 and 1000, got .{2,40} for fox$"):
        kind(scores=[0.4, score, -1.5, 1.1, -0.8, 1.7])


def test_messages_of_a_control_are_answered_in_the_thread_they_ask_for(panel):
    for widget in everything_in(panel.root):
        assert widget.comm._reply_subshell_for({}, "the sender's") == "the sender's"


def test_frames_show_the_panel_at_every_value_of_its_sweep_and_leave_it_as_it_was(panel):
    before = panel.image.value
    frames, (knob, values) = panel.frames(), panel.sweep()
    assert [frame.label for frame in frames] == [f"{knob.slider.description} = {value:g}" for value in values]
    assert len({frame.png for frame in frames}) == len({frame.caption for frame in frames}) == len(values) >= 7
    assert panel.image.value == before and knob.value == knob.default
    assert knob.default not in values or before in {frame.png for frame in frames}
