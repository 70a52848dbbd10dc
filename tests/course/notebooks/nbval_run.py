"""Small notebooks written, executed and validated by strict nbval in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat

ROOT = Path(__file__).resolve().parents[3]
SANITIZE = Path(__file__).with_name("sanitize.cfg")


def write_executed(path: Path, sources: list[str]) -> nbformat.NotebookNode:
    """Writes a notebook of these code cells together with what they print, as the lessons are stored."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    nb.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    with_kit = {**os.environ, "PYTHONPATH": str(ROOT)}
    nbclient.NotebookClient(nb, timeout=120).execute(env=with_kit)
    nbformat.write(nb, path)
    return nb


def validate(path: Path, startup: str = "") -> subprocess.CompletedProcess:
    """Runs `pytest --nbval` on one notebook, as `make test` does.

    `startup` is Python code that the kernel runs before the first cell: a place to plant a fault in the
    library without touching the library or the notebook.
    """
    profile = path.parent / "ipython"
    folder = profile / "profile_default" / "startup"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "00_fault.py").write_text(startup, encoding="utf-8")
    options = ["--nbval", "--nbval-current-env", f"--nbval-sanitize-with={SANITIZE}", "--color=no"]
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            *options,
            f"--rootdir={path.parent}",
            path,
        ],
        cwd=path.parent,
        env={**os.environ, "IPYTHONDIR": str(profile), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
