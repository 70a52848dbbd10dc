"""`python -m topk_lib train`, interrupted: what it saves, what it says, and how it goes on."""

import errno
import json
import os
import shlex
import signal
import sys
from pathlib import Path

import pytest
import torch

from topk_lib.__main__ import main
from topk_lib.experiments import Checkpoint
from topk_lib.experiments.commands import commands
from topk_lib.experiments.commands.progress import Progress
from topk_lib.experiments.commands.resume import command_to_go_on
from topk_lib.experiments.data import draw_embeddings, save_embeddings, writing
from topk_lib.experiments.training import checkpoint as checkpoints

from .test_killed import without_times

SETTINGS = ["--loss", "ce", "--epochs", "2", "--lr", "0.01", "--batch-size", "50", "--device", "cpu"]
OF_IMAGES = ["--model", "linear", "--train-size", "200", "--test-size", "50", "--precision", "float32"]


@pytest.fixture(scope="module", params=["images", "embeddings"])
def kind(request, tmp_path_factory):
    """What is trained, and on what: eight steps in two epochs either way."""
    if request.param == "images":
        return ["--dataset", "synthetic100", *OF_IMAGES]
    data = draw_embeddings(40, 200, 60, dimensions=6).data
    return ["--dataset", f"embeddings:{save_embeddings(tmp_path_factory.mktemp('embeddings') / 'some.npz', data)}"]


@pytest.fixture
def train(kind, monkeypatch):
    monkeypatch.setattr(commands, "announce", lambda *given: None)
    return lambda *words: main(["train", *kind, *SETTINGS, *map(str, words)])


@pytest.fixture
def nothing_is_loaded(monkeypatch):
    for module, name in ((commands, "load_data"),):
        monkeypatch.setattr(module, name, lambda *given, **named: pytest.fail("loaded"))


def result(folder):
    return json.loads((folder / "result.json").read_text())


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def at_step(monkeypatch, number, action):
    """Do something during the callback of a step."""
    real = Progress.on_batch

    def on_batch(self, step, info):
        real(self, step, info)
        if step == number:
            action()

    monkeypatch.setattr(Progress, "on_batch", on_batch)


@pytest.fixture
def interrupted(train, tmp_path, monkeypatch, capsys):
    """The folder of a run that was interrupted after step 6 of 8, and what was said then."""
    folder = tmp_path / "my run"
    with monkeypatch.context() as patch:
        at_step(patch, 6, lambda: signal.raise_signal(signal.SIGINT))
        assert train("--out", folder) == 130
    return folder, capsys.readouterr().err


