"""What shares a slide: nothing looks lost, and what belongs together stays together."""

from pathlib import Path

import nbformat
import pytest

from topk_lib.course.editions.lesson import Lesson, Notes
from topk_lib.course.editions.slides import slides

PNG = "iVBORw0KGgo="
ANSWER = nbformat.v4.new_code_cell('reveal("2.a")')
ASK = "**Predict (2.a).** Which?"
LONG = " ".join(["Many words make a slide that is full of them."] * 18)


def figure(width, height):
    """A cell that has shown a picture of this size."""
    look = {"image/png": {"width": width, "height": height, "alt": "a picture"}}
    shown = nbformat.v4.new_output("display_data", {"image/png": PNG}, metadata=look)
    return nbformat.v4.new_code_cell("show(figure)", outputs=[shown])


def made(*cells):
    """The slides of a lesson with these cells below its title; text stands for a Markdown cell."""
    cells = [cell if isinstance(cell, dict) else nbformat.v4.new_markdown_cell(cell) for cell in cells]
    title = nbformat.v4.new_markdown_cell("# 02 · A lesson\n\nIt promises.")
    notebook = nbformat.v4.new_notebook(cells=[title, *cells])
    return slides(Lesson(Path("02_a_lesson.ipynb"), notebook, Notes()))[1:]


def kinds(found):
    return [slide.kind for slide in found]


def test_a_few_lines_stand_above_the_question_that_follows():
    (asked,) = made("## A\n\nSome words.", ASK)
    assert asked.kind == "question" and asked.body.index("Some words.") < asked.body.index('class="asked"')
    assert kinds(made(f"## A\n\n{LONG}", ASK)) == ["text", "question"]


def test_a_few_lines_go_below_an_answer_but_not_across_a_heading():
    answer, other = made("## A", ANSWER, "Some words.", "## B\n\nOther words.")
    assert (answer.kind, other.kind) == ("answer", "text")
    assert answer.body.endswith("<p>Some words.</p>") and other.body == "<p>Other words.</p>"
    assert kinds(made("## A", ANSWER, LONG)) == ["answer", "text"]


def test_a_few_lines_go_with_the_reading_of_a_figure_while_there_is_room():
    reading = "**Read the figure.** It is short."
    assert kinds(made("## A", figure(960, 540), reading, "Some words.")) == ["figure", "reading"]
    assert kinds(made("## A", figure(960, 540), f"{reading} {LONG}", "Some words.")) == ["figure", "reading", "text"]


@pytest.mark.parametrize(
    ("width", "words", "kind"),
    [(960, "Short.", "reading"), (1400, "Short.", "reading below"), (1400, LONG, "reading")],
)
def test_text_stands_where_it_leaves_the_picture_larger(width, words, kind):
    assert kinds(made("## A", figure(width, 540), f"**Read the figure.** {words}")) == ["figure", kind]


def test_what_announces_code_goes_with_it():
    code = nbformat.v4.new_code_cell("\n".join(f"line_{i} = {i}" for i in range(15)))
    first, second = made("## A", LONG.partition(". ")[2][:500], "Look here:", code)
    assert "Look here:" not in first.body and second.body.startswith("<p>Look here:</p>")
