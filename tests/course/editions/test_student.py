"""Students get stubs to fill in, nothing computed, and nothing that gives a solution away."""

import re

import nbformat

from topk_lib.course.editions import pieces
from topk_lib.course.editions.notebooks import moved
from topk_lib.course.exercises import exercise, grade, solution_source

FROM_PARENT = re.compile(r"(?:\.\./)+(?:[\w.-]+/)*")
PATH = re.compile(r"""["'(]((?:\.\./)+[^"')#]+)""")


def notebook(folder, lesson):
    return nbformat.read(folder / lesson.path.name, 4)


def lines_of(source):
    return [line.strip() for line in source.splitlines() if line.strip()]


def test_nothing_is_computed_yet(student, lesson):
    code = [cell for cell in notebook(student, lesson).cells if cell.cell_type == "code"]
    assert code and not any(cell.outputs or cell.execution_count for cell in code)


def test_text_and_code_are_those_of_the_lesson(student, lesson):
    made = notebook(student, lesson)
    sources = [[FROM_PARENT.sub("", c.source) for c in some] for some in (made.cells, lesson.notebook.cells)]
    assert sources[0] == sources[1]
    assert made.metadata.kernelspec.name == "python3"


def test_every_stub_says_that_it_is_one(student, lesson):
    cells = notebook(student, lesson).cells
    checks = [cell.source for cell in cells if "check" in pieces.tags(cell)]
    stubs = [cell.source for cell in cells if "exercise" in pieces.tags(cell)]
    assert len(stubs) == len(checks) > 0
    for stub, check in zip(stubs, checks, strict=True):
        found = exercise(pieces.CHECK.match(check)[1])
        namespace = {}
        exec(f"import torch\n{found.imports}\n{stub}", namespace)
        report = grade(found.id, namespace[found.reference.__name__])
        assert not report.attempted, str(report)


def test_no_solution_is_given_away(student, lesson):
    text = "\n".join(cell.source for cell in notebook(student, lesson).cells if "exercise" in pieces.tags(cell))
    ids = re.findall(r"^### Exercise ([\d.]+)", "\n".join(c.source for c in lesson.notebook.cells), re.MULTILINE)
    for id in ids:
        body = solution_source(id).split('"""')[-1]
        assert lines_of(body) and not set(lines_of(body)) & set(lines_of(text))


def test_no_note_for_the_lecturer_is_in_it(student, lesson):
    text = "\n".join(cell.source for cell in notebook(student, lesson).cells)
    notes = lesson.notes
    told = [section.text for section in notes.sections] + [notes.discussion, notes.exam]
    assert not [note for note in told if note and note.splitlines()[0] in text]


def test_links_lead_to_files_beside_it(student, lesson):
    text = "\n".join(cell.source for cell in notebook(student, lesson).cells if cell.cell_type == "markdown")
    names = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    assert [name for name in names if not (student / name).is_file()] == []


def test_files_of_the_kit_are_found_from_the_new_folder(student, lesson):
    named = [path for cell in notebook(student, lesson).cells for path in PATH.findall(cell.source)]
    assert [path for path in named if not (student / path).exists()] == []
    original = [path for cell in lesson.notebook.cells for path in PATH.findall(cell.source)]
    assert len(named) == len(original)


def test_paths_are_changed_for_another_folder(tmp_path):
    cell = nbformat.v4.new_code_cell('open("../data/README.md"); open("../README.md"); a = b[..., 1]')
    folder = tmp_path / "deep" / "down"
    folder.mkdir(parents=True)
    made = moved(nbformat.v4.new_notebook(cells=[cell]), folder).cells[0].source
    assert len(PATH.findall(made)) == 2 and all((folder / path).is_file() for path in PATH.findall(made))
    assert "a = b[..., 1]" in made
