"""The command line: what it writes, what it prints, and how it refuses."""

import json
import subprocess
import sys
import warnings

import pytest
import torch

from topk_lib.__main__ import main
from topk_lib.experiments import load_model, running
from topk_lib.experiments.commands import commands

TINY = [
    "--model",
    "linear",
    "--epochs",
    "2",
    "--lr",
    "0.01",
    "--train-size",
    "200",
    "--test-size",
    "50",
    "--device",
    "cpu",
]
TRAIN = ["train", "--dataset", "synthetic100", "--loss", "ce", *TINY]


def run(*arguments):
    """The exit code, whether main returns it or argparse exits with it."""
    try:
        return main([str(argument) for argument in arguments])
    except SystemExit as end:
        return end.code


def result(folder):
    return json.loads((folder / "result.json").read_text())


@pytest.mark.parametrize("loss", [["ce"], ["topk", "--p-k", ".5", "0", "0", "0", ".5", "--sorter", "bitonic"]])
def test_train_leaves_a_result_with_everything_in_it_and_the_weights(loss, tmp_path, capsys):
    out = tmp_path / "deep" / "run"
    assert run("train", "--dataset", "synthetic100", "--loss", *loss, *TINY, "--seed", 3, "--out", out) == 0
    record = result(out)
    assert {"config", "versions", "epochs", "train_seconds", "final"} <= set(record)
    assert set(record["final"]) == {"top1", "top2", "top3", "top5"}
    assert len(record["epochs"]) == 2 and record["train_seconds"] > 0
    assert record["config"]["loss"] == loss[0] and record["config"]["seed"] == 3
    assert record["config"]["train_size"] == 200 and record["config"]["test_size"] == 50
    assert record["data"]["best_possible"]["top5"] > record["data"]["best_possible"]["top1"]
    assert load_model(out)(record_images()).shape == (4, 100)
    printed = capsys.readouterr()
    assert printed.err == "" and str(out / "result.json") in printed.out


def record_images():
    import torch

    return torch.zeros(4, 3, 32, 32, dtype=torch.uint8)


def test_the_table_has_a_line_per_epoch_that_agrees_with_the_record(tmp_path, capsys):
    run(*TRAIN, "--out", tmp_path)
    lines = capsys.readouterr().out.splitlines()
    head = next(i for i, line in enumerate(lines) if line.split()[:2] == ["epoch", "loss"])
    assert lines[head].split() == ["epoch", "loss", "top-1", "top-2", "top-3", "top-5", "seconds"]
    for line, row in zip(lines[head + 1 : head + 3], result(tmp_path)["epochs"], strict=True):
        shown = line.replace("%", "").split()
        assert shown[:2] == [str(row["epoch"]), f"{row['train_loss']:.4f}"]
        assert shown[2:6] == [f"{100 * row[k]:.1f}" for k in ("top1", "top2", "top3", "top5")]


def test_topk_settings_reach_the_loss(tmp_path):
    settings = [
        "--sorter",
        "odd_even",
        "--distribution",
        "logistic",
        "--steepness",
        "2",
        "--m",
        "8",
        "--top1-mode",
        "smce",
    ]
    assert (
        run("train", "--dataset", "synthetic100", "--loss", "topk", *settings, *TINY, "--out", tmp_path, "--quiet") == 0
    )
    config = result(tmp_path)["config"]
    assert (config["sorter"], config["distribution"], config["steepness"]) == ("odd_even", "logistic", 2.0)
    assert (config["m"], config["top1_mode"], config["p_k"]) == (8, "smce", [0.2] * 5)


