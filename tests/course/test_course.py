"""The course as a whole: lessons in order, each leading to the next, with honest minutes and words explained."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from topk_lib.course.exercises import exercises
from topk_lib.course.glossary import terms
from topk_lib.course.lessons import LESSONS, notebook_name

from .notebooks.lesson_file import cells, headings, text_of

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TIME = re.compile(
    r"\*\*Time\.\*\* (\d+) minutes to read[^,]*, (\d+) for the (\w+) exercises?\. \*\*You need\*\* (.+?)\.(?:\s|$)"
)
WORDS = ("no", "one", "two", "three", "four", "five", "six")


def notebook(number):
    return json.loads((NOTEBOOKS / notebook_name(number)).read_text(encoding="utf-8"))


def prose(number):
    return "\n\n".join(text_of(cell["source"]) for _, cell in cells(notebook(number), "markdown"))


@pytest.fixture(params=list(LESSONS))
def number(request):
    return request.param


def test_there_is_one_notebook_for_each_lesson_and_no_other():
    files = [path.name for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))]
    assert files == [notebook_name(number) for number in LESSONS] and len(files) == 11


def test_there_are_at_least_24_exercises_and_each_lesson_has_one_and_a_prediction():
    assert len(exercises()) >= 24
    assert all(lesson.exercises and lesson.predictions for lesson in LESSONS.values())


def test_title_is_that_of_the_library(number):
    assert headings(notebook(number))[0] == (1, f"{number:02d} · {LESSONS[number].title}")


def test_lesson_begins_with_what_it_teaches_and_ends_with_recap_next_and_references(number):
    opening = text_of(notebook(number)["cells"][0]["source"])
    verbs = re.search(r"\*\*After this lesson you can\*\*\n\n((?:- .+\n)+)", opening)
    assert verbs and 2 <= len(verbs[1].splitlines()) <= 5
    titles = [title for level, title in headings(notebook(number)) if level == 2]
    assert titles[-3:] == ["Exercises", "Recap", "References"]


def test_recap_has_about_five_lines(number):
    recap = re.search(r"## Recap\n\n((?:- .+\n)+)", prose(number))
    assert recap and 4 <= len(recap[1].splitlines()) <= 6


def test_minutes_of_the_exercises_add_up(number):
    reading, exercising, count, _ = TIME.search(prose(number)).groups()
    exercises = LESSONS[number].exercises
    assert int(exercising) == sum(exercise.minutes for exercise in exercises)
    assert count == WORDS[len(exercises)] and 5 <= int(reading) <= 45


def test_lesson_needs_only_earlier_ones(number):
    needed = [int(found) for found in re.findall(r"\b\d\d\b", TIME.search(prose(number))[4])]
    assert all(other < number for other in needed) and (needed or number == 0)


def test_each_lesson_leads_to_the_next():
    for number, following in pairwise(LESSONS):
        found = re.search(r"\*\*Next:\*\*.*?\]\((.+?)\)", prose(number))
        assert found and found[1] == notebook_name(following), number


def test_every_link_to_a_file_leads_somewhere(number):
    for link in re.findall(r"\]\((?!https?:|#)([^)]+)\)", prose(number)):
        assert (NOTEBOOKS / link.partition("#")[0]).exists(), link


def test_terms_are_introduced_where_the_glossary_says(number):
    text = prose(number).casefold()
    for word in terms():
        if word.lesson == number:
            names = (word.name, *word.also)
            assert any(name.casefold() in text for name in names), f"{word.name} does not occur in lesson {number}"


def test_no_technical_term_is_used_before_its_lesson(number):
    """Words of daily life apart, which the glossary makes precise, a term waits for the lesson that explains it."""
    text = prose(number).partition("## References")[0]
    text = re.sub(r"\[[^\]]*\]\([^)]*\)|\*\*Next:\*\*.*|Lessons? \d\d[^.]*\.", " ", text)
    early = [
        word.name
        for word in terms()
        if word.lesson > number and len(word.name) > 3 and word.name not in DAILY
        if re.search(rf"\b{re.escape(word.name)}s?\b", text, flags=re.IGNORECASE)
    ]
    assert early == []


DAILY = {"capacity", "certainty", "lane", "layer", "mixture", "monotone", "payload", "pruning", "record", "seed"}
DAILY |= {"spread", "tie"}
