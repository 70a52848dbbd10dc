"""The lecturer's guide tells the truth: its minutes are those of lessons and notes, and its routes add up."""

import re
from pathlib import Path

import pytest

from topk_lib.course.editions import read_notes
from topk_lib.course.exercises import exercises as all_exercises
from topk_lib.course.lessons import LESSONS, notebook_name

NOTEBOOKS = Path(__file__).parents[3] / "notebooks"
GUIDE = (NOTEBOOKS / "README.md").read_text(encoding="utf-8")
NOTES = {number: read_notes(NOTEBOOKS / "notes" / f"{Path(notebook_name(number)).stem}.md") for number in LESSONS}


def section(heading):
    """What stands below a heading, up to the next one."""
    return re.search(rf"^#+ {re.escape(heading)}.*?$(.*?)(?=^#|\Z)", GUIDE, re.MULTILINE | re.DOTALL)[1]


def rows(text):
    """The rows of a table as lists of cells, without its head."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]


def reading(number):
    return sum(part.minutes for part in NOTES[number].sections)


def exercising(number):
    return sum(exercise.minutes for exercise in LESSONS[number].exercises)


def test_every_lesson_is_listed_with_its_minutes():
    *lessons, together = rows(section("The lessons and their minutes"))
    for number, (name, read, exercises, _) in zip(LESSONS, lessons, strict=True):
        assert name == f"[{number:02d} · {LESSONS[number].title}]({notebook_name(number)})"
        assert (int(read), int(exercises)) == (reading(number), exercising(number)), name
    totals = sum(map(reading, LESSONS)), sum(map(exercising, LESSONS))
    assert tuple(map(int, together[1:3])) == totals
    assert "needs eleven hours" in GUIDE and 10.5 < sum(totals) / 60 < 11.5


def test_numbers_of_the_opening_sentence_are_true():
    panels = {row[3] for row in rows(section("The lessons and their minutes"))} - {""}
    assert f"Eleven lessons, {len(all_exercises())} exercises" in GUIDE
    assert "six panels" in GUIDE and len(panels) == 6


@pytest.mark.parametrize("minutes", [45, 90, 180])
def test_minutes_of_a_route_add_up(minutes):
    route = rows(section(f"{minutes} minutes"))
    for lesson, headings, claimed in route:
        found = [NOTES[int(lesson)].of(heading) for heading in headings.split("; ")]
        assert None not in found, f"{lesson}: one of {headings} is no section"
        assert int(claimed) == sum(part.minutes for part in found), lesson
    assert sum(int(claimed) for _, _, claimed in route) == minutes
    assert [lesson for lesson, _, _ in route] == sorted(lesson for lesson, _, _ in route)


def test_usual_mistakes_are_called_as_check_calls_them():
    named = [re.fullmatch(r"(.+) \((.+)\)", cell).groups() for *_, cell in rows(section("The usual mistakes"))]
    assert len(named) >= 6
    for name, ids in named:
        for id in ids.split(", "):
            assert name in all_exercises()[id].mistakes, id


def test_every_lesson_has_exam_and_discussion_questions():
    for number, notes in NOTES.items():
        assert notes.discussion.count("?") >= 2 and len(notes.exam.split()) >= 60, number


def test_links_lead_somewhere():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", GUIDE)
    assert len(links) >= 13 and [link for link in links if not (NOTEBOOKS / link).exists()] == []


def test_commands_are_targets_of_the_makefile():
    makefile = (NOTEBOOKS.parent / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make (\w+)", GUIDE, flags=re.MULTILINE)
    assert len(targets) == 5 and all(re.search(rf"^{target}:", makefile, flags=re.MULTILINE) for target in targets)