def test_quiet_prints_nothing(tmp_path, capsys):
    assert run(*TRAIN, "--out", tmp_path, "--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_a_result_that_is_there_is_refused_before_anything_is_loaded(tmp_path, capsys, monkeypatch):
    (tmp_path / "result.json").write_text("mine")
    monkeypatch.setattr(commands, "load_data", lambda *given, **named: pytest.fail("loaded"))
    assert run(*TRAIN, "--out", tmp_path) == 2
    assert (tmp_path / "result.json").read_text() == "mine"
    message = capsys.readouterr().err
    assert str(tmp_path / "result.json") in message and "--overwrite" in message and message.count("\n") == 1


def test_overwrite_replaces_a_result(tmp_path):
    (tmp_path / "result.json").write_text("old")
    assert run(*TRAIN, "--out", tmp_path, "--overwrite", "--quiet") == 0
    assert result(tmp_path)["final"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ("--epochs 0", "--epochs must be at least 1, got 0"),
        ("--epochs many", "--epochs: invalid int value: 'many'"),
        ("--lr -1", "--lr must be positive and finite, got -1.0"),
        ("--lr nan", "--lr must be positive and finite, got nan"),
        ("--batch-size 0", "--batch-size must be at least 1, got 0"),
        ("--seed -1", "--seed must be at least 0, got -1"),
        ("--train-size 0", "--train-size must be at least 1, got 0"),
        ("--test-size 0", "--test-size must be at least 1, got 0"),
        ("--dataset cifar11", "--dataset must be one of"),
        ("--dataset folder:", "--dataset must be folder:PATH"),
        ("--dataset folder:/does/not/exist", "/does/not/exist"),
        ("--dataset cifar10 --data-dir /does/not/exist", "/does/not/exist"),
        ("--device gpu", "--device must be auto or one that this machine has"),
        ("--precision half", "--precision: invalid choice: 'half'"),
        ("--model vgg", "--model: invalid choice: 'vgg'"),
        ("--recipe slow", "--recipe: invalid choice: 'slow'"),
        ("--loss hinge", "--loss: invalid choice: 'hinge'"),
        ("--p-k .5 .5", "--p-k must be left out unless loss='topk'"),
        ("--sorter bitonic", "--sorter must be left out unless loss='topk'"),
        ("--m 5", "--m must be left out unless loss='topk'"),
        ("--temperature 2", "--temperature must be left out unless loss='topk'"),
        ("--loss topk --p-k .5 .4", "--p-k must sum to 1, got [0.5, 0.4]"),
        ("--loss topk --p-k", "--p-k: expected at least one argument"),
        ("--loss topk --p-k a", "--p-k: invalid float value: 'a'"),
        ("--loss topk --sorter quicksort", "--sorter: invalid choice: 'quicksort'"),
        ("--loss topk --steepness 0", "--steepness must be positive and finite, got 0.0"),
        ("--loss topk --temperature 1", "--temperature is no setting of sorter 'splitter_selection'"),
        ("--loss topk --sorter softsort --steepness 1", "--steepness is no setting of sorter 'softsort'"),
        ("--loss topk --art-lambda .5", "--art-lambda must be left out unless distribution='logistic_phi'"),
        ("--loss topk --m 3", "--m must be at least 5"),
        ("--loss topk --m 101", "--m must be at most the number of classes, got m=101 for n=100"),
        ("--loss topk --top1-mode x", "--top1-mode must be one of"),
        ("--epoch 3", "unrecognized arguments: --epoch 3"),
    ],
)
def test_bad_input_is_one_line_that_names_the_option(changes, named, tmp_path, capsys):
    arguments = changes.split()
    defaults = [] if "--dataset" in arguments else ["--dataset", "synthetic100"]
    defaults += [] if "--loss" in arguments else ["--loss", "ce"]
    tiny = ["--train-size", "20", "--test-size", "5", "--model", "linear"]
    assert run("train", *defaults, "--out", tmp_path, *tiny, *arguments) == 2
    printed = capsys.readouterr()
    assert named in printed.err and printed.err.count("\n") == 1
    assert printed.err.startswith("python -m topk_lib")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", ["--dataset", "--loss", "--out"])
def test_a_missing_option_is_named(missing, capsys):
    given = {"--dataset": "synthetic100", "--loss": "ce", "--out": "x"}
    del given[missing]
    assert run("train", *[word for pair in given.items() for word in pair]) == 2
    assert f"the following arguments are required: {missing}" in capsys.readouterr().err


def test_the_output_may_not_be_a_file(tmp_path, capsys):
    (tmp_path / "out").write_text("")
    assert run(*TRAIN, "--out", tmp_path / "out") == 2
    assert "out is a file" in capsys.readouterr().err


def test_a_training_that_diverges_says_so_and_leaves_nothing(tmp_path, capsys):
    assert run(*TRAIN, "--out", tmp_path / "run", "--lr", "1e30", "--batch-size", "20", "--quiet") == 1
    assert "smaller learning rate" in capsys.readouterr().err and not (tmp_path / "run").exists()


def test_an_interrupted_training_says_so_and_leaves_nothing(tmp_path, capsys, monkeypatch):
    def interrupt(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "run", interrupt)
    assert run(*TRAIN, "--out", tmp_path / "run", "--quiet") == 130
    assert "interrupted; no result was written" in capsys.readouterr().err and not (tmp_path / "run").exists()


def test_a_mistake_of_ours_is_not_passed_off_as_bad_input(tmp_path, monkeypatch):
    def broken(*given, **named):
        raise ValueError("a bug")

    monkeypatch.setattr(commands, "run", broken)
    with pytest.raises(ValueError, match="a bug"):
        run(*TRAIN, "--out", tmp_path, "--quiet")


