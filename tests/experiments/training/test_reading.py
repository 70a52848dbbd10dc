"""Files that a person may have touched: every usual encoding is read, and what is wrong has a file and a place."""

import json
import re

import pytest
import torch

from topk_lib.experiments import Config, load_model, read_record
from topk_lib.experiments import results as records
from topk_lib.experiments.commands.settings_file import read_settings
from topk_lib.experiments.embedding import import_module
from topk_lib.experiments.grids.grid_file import read_grid
from topk_lib.experiments.grids.grid_results import GridResults
from topk_lib.experiments.grids.grid_runs import GridFolder
from topk_lib.experiments.reading import read_tensors, require
from topk_lib.experiments.report.run_tables import single_runs

from .grids import made_up, small_grid

GRID = {"conditions": {}, "losses": {}, "seeds": [0], "metric": "top1"}
RESULT = {"config": Config().resolved(), "data": {"name": "größe"}, "final": {}}


def weights(folder):
    return import_module("topk_lib.experiments.models:Normalize", folder / "model.pt")


READERS = {
    "run.toml": (read_settings, lambda path: 'dataset = "größe"\nepochs = 3\n'),
    "result.json": (read_settings, lambda path: json.dumps(RESULT)),
    "grid.toml": (read_grid, lambda path: 'dataset = "größe"\n[[loss]]\nname = "plain"\nloss = "ce"\n'),
    "a/result.json": (lambda path: read_record(path.parent), lambda path: json.dumps(RESULT)),
    "collected.json": (
        GridResults.from_file,
        lambda path: json.dumps({"grid": GRID, "baseline": "", "best_possible": {}, "rows": []}),
    ),
    "data/results/cifar10-ce.json": (lambda path: records.read_result(path.stem), lambda path: json.dumps(RESULT)),
}
"""By the name of a file: what reads it, and the text of a good one."""


@pytest.fixture(params=READERS)
def reader(request, tmp_path, monkeypatch):
    """What reads a file, its path, and a text that it takes."""
    read, text = READERS[request.param]
    path = tmp_path / request.param
    path.parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return read, path, text(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_usual_encoding_is_read(reader, encoding):
    read, path, text = reader
    path.write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert read(path) is not None


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda text: b"", "the file is empty"),
        (lambda text: b"\xef\xbb\xbf\n", "the file is empty"),
        (lambda text: text.encode()[: len(text) // 3], "or cut short: .*(line 1|line 2|line 3|end of document)"),
        (lambda text: b"\x89PNG\r\n\x1a\n\0\0", "no text in utf-8, from byte 0 in line 1 on"),
        (lambda text: text.encode("latin-1") + b"\n\xe4", "no text in utf-8, from byte"),
        (lambda text: text.encode("utf-16-le"), r"no text in (utf-8|UTF-8, it holds zero bytes)"),
        (lambda text: b"\xff\xfe" + text.encode("utf-16-le")[:-1], "no text in utf-16"),
        (lambda text: b"a = " * text.startswith("data") + b"[" * 10_000, "or cut short: maximum recursion depth"),
    ],
)
def test_what_is_no_such_file_is_named_with_its_place(reader, spoil, named):
    read, path, text = reader
    path.write_bytes(spoil(text))
    with pytest.raises(ValueError, match=f"{re.escape(path.name)}: (no (JSON|TOML), )?{named}"):
        read(path)


@pytest.mark.parametrize("wrong", ["[]", "3", '"text"', "null", "{}", '{"config": [], "rows": 3, "grid": true}'])
def test_json_of_another_kind_is_refused_with_the_place(reader, wrong):
    read, path, _ = reader
    if path.suffix == ".json" and (wrong[0] != "{" or "data" not in path.parts):
        path.write_text(wrong)
        with pytest.raises(ValueError, match=rf"{re.escape(path.name)}: (the file|\w+) (must hold a|is missing)"):
            read(path)


@pytest.mark.parametrize("wrong", [*("", "[1]", '{"run": 3}'), {"final": []}, {"final": {"top1": "0.5"}}, {"data": 3}])
def test_a_record_of_a_grid_that_was_changed_is_named(wrong, tmp_path):
    runs = GridFolder(small_grid(), tmp_path)
    job = runs.grid.tests(runs.grid.cells[0], (("lr", 0.1),))[0]
    path = runs.path(job)
    path.parent.mkdir(parents=True)
    path.write_text(wrong if isinstance(wrong, str) else json.dumps(made_up(runs, job) | wrong))
    with pytest.raises(ValueError, match=re.escape(f"{path}: ")):
        runs.read(job)


def test_a_table_of_a_report_names_the_place_in_its_record(tmp_path, monkeypatch):
    folder = tmp_path / "data" / "results"
    folder.mkdir(parents=True)
    final = {"top1": 0.5, "top2": 0.5, "top3": True, "top5": 0.5}
    (folder / "cifar10-ce.json").write_text(json.dumps(RESULT | {"train_seconds": 1, "final": final}))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"cifar10-ce\.json: final\.top3 must hold a number, got True"):
        single_runs()


@pytest.mark.parametrize(
    ("found", "shape", "message"),
    [
        ({"a": [{"b": 1}, {"b": "x"}]}, {"a": [{"b": float}]}, r"^a\[1\]\.b must hold a number, got 'x'$"),
        ({"a": {}}, {"a": {"b": int}}, r"^a\.b is missing$"),
        ({"a": True}, {"a": int}, "^a must hold a whole number, got True$"),
        ({"a": 1.5}, {"a": int}, "^a must hold a whole number, got 1.5$"),
        ({"a": 1}, {"a": str}, "^a must hold a text, got 1$"),
        ({"a": "long " * 99}, {"a": list}, r"^a must hold a list, got .{50}\.\.\.$"),
    ],
)
def test_a_place_is_told_as_a_path(found, shape, message):
    with pytest.raises(ValueError, match=message):
        require(found, shape)


@pytest.mark.parametrize("read", [load_model, weights])
@pytest.mark.parametrize("spoil", [lambda content: b"", lambda content: content[:900], lambda content: b"mine"])
def test_weights_that_are_damaged_are_named(read, spoil, tmp_path):
    data = {"classes": 3, "image_shape": [3, 16, 16], "dimensions": 4}
    (tmp_path / "result.json").write_text(json.dumps({"config": {"model": "linear"}, "data": data}))
    torch.save({"1.weight": torch.ones(3, 4)}, tmp_path / "model.pt")
    (tmp_path / "model.pt").write_bytes(spoil((tmp_path / "model.pt").read_bytes()))
    with pytest.raises((ValueError, OSError), match=re.escape(str(tmp_path))):
        read(tmp_path)


def test_a_changed_byte_in_a_tensor_is_found(tmp_path):
    path = tmp_path / "x.pt"
    torch.save(torch.ones(1000), path)
    content = bytearray(path.read_bytes())
    content[content.index(torch.ones(4).numpy().tobytes()) + 100] ^= 1
    path.write_bytes(content)
    with pytest.raises(Exception, match="a check sum differs"):
        read_tensors(path)
