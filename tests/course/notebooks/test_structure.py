"""Every lesson keeps every rule of structure.py, and every rule can be broken."""

import json
from pathlib import Path

import pytest

from . import structure

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"
LESSONS = sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
PANEL = {structure.WIDGET: {"model_id": "0"}, "image/png": PIXEL, "text/plain": "The panel shows 3 rows."}


def test_there_are_lessons():
    assert LESSONS, f"no lesson found in {NOTEBOOKS}"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_lesson_keeps_every_rule(path):
    found = structure.problems(json.loads(path.read_text(encoding="utf-8")))
    assert not found, "\n".join(found)


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def shown(data):
    return {"output_type": "display_data", "data": data, "metadata": {}}


def code(count, source, *outputs, tags=()):
    return {
        "cell_type": "code",
        "id": f"code-{count}",
        "metadata": {"tags": list(tags)},
        "execution_count": count,
        "source": source,
        "outputs": list(outputs),
    }


def prose(name, source):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def good_lesson():
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            prose("title", "# A lesson\n\n```sh\n# no heading\n```\n\n## Part\n\nSome words."),
            code(1, "import topk_lib\n\ntopk_lib.course.setup()"),
            code(2, "print(1)", stream("1\n")),
            code(3, "show()", shown({"image/png": PIXEL}), shown({"text/markdown": "Peak 0.5."})),
            code(4, "panel", shown(PANEL)),
            code(5, "print(3)", stream("3\n")),
            code(6, "# NBVAL_IGNORE_OUTPUT\nprint(seconds)", stream("1.23\n")),
            code(7, "print(4)", stream("4\n")),
        ],
    }


def test_a_good_lesson_has_no_problems():
    assert structure.problems(good_lesson()) == []


def cell(position, **changes):
    return lambda nb: nb["cells"][position].update(changes)


FAULTS = [
    (structure.valid_format, cell(2, outputs=[{"output_type": "nonsense"}])),
    (structure.small_file, cell(2, outputs=[stream("7" * structure.MAX_BYTES)])),
    (structure.kernel_named_python3, lambda nb: nb["metadata"]["kernelspec"].update(name="my-env")),
    (structure.kernel_named_python3, lambda nb: nb["metadata"].pop("kernelspec")),
    (structure.no_widget_state, lambda nb: nb["metadata"].update(widgets={})),
    (structure.counts_without_gaps, cell(2, execution_count=None)),
    (structure.counts_without_gaps, cell(7, execution_count=9)),
    (
        structure.no_stored_errors,
        lambda nb: nb["cells"][2]["outputs"].append(
            {"output_type": "error", "ename": "ValueError", "evalue": "k", "traceback": []}
        ),
    ),
    (structure.no_stderr, lambda nb: nb["cells"][2]["outputs"].append(stream("warning\n", "stderr"))),
    (structure.no_semicolon_ending, cell(2, source="print(1);\n")),
    (structure.markers_have_outputs, cell(6, outputs=[])),
    (structure.markers_have_outputs, cell(2, metadata={"tags": ["nbval-skip"]})),
    (structure.markers_have_outputs, cell(1, metadata={"tags": ["nbval-check-output"]})),
    (structure.enough_is_compared, cell(2, outputs=[])),
    (structure.enough_is_compared, cell(2, metadata={"tags": ["nbval-ignore-output"]})),
    (structure.enough_is_compared, cell(2, source="# NBVAL_IGNORE_OUTPUT\nprint(1)")),
    (structure.one_title, cell(0, source="## Part")),
    (structure.one_title, cell(0, source="# A\n\n# B")),
    (structure.heading_order, cell(0, source="# A\n\n### C")),
    (structure.figures_have_captions, cell(3, outputs=[shown({"image/png": PIXEL})])),
    (
        structure.figures_have_captions,
        cell(3, outputs=[shown({"image/png": PIXEL, "text/plain": "<Figure size 640x480 with 1 Axes>"})]),
    ),
    (structure.panels_work_on_paper, cell(4, outputs=[shown({k: PANEL[k] for k in list(PANEL)[::2]})])),
    (
        structure.panels_work_on_paper,
        cell(4, outputs=[shown({**PANEL, "text/plain": "VBox(children=(IntSlider(value=3),))"})]),
    ),
    (structure.comparable_outputs, cell(2, source="clear_output()\nprint(1)")),
    (structure.comparable_outputs, cell(2, source="@widgets.interact(k=3)\ndef f(k): print(1)")),
    (structure.no_remote_images, cell(0, source="# A\n\n![a cat](https://example.org/cat.png)")),
    (structure.no_remote_images, cell(0, source='# A\n\n<img width="3" src="http://example.org/cat.png">')),
    (
        structure.no_remote_images,
        cell(2, outputs=[shown({"text/html": "<script src='https://example.org/a.js'></script>"})]),
    ),
    (structure.no_installs, cell(2, source="%pip install numpy")),
    (structure.no_installs, cell(2, source="import sys\n!{sys.executable} -m pip install numpy")),
    (structure.no_installs, cell(2, source="%%bash\npip install numpy")),
    (structure.no_installs, cell(2, source="!wget example.org/cat.png")),
    (structure.no_installs, cell(2, source="cifar = load(download=True)")),
    (structure.first_cell_sets_up, cell(1, source="import topk_lib")),
    (structure.first_cell_sets_up, cell(1, source="topk_lib.course.setup()")),
    (structure.first_cell_sets_up, cell(1, source="import topk_lib\n\nsetup()\nk = 3")),
    (structure.first_cell_sets_up, cell(1, source="%matplotlib inline\nimport topk_lib\n\nsetup()")),
    (structure.short_code_cells, cell(2, source="k = 3\n" * (structure.MAX_CODE_LINES + 1))),
    (structure.few_words, cell(0, source="# A\n\n" + "word " * structure.MAX_WORDS)),
    (structure.no_private_paths, cell(2, outputs=[stream("/home/ada/kit/data\n")])),
    (structure.no_private_paths, cell(2, outputs=[stream("C:\\Users\\ada\\kit\n")])),
    (structure.no_private_paths, cell(2, outputs=[stream(f"{NOTEBOOKS.parent}/data\n")])),
]


@pytest.mark.parametrize(("rule", "fault"), FAULTS, ids=lambda value: getattr(value, "__name__", "fault"))
def test_a_planted_fault_is_found_by_its_rule(rule, fault):
    lesson = good_lesson()
    fault(lesson)
    found = structure.problems(lesson)
    assert rule.__name__ in {problem.split(":")[0] for problem in found}, found


def test_every_rule_has_a_planted_fault():
    assert {rule for rule, _ in FAULTS} == set(structure.RULES)
