"""The lecturer's notes fit the lessons: same headings, and minutes that add up to what the lesson says."""

import json
import re
from pathlib import Path

import pytest

from topk_lib.course.editions import read_notes
from topk_lib.course.lessons import LESSONS

from .lesson_file import headings, text_of

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"
WITHOUT_NOTES = {"Exercises", "Recap", "References"}
TIME = re.compile(r"\*\*Time\.\*\* (\d+) minutes[^.]*?, (\d+) for the")
PATHS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


def lesson_and_notes(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return notebook, read_notes(NOTEBOOKS / "notes" / f"{path.stem}.md")


def promised_minutes(notebook):
    """(to read, for the exercises), as the lesson says below its title."""
    found = TIME.search(text_of(notebook["cells"][0]["source"]))
    return int(found[1]), int(found[2])


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request):
    return request.param


def test_sections_are_those_of_the_lesson(path):
    notebook, notes = lesson_and_notes(path)
    wanted = [title.strip() for level, title in headings(notebook) if level == 2]
    wanted = ["Opening", *(title for title in wanted if title not in WITHOUT_NOTES)]
    assert [section.heading for section in notes.sections] == wanted


def test_minutes_add_up_to_those_of_the_lesson(path):
    notebook, notes = lesson_and_notes(path)
    reading, _ = promised_minutes(notebook)
    assert sum(section.minutes for section in notes.sections) == reading
    assert all(section.minutes > 0 for section in notes.sections)


def test_minutes_of_the_exercises_add_up_to_those_of_the_lesson(path):
    notebook, _ = lesson_and_notes(path)
    _, exercises = promised_minutes(notebook)
    assert sum(exercise.minutes for exercise in LESSONS[int(path.name[:2])].exercises) == exercises


def test_every_section_says_something_and_questions_follow(path):
    _, notes = lesson_and_notes(path)
    assert all(len(section.text.split()) >= 15 for section in notes.sections)
    assert notes.discussion.count("?") >= 2 and len(notes.exam.split()) >= 30


def test_there_are_no_notes_without_a_lesson():
    assert {path.stem for path in (NOTEBOOKS / "notes").glob("*.md")} <= {path.stem for path in PATHS}
