"""The browser harness itself: it sees what a reader sees, and it notices what is broken."""

import pytest

from . import chrome
from .lab_page import KERNEL
from .toy import write_toy


@pytest.fixture
def toy(lab_page, tmp_path_factory):
    """Opens the toy notebook with further cells and runs it."""

    def open_and_run(name, *more_cells):
        folder = lab_page.server.log.parents[1] / "kit"
        write_toy(folder / name, *more_cells)
        lab_page.open(name)
        lab_page.run_all()
        return lab_page

    return open_and_run


def test_nothing_pops_up_over_what_make_lab_opens(lab_page, artifacts):
    lab_page.open("notebooks/00_start_here.ipynb")
    lab_page.page.wait_for_timeout(2000)
    lab_page.screenshot(artifacts / "opened.png")
    assert lab_page.popups() == []


def test_sliders_move_by_keyboard_and_redraw_even_while_a_cell_runs(toy, artifacts):
    page = toy("toy.ipynb", "print('far below')")
    assert page.errors() == []
    (panel,) = page.panels()
    k, beta = page.sliders(panel)
    assert (k.description, beta.description) == ("ranks k", "steepness")

    first = page.picture(panel)
    k.move("ArrowRight")
    second = page.picture_after(panel, first)
    assert k.readout() == "4" and k.aria("valuenow") == 4
    assert second != first and second.size == first.size == (400, 200)

    page.keep_busy(60)
    beta.move("ArrowRight", "ArrowRight")
    assert page.wait(lambda: beta.readout() == "2.00")
    third = page.picture_after(panel, second)
    assert third not in (first, second) and third.size == first.size
    assert page.is_busy()
    page.interrupt()

    k.move("ArrowLeft")
    beta.move("ArrowLeft", "ArrowLeft")
    assert page.wait(lambda: page.picture(panel) == first)
    assert page.errors() == []

    shots = []
    for dark in (False, True):
        page.use_theme(dark)
        page.screenshot(artifacts / f"toy-{'dark' if dark else 'light'}.png")
        shots.append((artifacts / f"toy-{'dark' if dark else 'light'}.png").read_bytes())
    assert shots[0] != shots[1]


def test_faults_are_noticed(toy):
    page = toy(
        "broken.ipynb",
        "import sys; print('a warning', file=sys.stderr)",
        "Panel.update = lambda self, change: 1 / 0\nPanel()",
        "raise ValueError('planted')",
        "print('never reached')",
    )
    warning, error, unrun = page.errors()
    assert "a warning" in warning and "planted" in error and "never reached" in unrun
    panel = page.panels()[1]
    before = page.picture(panel)
    page.sliders(panel)[0].move("ArrowRight")
    assert page.wait(lambda: "ZeroDivisionError" in "".join(page.errors()))
    assert page.picture(panel) == before


OPEN_COMM = f"""async target => {{
    const comm = {KERNEL}.createComm(target);
    const sent = [comm.open({{}}), comm.send({{ method: "request_states" }})];
    await Promise.allSettled(sent.map(future => future.done));
}}"""
LOSE = """\
import ipywidgets as widgets
from comm import get_comm_manager
lost = widgets.IntSlider(description="lost")
get_comm_manager().unregister_comm(lost.comm)
lost
"""


def test_only_a_comm_that_the_kernel_had_opened_can_be_missed(lab_page):
    page, folder = lab_page, lab_page.server.log.parents[1] / "kit"
    write_toy(folder / "lost.ipynb", LOSE)
    page.open("lost.ipynb")
    page.page.evaluate(OPEN_COMM, "jupyter.widget.control")  # as JupyterLab does before ipywidgets is imported
    assert page.page.evaluate("() => window.complaints") == []
    page.page.evaluate(OPEN_COMM, "no.such.target")
    assert page.wait(lambda: "no.such.target" in "".join(page.page.evaluate("() => window.complaints")))
    page.run_all()
    known = page.errors()
    page.page.locator(".widget-slider .noUi-handle").last.press("ArrowRight")
    assert page.wait(lambda: len(page.errors()) > len(known)) and "No such comm: " in page.errors()[-1]


def test_a_named_browser_must_exist(monkeypatch, tmp_path):
    monkeypatch.setenv("CHROME_PATH", str(tmp_path / "no-such-chrome"))
    with pytest.raises(FileNotFoundError, match="no-such-chrome"):
        chrome.find_chrome()


def test_no_browser_anywhere_is_none(monkeypatch):
    monkeypatch.delenv("CHROME_PATH", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(chrome, "PLACES", ())
    assert chrome.find_chrome() is None
