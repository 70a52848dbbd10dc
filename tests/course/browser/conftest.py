"""JupyterLab serving a copy of the lessons, and a page in it."""

import json
import os
import shutil
from pathlib import Path

import pytest

from .lab_page import LabPage
from .lab_server import running_lab

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """JupyterLab on a copy of the lessons, so that running them never changes the files of the tree."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "kit" / "notebooks").mkdir(parents=True)
    for lesson in (ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"):
        _copy_without_outputs(lesson, folder / "kit" / "notebooks")
    shutil.copytree(ROOT / ".jupyter", folder / "kit" / ".jupyter")
    if (ROOT / "data" / "results").is_dir():
        shutil.copytree(ROOT / "data" / "results", folder / "kit" / "data" / "results")
    with running_lab(folder / "kit", folder / "home") as server:
        yield server


def _copy_without_outputs(lesson, folder):
    """A widget that is stored without its state makes JupyterLab ask a new kernel for the model of an old one."""
    notebook = json.loads(lesson.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)
    (folder / lesson.name).write_text(json.dumps(notebook), encoding="utf-8")


@pytest.fixture
def lab_page(browser, lab):
    """An empty page; `lab_page.open("notebooks/00_start_here.ipynb")` shows a lesson in it."""
    page = LabPage(browser.new_page(viewport={"width": 1400, "height": 1600}), lab)
    yield page
    page.close()


@pytest.fixture
def artifacts(tmp_path):
    """The folder for screenshots: TOPK_ARTIFACTS where that is set, else pytest's temporary one."""
    folder = Path(os.environ.get("TOPK_ARTIFACTS", tmp_path)).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder
