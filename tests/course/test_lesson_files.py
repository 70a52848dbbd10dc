"""The files that hold the lessons' words: what is missing or unknown in one is named, with the file."""

from pathlib import Path

import pytest

from topk_lib.course.exercises import exercise
from topk_lib.course.lessons import LESSONS, Lesson, read_words

TEXT = LESSONS[2].path.read_text(encoding="utf-8")


@pytest.fixture
def changed(tmp_path):
    """Makes a copy of lesson 02 whose file says something else in one place."""

    def change(old, new):
        assert old in TEXT
        path = tmp_path / "lesson.toml"
        path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
        return Lesson(2, path)

    return change


def test_the_copy_as_it_is_says_the_same(changed):
    copy = changed("title", "title")
    assert copy.words == LESSONS[2].words and copy.terms == LESSONS[2].terms
    assert [e.id for e in copy.exercises] == [e.id for e in LESSONS[2].exercises]


@pytest.mark.parametrize(
    ("old", "new", "trouble"),
    [
        ('title = "Soft permutations"', "", "title is missing"),
        ('title = "Soft permutations"', 'titel = "Soft permutations"', "title is missing"),
        ('title = "Soft permutations"', 'title = "Soft permutations"\nauthor = "x"', "author is unknown"),
        ("why = ", "wy = ", r"exercises\[0\].why is missing"),
        ("why = ", 'remark = "x"\nwhy = ', r"exercises\[0\].remark is unknown; known are id, code, "),
        ("minutes = 8", 'minutes = "8"', r"exercises\[0\].minutes must hold a whole number, got '8'"),
        ("meaning = ", "means = ", r"terms\[0\].meaning is missing"),
        ("also = ", "alias = ", r"terms\[0\].alias is unknown; known are name, meaning, also"),
        ("also = [", "also = [1, ", r"terms\[0\].also\[0\] must hold a text, got 1"),
        ("choices = [", "choices = [7, ", r"predictions\[0\].choices\[0\] must hold a text, got 7"),
        ('"P transposed" = "Your', '"P transposed" = 1 # "Your', "mistakes.P transposed must hold a text, got 1"),
        ('title = "Soft permutations"', "title = ", "no TOML"),
    ],
)
def test_a_key_that_is_missing_unknown_or_of_another_type_is_named_with_its_file(changed, old, new, trouble):
    lesson = changed(old, new)
    with pytest.raises(ValueError, match=rf"lesson\.toml: .*{trouble}"):
        read_words(lesson.path)


def test_a_mistake_that_only_the_file_or_only_the_code_has_is_named(changed):
    lesson = changed('"P transposed" = ', '"P turned" = ')
    with pytest.raises(ValueError, match=r"lesson\.toml: exercise 2\.1, mistakes: 'P transposed': it is missing here"):
        _ = lesson.exercises
    lesson = changed('"P transposed" = ', '"A new one" = "x"\n"P transposed" = ')
    with pytest.raises(ValueError, match=r"lesson\.toml: exercise 2\.1, mistakes: 'A new one': the code does not know"):
        _ = lesson.exercises


def test_an_exercise_without_code_is_named(changed):
    lesson = changed('code = "soft_sort"', 'code = "soft_sorts"')
    with pytest.raises(ValueError, match=r"lesson\.toml: there is no module .*lesson_02\.soft_sorts"):
        _ = lesson.exercises


def test_a_prediction_without_a_computed_answer_is_named(changed):
    lesson = changed('id = "2.a"', 'id = "2.x"')
    with pytest.raises(ValueError, match=r"lesson\.toml: predictions: '2\.a': it is missing here"):
        _ = lesson.predictions


def test_line_breaks_in_a_text_are_spaces():
    assert "\n" in TEXT.partition("task = ")[2][:200]
    texts = (exercise("2.1").task, *exercise("2.1").hints, *exercise("2.4").messages.values())
    assert all("\n" not in text and "  " not in text for text in texts)


def test_every_lesson_has_its_file_and_its_code_and_nothing_else_is_a_lesson():
    folders = sorted(Path(LESSONS[0].path).parents[1].glob("lesson_*"))
    assert (
        [folder.name for folder in folders]
        == [f"lesson_{number:02d}" for number in LESSONS]
        == [f"lesson_{number:02d}" for number in range(11)]
    )