def test_warnings_are_one_line_too(tmp_path, capsys, monkeypatch):
    load = running.load

    def warn_and_load(*given, **named):
        warnings.warn("files are used unverified", UserWarning, stacklevel=2)
        return load(*given, **named)

    monkeypatch.setattr(running, "load", warn_and_load)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert run(*TRAIN, "--out", tmp_path, "--quiet") == 0
    assert capsys.readouterr().err == "python -m topk_lib train: warning: files are used unverified\n"


def test_the_bar_shows_on_a_terminal_and_only_there(tmp_path, capsys, monkeypatch):
    run(*TRAIN, "--out", tmp_path / "pipe")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    run(*TRAIN, "--out", tmp_path / "terminal")
    assert "epoch 1/2, loss" in capsys.readouterr().err


def compared(folder, loss):
    (path,) = folder.rglob(f"{loss}/test-seed-*.json")
    return json.loads(path.read_text())


def test_compare_trains_both_losses_alike_and_shows_them_side_by_side(tmp_path, capsys):
    assert run("compare", *TINY, "--batch-size", 50, "--seed", 2, "--out", tmp_path) == 0
    ce, topk = compared(tmp_path, "cross-entropy"), compared(tmp_path, "top-k-loss")
    differing = {name for name in ce["config"] if ce["config"][name] != topk["config"][name]}
    assert differing == {"loss", "p_k", "sorter", "steepness", "distribution", "top1_mode", "eps"}
    assert ce["config"]["seed"] == 2 and ce["data"] == topk["data"]
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG")
    out = capsys.readouterr().out
    for record, name in ((ce, "cross-entropy"), (topk, "top-k loss")):
        assert f"{name} " in out and all(f"{100 * accuracy:.1f}" in out for accuracy in record["final"].values())
        assert "top1" in record["epochs"][0]  # every epoch was looked at
    best = [f"{100 * accuracy:.1f}" for accuracy in ce["data"]["best_possible"].values()]
    assert "best possible" in out and all(number in out for number in best)
    assert "One seed" in out and out.rstrip().endswith(str(tmp_path / "comparison.png"))
    (path,) = tmp_path.rglob("top-k-loss/test-seed-*.json")
    assert load_model(path)(torch.zeros(1, 3, 32, 32)).shape == (1, 100)


def test_compare_never_replaces_results_by_itself(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run("compare", *TINY, "--quiet") == 0
    (path,) = (tmp_path / "runs" / "compare-synthetic100").rglob("top-k-loss/test-seed-*.json")
    before = path.read_bytes()
    assert run("compare", *TINY, "--quiet") == 0 and path.read_bytes() == before
    assert run("compare", *TINY, "--quiet", "--batch-size", 20) == 2
    assert "is the record of another run" in capsys.readouterr().err and path.read_bytes() == before


def test_compare_passes_topk_settings_to_the_topk_loss_alone(tmp_path):
    assert run("compare", *TINY, "--quiet", "--out", tmp_path, "--sorter", "neuralsort", "--temperature", "2") == 0
    assert compared(tmp_path, "top-k-loss")["config"]["temperature"] == 2.0
    assert compared(tmp_path, "cross-entropy")["config"]["temperature"] is None


def test_compare_refuses_bad_input_as_train_does(tmp_path, capsys):
    assert run("compare", "--p-k", ".5", ".4", "--out", tmp_path) == 2
    assert capsys.readouterr().err.startswith("python -m topk_lib compare: --p-k must sum to 1")


def test_without_tqdm_the_way_to_install_it_is_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert run(*TRAIN, "--out", tmp_path) == 2
    assert 'pip install "topk-lib[train]"' in capsys.readouterr().err


@pytest.mark.parametrize("command", ["train", "compare"])
def test_help_names_every_option_and_its_default(command, capsys):
    assert run(command, "--help") == 0
    text = capsys.readouterr().out
    for option in ("--dataset", "--p-k", "--sorter", "--epochs", "--seed", "--out", "--overwrite", "--data-dir"):
        assert option in text
    assert "default: fast" in text and max(map(len, text.splitlines())) <= 120


def test_the_module_runs_as_a_program(tmp_path):
    command = [sys.executable, "-m", "topk_lib", "train", "--dataset", "x", "--loss", "ce", "--out", str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert finished.returncode == 2 and finished.stdout == ""
    assert finished.stderr.startswith("python -m topk_lib train: --dataset must be one of")
