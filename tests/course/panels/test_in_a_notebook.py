"""What a lesson stores of panels and figures passes nbval again and again, until a number in it is wrong."""

import nbformat

from ..notebooks.nbval_run import validate, write_executed

PANEL = "from topk_lib.course.panels import MethodSwitch\npanel = MethodSwitch()\npanel"
MOVED = "before = panel.image.value\npanel.softness.value = 2\nprint('slider moved:', panel.image.value != before)"
FIGURE = "from topk_lib.course.figures import permutation_matrix, show\nshow(permutation_matrix([[0.75, 0.25]], 'ab'))"


def test_pictures_and_model_ids_are_not_compared_but_captions_are(tmp_path):
    path = tmp_path / "lesson.ipynb"
    write_executed(path, [PANEL, MOVED, FIGURE])
    nb = nbformat.read(path, as_version=4)
    panel, moved, figure = (cell["outputs"] for cell in nb.cells)
    assert [sorted(output.data) for output in panel] == [
        ["application/vnd.jupyter.widget-view+json", "image/png", "text/plain"]
    ]
    assert moved[0]["text"] == "slider moved: True\n"
    assert [list(output.data) for output in figure] == [["image/png"], ["text/markdown"]]
    panel[0].data["image/png"] = figure[0].data["image/png"]
    figure[1].data["text/markdown"] = figure[1].data["text/markdown"].replace("0.75", "0.76")
    nbformat.write(nb, path)
    run = validate(path)
    assert "1 failed, 2 passed" in run.stdout, run.stdout + run.stderr
    assert "text/markdown" in run.stdout and "0.76" in run.stdout
