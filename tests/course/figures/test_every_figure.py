"""What holds for each figure, whatever it shows. The other files of this folder say, in FIGURES, how to draw them."""

import io
import re
import threading
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FunctionType

import numpy as np
import pytest
from matplotlib._pylab_helpers import Gcf
from PIL import Image

from topk_lib.course import NAMES, SCORES, figures
from topk_lib.experiments.data import load
from topk_lib.experiments.drawing import lettering, style
from topk_lib.experiments.drawing.sheet import ALIGN, Sheet
from topk_lib.experiments.grids.grid_results import GridResults, summarize
from topk_lib.experiments.results import read_result

from ...experiments.training.test_compare import RECORDS
from ...experiments.training.test_grid_results import folder

SMALLEST = 9  # letters, at the width of a slide
DATA = load("synthetic100", train_size=1000, test_size=100)


@cache
def small_grid():
    with TemporaryDirectory() as path:
        return GridResults(summarize(folder(Path(path)), ""))


OTHERS = {
    "bench_times": lambda t: figures.bench_times(read_result("bench"), t),
    "growth_curves": lambda t: figures.growth_curves(read_result("bench"), t),
    "comparison_figure": lambda t: figures.comparison_figure(RECORDS, t),
    "network_diagram": lambda t: figures.network_diagram("bitonic", SCORES, NAMES, 3, 2.0, step=2, theme=t),
    "network_diagram, hard": lambda t: figures.network_diagram("odd_even", SCORES, NAMES, theme=t),
    "example_images": lambda t: figures.example_images(DATA.train, DATA.class_names, theme=t),
    "confusable_group": lambda t: figures.confusable_group(DATA, DATA.group_names[0], 2, t),
    "known_probabilities": lambda t: figures.known_probabilities(DATA.test, DATA.class_names, [4, 9], theme=t),
    "grid_figure": lambda t: figures.grid_figure(small_grid(), t),
}
MODULES = [
    import_module(f".{file.stem}", __package__)
    for file in sorted(Path(__file__).parent.glob("test_*.py"))
    if file.name != Path(__file__).name
]
FIGURES = {name: draw for module in MODULES for name, draw in getattr(module, "FIGURES", {}).items()} | OTHERS


@pytest.fixture
def letters(monkeypatch):
    """The rectangle (left, top, right, bottom), words and size of every text that is written on a sheet."""
    found, write = [], Sheet.text

    def text(sheet, x, y, words, size=style.NORMAL, color=None, align="center", bold=False, upwards=False):
        long, high = lettering.width(words, bold) * size, 2 * lettering.HALF_CAPITAL * size
        start = ALIGN[align] * long
        box = (x - start, y - high / 2, x - start + long, y + high / 2)
        if upwards:
            box = (x - high / 2, y + start - long, x + high / 2, y + start)
        found.append((np.array(box, float), words, size))
        write(sheet, x, y, words, size, color, align, bold, upwards)

    monkeypatch.setattr(Sheet, "text", text)
    return found


def test_no_figure_is_forgotten():
    public = {name for name in figures.__all__ if isinstance(getattr(figures, name), FunctionType)}
    drawn = {name.split()[0].strip(",") for name in FIGURES}
    assert public - drawn == {"hard_permutation", "png", "show"}


@pytest.mark.parametrize("theme", style.THEMES)
@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_its_size_the_paper_of_its_theme_and_a_margin(name, theme):
    figure, caption = FIGURES[name](theme)
    png = style.png(figure)
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
    width, height = style.size(figure)
    scale = figure.dpi / 100
    assert pixels.shape[:2] == (round(scale * height), round(scale * width)) and width <= style.PAGE_WIDTH
    paper = (255 * style.rgb(style.THEMES[theme].paper)).round().astype(int)
    marked = (pixels != paper).any(axis=2)
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    assert rows[0] >= 6 and rows[-1] < len(marked) - 6, "cut off above or below"
    assert columns[0] >= 6 and columns[-1] < marked.shape[1] - 6, "cut off at a side"
    assert len(np.unique(pixels[::3, ::3] @ (65536, 256, 1))) > 10, "the figure is empty"
    assert re.search(r"\d", caption) and "nan" not in caption and caption.endswith(".")
    assert style.png(FIGURES[name](theme)[0]) == png, "drawing twice gives other bytes"
    assert not Gcf.figs, "pyplot knows of the figure"


@pytest.mark.parametrize("name", FIGURES)
def test_letters_are_large_enough_stay_inside_and_apart(name, letters):
    figure, _ = FIGURES[name]("light")
    width, height = style.size(figure)
    for box, words, size in letters:
        assert size >= SMALLEST, words
        assert (box >= 0).all() and box[2] <= width and box[3] <= height, f"{words!r} leaves the sheet"
    boxes = np.array([box for box, _, _ in letters])
    low, high = np.maximum(boxes[:, None, :2], boxes[None, :, :2]), np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    clash = np.argwhere(np.triu((high - low > 1).all(axis=2), 1))
    assert [(letters[i][1], letters[j][1]) for i, j in clash] == []


@pytest.mark.parametrize("name", FIGURES)
def test_an_unknown_theme_is_refused(name):
    with pytest.raises(ValueError, match="theme must be one of 'light', 'dark', got 'sepia'"):
        FIGURES[name]("sepia")


@pytest.mark.parametrize(
    "draw", [*FIGURES.values(), lambda t: style.png(style.new_figure(9, 9, t))], ids=[*FIGURES, "png"]
)
def test_drawing_waits_for_its_turn(draw):
    finished = threading.Event()
    thread = threading.Thread(target=lambda: (draw("light"), finished.set()))
    with style.LOCK:
        thread.start()
        assert not finished.wait(0.05)
    assert finished.wait(30)
    thread.join()