def test_control_c_saves_and_says_the_command_that_goes_on(train, interrupted, tmp_path, capsys):
    folder, said = interrupted
    assert files(folder) == ["checkpoint.pt"] and said.count("\n") == 1
    start = "python -m topk_lib train: interrupted, and saved. To go on: python -m topk_lib "
    assert said.startswith(start)
    assert main(shlex.split(said.removeprefix(start))) == 0
    shown = capsys.readouterr().out
    assert "Going on after step 6 of 8" in shown and shown.count("\n    1 ") == 1 and shown.count("\n    2 ") == 1
    assert train("--out", tmp_path / "whole", "--quiet") == 0
    assert without_times(result(folder)) == without_times(result(tmp_path / "whole"))
    weights = [torch.load(path / "model.pt", weights_only=True) for path in (folder, tmp_path / "whole")]
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())
    assert files(folder) == ["model.pt", "result.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
def test_a_request_to_end_does_so_too(train, tmp_path, monkeypatch, capsys):
    at_step(monkeypatch, 3, lambda: os.kill(os.getpid(), signal.SIGTERM))
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    assert train("--out", tmp_path, "--quiet") == 143
    assert "To go on: " in capsys.readouterr().err
    assert Checkpoint(tmp_path / "checkpoint.pt").path.exists()
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_the_second_control_c_ends_at_once(train, tmp_path, monkeypatch, capsys):
    steps = []

    def twice():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        steps.append("not reached")

    at_step(monkeypatch, 2, twice)
    assert train("--out", tmp_path, "--quiet") == 130 and not steps


def test_an_unfinished_run_is_never_lost_by_accident(train, interrupted, nothing_is_loaded, capsys):
    folder, _ = interrupted
    kept = (folder / "checkpoint.pt").read_bytes()
    assert train("--out", folder) == 2
    said = capsys.readouterr().err
    assert "checkpoint.pt" in said and "--resume" in said and "--overwrite" in said and said.count("\n") == 1
    assert train("--out", folder, "--resume", "--overwrite") == 2
    assert "--resume must be left out with --overwrite" in capsys.readouterr().err
    assert (folder / "checkpoint.pt").read_bytes() == kept


def test_overwrite_starts_anew(train, interrupted):
    folder, _ = interrupted
    assert train("--out", folder, "--overwrite", "--quiet", "--lr", 0.02) == 0
    assert result(folder)["config"]["lr"] == 0.02 and files(folder) == ["model.pt", "result.json"]


def test_other_settings_are_named_before_any_training(train, interrupted, capsys):
    folder, _ = interrupted
    for words, named in (
        (["--lr", 0.02], "--lr must be 0.01 as in"),
        (["--epochs", 3], "--epochs must be 2 as in"),
        (["--recipe", "paper"], "--recipe must be 'fast' as in"),
        (["--seed", 1], "--seed must be 0 as in"),
        (["--loss", "topk"], "--loss must be 'ce' as in"),
    ):
        assert train("--out", folder, "--resume", *words) == 2
        assert f"python -m topk_lib train: {named}" in capsys.readouterr().err
    assert files(folder) == ["checkpoint.pt"]


def test_a_finished_run_has_nothing_left_to_do(train, tmp_path, capsys, monkeypatch):
    assert train("--out", tmp_path, "--quiet") == 0
    before = (tmp_path / "result.json").read_bytes()
    monkeypatch.setattr(commands, "load_data", lambda *given, **named: pytest.fail("loaded"))
    monkeypatch.setattr(commands, "finish", lambda *given: pytest.fail("trained"))
    assert train("--out", tmp_path, "--resume") == 0
    assert "result.json is the result of this run: nothing is left to do" in capsys.readouterr().out
    assert train("--out", tmp_path, "--resume", "--lr", 0.5) == 2
    assert "--lr must be 0.01 as in" in capsys.readouterr().err
    assert (tmp_path / "result.json").read_bytes() == before


def test_without_a_checkpoint_a_run_starts_and_says_so(train, tmp_path, capsys):
    assert train("--out", tmp_path / "new", "--resume") == 0
    assert "checkpoint.pt: the run starts at its beginning" in capsys.readouterr().out
    assert len(result(tmp_path / "new")["epochs"]) == 2


def test_a_run_that_was_killed_while_it_wrote_its_result_is_finished_by_resume(train, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *given, **named: None)
        assert train("--out", tmp_path, "--quiet") == 0
    assert files(tmp_path) == ["checkpoint.pt", "model.pt", "result.json"]
    before = result(tmp_path)
    assert train("--out", tmp_path, "--quiet", "--resume") == 0
    assert without_times(result(tmp_path)) == without_times(before)
    assert files(tmp_path) == ["model.pt", "result.json"]


def test_a_full_disk_says_what_to_do(train, tmp_path, monkeypatch, capsys):
    real, calls = checkpoints.write_whole, []

    def write(path, action):
        calls.append(path)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, action)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "write_whole", write)
        assert train("--out", tmp_path, "--quiet", "--checkpoint-every", 0) == 1
    said = capsys.readouterr().err
    assert "checkpoint.pt cannot be written: No space left on device. The last checkpoint is whole. To go on: " in said
    assert files(tmp_path) == ["checkpoint.pt"] and said.count("\n") == 1
    assert train("--out", tmp_path, "--quiet", "--resume") == 0


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_loaded(
    train, nothing_is_loaded, tmp_path, monkeypatch, capsys
):
    def refuse(**given):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(writing.tempfile, "TemporaryFile", refuse)
    assert train("--out", tmp_path / "run") == 2
    assert "cannot be written to: Read-only file system" in capsys.readouterr().err
    assert not files(tmp_path)


def test_a_checkpoint_every_minus_second_is_refused(train, tmp_path, capsys):
    assert train("--out", tmp_path / "run", "--checkpoint-every", -1) == 2
    assert "must be positive" in capsys.readouterr().err


def test_the_command_to_go_on_begins_as_this_program_was_started(monkeypatch):
    typed = ["train", "--out", "my run", "--overwrite"]
    assert command_to_go_on([*typed, "--resume"]) == "python -m topk_lib train --out 'my run' --resume"
    monkeypatch.setattr(sys, "orig_argv", [".venv/bin/python", "-m", "topk_lib", *typed])
    assert command_to_go_on(typed) == ".venv/bin/python -m topk_lib train --out 'my run' --resume"
