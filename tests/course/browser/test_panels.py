"""Every panel of every lesson in a real browser: sliders move by keyboard and redraw, also while a cell runs.

Nobody lists panels here: each lesson that stores a widget is opened, and whatever has the class `topk-panel`
is moved. A slider of class `topk-no-redraw` only prepares its panel's next run, so its picture may stay.
"""

from pathlib import Path

import pytest

LESSONS = sorted((Path(__file__).resolve().parents[3] / "notebooks").glob("[0-9][0-9]_*.ipynb"))
WIDGET = "application/vnd.jupyter.widget-view+json"
WITH_PANELS = [path.name for path in LESSONS if WIDGET in path.read_text(encoding="utf-8")]
RUN_SECONDS = 300
BUSY_SECONDS = 120


def name_of(panel):
    """The panel's own name, from its class `topk-panel-NAME`."""
    names = [c for c in panel.get_attribute("class").split() if c.startswith("topk-panel-")]
    assert len(names) == 1, f"a panel needs one class topk-panel-NAME, this one has {names}"
    return names[0].removeprefix("topk-panel-")


def move_and_look(page, panel, slider):
    """Moves a slider by one key and checks what a reader would see."""
    before, readout = page.picture(panel), slider.readout()
    slider.move(slider.inward_key())
    assert page.wait(lambda: slider.readout() != readout), f"{slider.description!r}: the read-out stays {readout}"
    if "topk-no-redraw" in slider.root.get_attribute("class").split():
        return
    after = page.picture_after(panel, before)
    assert after.data != before.data, f"{slider.description!r}: the picture stays the same"
    assert after.size == before.size, f"{slider.description!r}: the picture changes its size"


def move_every_slider(page, panels):
    for panel in panels:
        for slider in page.sliders(panel):
            move_and_look(page, panel, slider)


def take_pictures(page, panel, lesson, artifacts):
    """One screenshot of the panel in each of JupyterLab's themes."""
    for theme in ("dark", "light"):
        page.use_theme(dark=theme == "dark")
        page.screenshot(artifacts / f"{Path(lesson).stem}-{name_of(panel)}-{theme}.png", panel)


def test_some_lesson_has_a_panel():
    assert WITH_PANELS


@pytest.mark.parametrize("lesson", WITH_PANELS)
def test_every_slider_of_every_panel_redraws(lesson, lab_page, artifacts):
    lab_page.open(f"notebooks/{lesson}")
    lab_page.run_all(RUN_SECONDS)
    assert lab_page.errors() == []
    panels = lab_page.panels()
    assert panels, "the lesson stores a widget, but shows nothing of class topk-panel"
    for panel in panels:
        take_pictures(lab_page, panel, lesson, artifacts)

    # The long cell comes first: a slider's very first message is the one that a kernel may leave waiting.
    lab_page.keep_busy(BUSY_SECONDS)
    move_every_slider(lab_page, panels)
    assert lab_page.is_busy(), "the panels were moved only after the long cell had ended"
    lab_page.interrupt()
    move_every_slider(lab_page, panels)
    assert lab_page.errors() == lab_page.popups() == []
