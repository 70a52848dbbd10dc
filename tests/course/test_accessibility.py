"""Lessons and figures can be read without a picture, without colour vision, and with a screen reader."""

import json
import re
from itertools import combinations, pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib import colormaps

from topk_lib.experiments.drawing import style

from .notebooks.lesson_file import cells, headings, output_texts, shows_picture, text_of

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9][0-9]_*.ipynb"))
GRAPHICS, TEXT = 3.0, 4.5  # contrast that WCAG 2.2 asks for
APART = 10.0  # distance in CIELAB; below 2.3 no eye tells two colours apart

# How colours look without one of the three kinds of cone: Machado, Oliveira, Fernandes, "A Physiologically-based
# Model for Simulation of Color Vision Deficiency" (2009), severity 1, for linear RGB.
EYES = {
    "all three cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(color):
    """Linear RGB of a colour such as "#0072B2" or of three numbers between 0 and 1."""
    if isinstance(color, str):
        color = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    color = np.asarray(color, float)
    return np.where(color <= 0.04045, color / 12.92, ((color + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """The contrast ratio of WCAG, from 1 to 21."""
    bright, dark = sorted((TO_XYZ[1] @ linear(one), TO_XYZ[1] @ linear(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def lab(color, eye):
    """The colour in CIELAB as an eye sees it."""
    xyz = TO_XYZ @ np.clip(eye @ linear(color), 0, 1) / TO_XYZ.sum(1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", style.THEMES)
def test_text_and_lines_stand_out_from_the_paper(theme):
    look = style.THEMES[theme]
    assert contrast(look.ink, look.paper) >= TEXT and contrast(look.muted, look.paper) >= TEXT
    pale = {color: contrast(color, look.paper) for color in look.series}
    assert min(pale.values()) >= GRAPHICS, pale


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("theme", style.THEMES)
def test_curves_differ_in_colour_for_every_eye(theme, eye):
    seen = {color: lab(color, EYES[eye]) for color in style.THEMES[theme].series}
    distances = {(a, b): np.linalg.norm(seen[a] - seen[b]) for a, b in combinations(seen, 2)}
    assert len(distances) == 66 and min(distances.values()) >= APART, min(distances.items(), key=lambda item: item[1])


def test_curves_differ_without_colour():
    count = len(style.THEMES["light"].series)
    assert len(set(style.DASHES)) >= count and len(set(style.MARKERS)) >= count


@pytest.mark.parametrize("eye", EYES)
def test_the_heat_scale_grows_brighter_for_every_eye(eye):
    lightness = [lab(color, EYES[eye])[0] for color in colormaps[style.HEAT](np.linspace(0, 1, 33))[:, :3]]
    assert all(low < high for low, high in pairwise(lightness)) and lightness[-1] - lightness[0] > 60


@pytest.fixture(params=LESSONS, ids=lambda path: path.stem)
def lesson(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


def pictures(notebook):
    """(cell's position, output) of every stored picture."""
    return [(i, o) for i, cell in cells(notebook, "code") for o in cell["outputs"] if shows_picture(o)]


def test_every_picture_has_its_caption_as_alternative_text(lesson):
    found = pictures(lesson)
    assert found
    for i, output in found:
        alt = output["metadata"]["image/png"]["alt"]
        texts = [t for o in lesson["cells"][i]["outputs"] for t in output_texts(o)]
        assert len(alt.split()) >= 5 and re.search(r"\d", alt), f"cell {i}: {alt!r}"
        assert any(alt in text for text in texts), f"cell {i}: the alternative text is no caption of the cell"


def test_every_figure_is_followed_by_words_about_it(lesson):
    """A picture that nobody explains teaches nothing: some prose stands between it and the end of its section."""
    for i, _ in pictures(lesson):
        following = lesson["cells"][i + 1 : i + 5]
        assert any(c["cell_type"] == "markdown" and not text_of(c["source"]).startswith("#") for c in following), i


def test_headings_are_short_unlike_each_other_and_end_without_a_stop(lesson):
    titles = [title for _, title in headings(lesson)]
    assert len(titles) == len(set(titles)) >= 6
    assert all(len(title) <= 70 and title[-1] not in ".:" for title in titles), titles


def test_links_say_where_they_lead(lesson):
    for _, cell in cells(lesson, "markdown"):
        for words in re.findall(r"(?<!!)\[([^\]]+)\]\(", text_of(cell["source"])):
            assert words.strip().lower() not in {"here", "link", "this", "click here"}, words


def test_tables_have_a_head(lesson):
    for _, cell in cells(lesson, "markdown"):
        for table in re.findall(r"(?:^\|.*\n?)+", text_of(cell["source"]), flags=re.MULTILINE):
            assert re.fullmatch(r"\|(?:\s*:?-+:?\s*\|)+", table.splitlines()[1].strip()), table
