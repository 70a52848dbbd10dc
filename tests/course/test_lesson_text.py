"""Notebooks say what the library says: the comparison works, and the lessons pass it."""

import json
from pathlib import Path

import pytest

from topk_lib.course.lessons import LESSONS
from topk_lib.course.quizzes import predictions

from .lesson_text import missing_calls, missing_texts, wanted_cells

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def made_notebook(lesson, worked=False):
    """A notebook with everything the lesson has to contain, lines stored as a list as the format does."""
    cells = [(kind, text) for _, kind, text in wanted_cells(lesson, worked)]
    for id in (p.id for p in LESSONS[lesson].predictions):
        cells += [("code", f'predict("{id}", None)'), ("code", f'reveal("{id}")')]
    return {"cells": [{"cell_type": kind, "source": text.splitlines(keepends=True)} for kind, text in cells]}


@pytest.mark.parametrize("worked", [False, True])
@pytest.mark.parametrize("lesson", list(LESSONS))
def test_complete_notebook_misses_nothing(lesson, worked):
    notebook = made_notebook(lesson, worked)
    assert missing_texts(notebook, lesson, worked) == [] and missing_calls(notebook, lesson) == []


@pytest.mark.parametrize("lesson", list(LESSONS))
def test_one_changed_word_in_any_cell_is_found(lesson):
    names = [name for name, _, _ in wanted_cells(lesson)]
    for i, name in enumerate(names):
        notebook = made_notebook(lesson)
        notebook["cells"][i]["source"][0] = "x" + notebook["cells"][i]["source"][0][1:]
        assert name in missing_texts(notebook, lesson)


def test_prediction_that_is_revealed_first_or_never_is_found():
    notebook = made_notebook(0)
    notebook["cells"].reverse()
    assert missing_calls(notebook, 0) == ['predict("0.a", None) and later reveal("0.a") are missing']
    assert len(missing_calls({"cells": []}, 2)) == sum(id.startswith("2.") for id in predictions())


def test_call_with_an_unknown_id_is_found():
    notebook = made_notebook(0)
    notebook["cells"].append({"cell_type": "code", "source": 'hint("0.7")'})
    assert missing_calls(notebook, 0) == ['hint("0.7", …) asks for something that lesson 0 does not have']


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_lesson_says_what_the_library_says(path):
    notebook, lesson = json.loads(path.read_text(encoding="utf-8")), int(path.name[:2])
    assert missing_texts(notebook, lesson) == [] and missing_calls(notebook, lesson) == []
