"""The parts that editions are put together from: notes, blocks, formulas, panels, links, the command line."""

import nbformat
import pytest

from topk_lib.course.editions import pieces, read_notes
from topk_lib.course.editions.__main__ import main
from topk_lib.course.editions.hypertext import code, markdown, mathml, without_dead_links
from topk_lib.course.editions.lesson import lessons
from topk_lib.course.editions.page import film
from topk_lib.course.editions.slides import BUDGET, MOST_LINES, blocks, height, held_together, in_portions, mono

NOTES = """# Notes

## Opening

minutes: 2

Say this.

And that.

## A part

minutes: 1

Ask.

## Discussion

1. Why?

## Exam

1. How?
"""


def test_notes_are_read(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text(NOTES, encoding="utf-8")
    notes = read_notes(path)
    assert [(s.heading, s.minutes, s.text) for s in notes.sections] == [
        ("Opening", 2, "Say this.\n\nAnd that."),
        ("A part", 1, "Ask."),
    ]
    assert (notes.discussion, notes.exam) == ("1. Why?", "1. How?")
    assert notes.of("A part").minutes == 1 and notes.of("elsewhere") is None


def test_notes_without_minutes_are_refused(tmp_path):
    path = tmp_path / "notes.md"
    path.write_text(NOTES.replace("minutes: 1", "one minute"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"notes\.md: the section 'A part' must begin with a line such as"):
        read_notes(path)


def test_a_lesson_without_notes_has_none(tmp_path):
    assert read_notes(tmp_path / "missing.md").sections == ()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a\n\nb", 2),
        ("- a\n\n- b\n\n  more of b", 1),
        ("```\na\n\nb\n```\n\nc", 2),
        ("$$\na\n\nb\n$$", 1),
        ("1. a\n2. b\n\nc", 2),
    ],
)
def test_blocks_end_at_blank_lines_that_mean_something(text, count):
    assert len(blocks(text)) == count


def test_what_is_announced_stays_with_its_announcement():
    assert held_together("The sum is\n\n$$a$$\n\nTwo cases:\n\n- x\n- y\n\nEnd.") == [
        "The sum is\n\n$$a$$",
        "Two cases:\n\n- x\n- y",
        "End.",
    ]
    assert held_together("### A\n\nOne.\n\nTwo.") == ["### A\n\nOne.", "Two."]


def test_longer_text_is_taller():
    assert height("word " * 10, 88, 37) < height("word " * 60, 88, 37) < height("- word\n" * 12, 88, 37) < BUDGET


def test_long_lines_are_set_smaller():
    short, long = (mono("x" * length, "code")[0] for length in (40, 120))
    assert "20.0px" in short and "15." in long.partition("px")[0]


def test_long_prints_are_cut_where_the_indent_is_least():
    lines = ["head", *["  more"] * 11, "second", *["  more"] * 11]
    first, second = in_portions("\n".join(lines))
    assert second.startswith("second") and f"{first}\n{second}" == "\n".join(lines)
    assert [len(part.splitlines()) for part in in_portions("\n".join(["x"] * 40))] == [MOST_LINES, MOST_LINES, 4]
    assert in_portions("one\ntwo") == ["one\ntwo"] and in_portions("") == []


def test_headings_cut_a_text_but_not_inside_of_fences():
    text = "before\n\n## One\n\na\n\n```\n## no heading\n```\n\n### Sub\n\n## Two\n\nb"
    found = pieces.at_headings(text)
    assert [heading for heading, _ in found] == ["", "## One", "## Two"]
    assert "### Sub" in found[1][1]


@pytest.mark.parametrize(
    ("tex", "shown"),
    [
        (r"\mathcal L", "ℒ"),
        (r"\mathcal A", "𝒜"),
        (r"x \le \tau", "&#x02264;"),
        (r"\log b", 'log</mi><mspace width="0.167em" /><mi>b'),
        (r"\operatorname{softmax}_j", "<msub><mi>softmax</mi><mi>j</mi></msub>"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "<mtable"),
    ],
)
def test_formulas_become_mathml(tex, shown):
    made = mathml(tex)
    assert shown in made and made.startswith("<math") and "\\" not in made
    assert 'display="block"' in mathml(tex, display=True)


