"""What commands write: whole or not at all, and what cannot be written is found before any work."""

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from topk_lib.__main__ import main
from topk_lib.course.editions import __main__ as editions
from topk_lib.course.lesson_05 import measure
from topk_lib.experiments.commands import commands, embed_command, grid_command
from topk_lib.experiments.data import draw_embeddings, save_embeddings, writing
from topk_lib.experiments.data.writing import write_whole
from topk_lib.experiments.report import command as report

from ..benchmarks import __main__ as bench
from ..benchmarks import gpu
from .test_report import project  # noqa: F401

SMALL = "--model linear --train-size 60 --test-size 20 --epochs 1 --lr .1 --device cpu --quiet"
COMMANDS = {
    "train": (main, f"train --dataset synthetic100 --loss ce {SMALL} --overwrite --out OUT", "model.pt"),
    "head": (main, "train --dataset embeddings:FILE --loss ce --quiet --overwrite --out OUT", "model.pt"),
    "compare": (main, f"compare {SMALL} --overwrite --out OUT", "comparison.png"),
    "one of both": (
        main,
        f"compare {SMALL} --overwrite --out OUT",
        "synthetic100-60/top-k-loss/test-seed-0-lr-0.1.json",
    ),
    "grid": (main, f"compare {SMALL} --seeds 2 --out OUT", "comparison.png"),
    "collect": (main, f"compare {SMALL} --seeds 2 --out NEW --collect OUT", ""),
    "embed": (main, "embed --module x:y --dataset synthetic100 --overwrite --out OUT/x.npz", "x.npz"),
    "bench": (bench.main, "--quick --out OUT", ""),
    "figures": (bench.main, "--quick --out NEW --figures OUT", "bench.png"),
    "gpu": (gpu.main, "--device cpu --out OUT", ""),
    "cost": (measure.main, "--out OUT", ""),
    "slides": (editions.main, "slides 0 --out OUT", "index.html"),
    "student": (editions.main, "student 0 --out OUT", "00_start_here.ipynb"),
}
"""By name: what runs the words, the words, and a file that is written in OUT; "" where OUT is that file."""
BUILD = sys.modules["topk_lib.course.editions.build"]  # where its package has a function of that name
WORK = (
    *((commands, "load_data"), (grid_command, "_predict"), (embed_command, "_network")),
    *(
        (bench, "make_record"),
        (gpu, "measured"),
        (measure, "measure"),
        (BUILD, "deck"),
        (BUILD, "moved"),
    ),
)


def in_a_file(folder, name, patch):
    """OUT leads through a file."""
    (folder / "out").write_text("mine")
    return folder / "out" / "deep"


def a_folder(folder, name, patch):
    """There is a folder where the file belongs."""
    (folder / "out" / name / "mine").mkdir(parents=True)
    return folder / "out"


def protected(folder, name, patch):
    """The file is there, and may be read only."""
    place = folder / "out" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("mine")
    patch.setattr(writing.os, "access", lambda path, mode: os.fspath(path) != os.fspath(place))
    return folder / "out"


def read_only(folder, name, patch):
    """No file can be made in any folder."""

    def refuse(**given):
        raise OSError(errno.EROFS, "Read-only file system")

    patch.setattr(writing.tempfile, "TemporaryFile", refuse)
    return folder / "out" / "deep"


def everything(folder):
    return {path: path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.mark.parametrize("spoil", [in_a_file, a_folder, protected, read_only])
@pytest.mark.parametrize("command", COMMANDS)
def test_what_cannot_be_written_is_found_before_any_work(command, spoil, tmp_path, monkeypatch, capsys):
    run, words, name = COMMANDS[command]
    file = save_embeddings(tmp_path / "some.npz", draw_embeddings(5, 20, 9, group_size=5, dimensions=4).data)
    for module, attribute in WORK:
        monkeypatch.setattr(module, attribute, lambda *given, **named: pytest.fail("worked"))
    out = spoil(tmp_path, name, monkeypatch)
    before = everything(tmp_path)
    for word, place in (("FILE", file), ("NEW", tmp_path / "new"), ("OUT", out)):
        words = words.replace(word, str(place))
    with suppress(SystemExit):
        assert run(words.split()) == 2
    said = capsys.readouterr().err
    assert str(tmp_path) in said.splitlines()[-1] and "Traceback" not in said
    assert everything(tmp_path) == before


def test_a_report_is_written_where_all_of_it_can_be(project, monkeypatch, capsys):  # noqa: F811
    """README is stale, and so is a picture whose folder is a file: neither is touched."""
    readme = (project / "README.md").read_text(encoding="utf-8").replace(" %", " percent")
    (project / "README.md").write_text(readme, encoding="utf-8")
    (project / "pictures").write_text("mine")
    monkeypatch.setattr(report, "pictures", lambda: [(Path("pictures/new.png"), None, "new numbers")])
    monkeypatch.setattr(report, "write_picture", lambda *given: pytest.fail("drawn"))
    before = everything(project)
    assert main(["report", "--root", str(project)]) == 2
    assert f"{project / 'pictures'} cannot be written to: Not a directory" in capsys.readouterr().err
    assert everything(project) == before


def test_a_link_that_leads_nowhere_is_no_place_for_a_folder(tmp_path):
    (tmp_path / "out").symlink_to(tmp_path / "nowhere")
    with pytest.raises(OSError, match="out cannot be written to"):
        writing.check_writable(tmp_path / "out" / "result.json")


def test_a_failure_while_writing_leaves_the_old_file_and_no_rubbish(tmp_path):
    def fail(file):
        file.write(b"half")
        raise OSError("disk full")

    path = write_whole(tmp_path / "file", lambda file: file.write(b"old"))
    with pytest.raises(OSError, match="disk full"):
        write_whole(path, fail)
    assert path.read_bytes() == b"old" and [file.name for file in tmp_path.iterdir()] == ["file"]
