"""The instructor gets every exercise worked, and every note at its place."""

import copy
from itertools import pairwise

import nbclient
import nbformat
import pytest

from topk_lib.course.editions import instructor_edition, pieces
from topk_lib.course.editions.notebooks import NOTE
from topk_lib.course.exercises import exercises, grade, solution_source

from .conftest import LESSONS

CHEAP = LESSONS[0]


def notebook(folder, lesson):
    return nbformat.read(folder / lesson.path.name, 4)


def worked(cells):
    """(id, source, verdict) of every exercise."""
    for cell, following in pairwise(cells):
        if "exercise" in pieces.tags(cell):
            yield pieces.CHECK.match(following.source)[1], cell.source, "".join(o.text for o in following.outputs)


def test_every_exercise_is_worked_and_checked(instructor, lesson):
    number = int(lesson.name[:2])
    found = list(worked(notebook(instructor, lesson).cells))
    assert [id for id, _, _ in found] == [id for id in exercises() if int(id.split(".")[0]) == number]
    for id, source, verdict in found:
        assert source == solution_source(id) and "Well done" in verdict
        namespace = {}
        exec(source, namespace)
        assert grade(id, namespace[exercises()[id].reference.__name__]).passed


def test_every_note_stands_below_its_heading(instructor, lesson):
    cells = notebook(instructor, lesson).cells
    for section in lesson.notes.sections:
        note = f"For the lecturer · {section.minutes} minute"
        places = [
            i for i, c in enumerate(cells) if note in c.source and section.text.splitlines()[0].strip() in c.source
        ]
        assert len(places) == 1, section.heading
        above = cells[places[0] - 1].source
        assert above == f"## {section.heading}" or (section.heading == "Opening" and above.startswith("# "))
        assert NOTE in pieces.tags(cells[places[0]])


def test_questions_for_the_room_and_the_exam_stand_at_the_end(instructor, lesson):
    last = [cell.source for cell in notebook(instructor, lesson).cells[-2:]]
    for text, source in zip((lesson.notes.discussion, lesson.notes.exam), last, strict=True):
        assert text == "" or text.splitlines()[0] in source


def test_the_lesson_itself_stays_whole(instructor, lesson):
    cells = [cell for cell in notebook(instructor, lesson).cells if NOTE not in pieces.tags(cell)]
    stored = lesson.notebook.cells
    text, original = ("".join(c.source for c in some if c.cell_type == "markdown") for some in (cells, stored))
    assert "".join(text.split()) == "".join(original.split())
    kept, shown = ([c.outputs for c in some if "show(" in c.source] for some in (cells, stored))
    assert kept == shown


def test_a_solution_that_fails_its_check_is_not_handed_out(monkeypatch):
    monkeypatch.setattr(
        "topk_lib.course.editions.notebooks.solution_source",
        lambda id: f"def {exercises()[id].reference.__name__}(*_):\n    return 0",
    )
    with pytest.raises(ValueError, match="fails its own check"):
        instructor_edition(CHEAP)


def test_a_worked_notebook_runs_from_its_own_folder(tmp_path):
    made = copy.deepcopy(instructor_edition(CHEAP))
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    nbclient.NotebookClient(made, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    verdicts = [verdict for _, _, verdict in worked(made.cells)]
    assert verdicts and all("Well done" in verdict for verdict in verdicts)