def test_an_unknown_command_is_no_silent_loss():
    with pytest.raises(ValueError, match=r"no MathML for \\unheard"):
        mathml(r"a \unheard{b}")


def test_dollars_in_code_are_no_formulas():
    made = markdown("The price is `$a$`, not $a$.\n\n```\n$b$\n```")
    assert made.count("<math") == 1 and "$a$" in made and "$b$" in made


def test_no_line_begins_with_the_full_stop_after_a_formula():
    assert markdown("Up to $n$. And $m$ too.").count('<span class="keep"><math') == 1
    assert "</math>.</span> And <math" in markdown("Up to $n$. And $m$ too.")


def test_lesson_links_lead_to_pages_and_others_to_nothing():
    made = markdown("[two](02_soft_permutations.ipynb#try-it) [data](../data/README.md) [paper](https://example.org)")
    assert 'href="02_soft_permutations.html#try-it"' in made and 'href="https://example.org"' in made
    assert "README" not in made and ">data<" in made


def test_links_to_lessons_that_were_not_built_become_text():
    page = '<a href="01_a.html">one</a> <a rel="next" href="02_b.html#x">two</a>'
    assert without_dead_links(page, {"01_a"}) == '<a href="01_a.html">one</a> two'


def test_code_is_coloured_and_escaped():
    made = code("x = a < b  # why")
    assert '<span class="' in made and "&lt;" in made


@pytest.mark.parametrize(
    "source",
    [
        "MethodSwitch(scores=SCORES, names=NAMES, softness=2.0)",
        'panel = MethodSwitch(methods=("softsort",), softness=2)\npanel',
    ],
)
def test_a_panel_becomes_a_film_that_starts_where_the_panel_does(source):
    made = film(source)
    labels = [label for label, _, _ in made.frames]
    assert len(set(labels)) == len(labels) == 9
    assert labels[made.start].endswith("= 2")
    assert len({png for _, png, _ in made.frames}) == len({caption for _, _, caption in made.frames}) == 9


@pytest.mark.parametrize(
    "source",
    [
        "TrainingMonitor()",
        "MethodSwitch(scores=s.tolist())",
        "panel = MethodSwitch()\npanel.softness.value = 3\npanel",
        "panel = MethodSwitch()\nother",
        "show(figure)",
        "5",
    ],
)
def test_what_cannot_be_rebuilt_stays_a_still_picture(source):
    assert film(source) is None


def test_proofs_that_a_panel_answers_are_recognised():
    cell = nbformat.v4.new_code_cell("panel = MethodSwitch()\nprint('moved:', True)")
    cell.outputs = [nbformat.v4.new_output("stream", text="slider moved: True\n")]
    assert pieces.moves_panel(cell)
    cell.outputs[0].text = "slider moved: True\nTopKCrossEntropyLoss()\n"
    assert pieces.moves_panel(cell)
    cell.outputs[0].text = "rank 1 is fox\n"
    assert not pieces.moves_panel(cell)


def test_the_command_line_makes_the_chosen_lessons(tmp_path, capsys):
    assert main(["student", "--out", str(tmp_path / "out"), "0", "02_soft_permutations"]) == 0
    made = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert made == ["00_start_here.ipynb", "02_soft_permutations.ipynb"]
    assert "2 files in" in capsys.readouterr().out


def test_a_lesson_that_does_not_exist_is_refused_in_words(tmp_path, capsys):
    assert main(["html", "--out", str(tmp_path / "out"), "77"]) == 2
    assert "no lesson '77'; there are 00_start_here" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_without_lessons_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there are no lessons in"):
        lessons(folder=tmp_path)
