"""`compare` as it is typed: when it is a grid, what it prints and leaves, and how it refuses."""

import json

import pytest

from topk_lib.__main__ import build_parser, main
from topk_lib.experiments.commands import grid_command
from topk_lib.experiments.commands.compare_options import grid_from, is_single
from topk_lib.experiments.commands.grid_command import command_of
from topk_lib.experiments.grids import grid_runs

from .grids import small_grid

SMALL = {"model": "linear", "epochs": 1, "train-size": 60, "test-size": 30, "batch-size": 20, "device": "cpu"}
TINY = [word for name, value in SMALL.items() for word in (f"--{name}", value)] + ["--validation", 20]


def run(*words):
    try:
        return main(["compare", *map(str, words)])
    except SystemExit as end:
        return end.code


def options(text):
    return build_parser().parse_args(["compare", *text.split()])


@pytest.mark.parametrize(
    ("text", "single"),
    [
        ("", True),
        ("--dataset cifar10", True),
        ("--p-k .5 .5 --sorter bitonic --lr .1 --seed 3", True),
        ("--seeds 2", False),
        ("--lr .1 .2", False),
        ("--sorters bitonic softsort", False),
    ],
)
def test_one_run_of_each_loss_is_shown_epoch_by_epoch(text, single):
    assert is_single(options(text), grid_from(options(text))) == single


def test_every_option_of_a_loss_takes_several_values_and_names_say_what_differs():
    grid = grid_from(options("--p-k .5 .5 --p-k 0 1 --sorters bitonic odd_even --steepness 2 --seeds 3 --lrs .1 .3"))
    assert list(grid.losses) == [
        "cross-entropy",
        *("P_K = [0.5, 0.5], bitonic", "P_K = [0.5, 0.5], odd_even", "P_K = [0, 1], bitonic", "P_K = [0, 1], odd_even"),
    ]
    assert grid.losses["P_K = [0, 1], bitonic"]["steepness"] == 2 and grid.losses["cross-entropy"] == {"loss": "ce"}
    assert grid.seeds == (0, 1, 2) and grid.tune == {"lr": [0.1, 0.3]}
    assert grid.conditions["synthetic100 6000"]["epochs"] == 8


@pytest.mark.parametrize(
    ("text", "seeds"), [("--seeds 2", (0, 1)), ("--seeds 4 7", (4, 7)), ("--seed 3 --jobs 2", (3,)), ("--jobs 1", (0,))]
)
def test_seeds_are_a_number_or_a_list(text, seeds):
    assert grid_from(options(text)).seeds == seeds


def test_a_grid_leaves_records_a_summary_and_a_figure_and_goes_on_where_it_was(tmp_path, capsys, monkeypatch):
    words = [*TINY, "--seeds", 2, "--lr", 0.01, 0.02, "--p-k", 0.5, 0.5, "--out", tmp_path / "out"]
    assert run(*words, "--collect", tmp_path / "all.json") == 0
    printed = capsys.readouterr()
    assert printed.err == "" and "8 runs, 8 of them to do" in printed.out and "It will take about" in printed.out
    assert "minus cross-entropy" in printed.out and "[8/8]" in printed.out
    assert len(list((tmp_path / "out").rglob("t*-seed-*.json"))) == 8
    assert (tmp_path / "out" / "comparison.png").read_bytes().startswith(b"\x89PNG")
    assert len(json.loads((tmp_path / "all.json").read_text())["rows"]) == 8
    monkeypatch.setattr(grid_runs, "train", lambda *given, **named: pytest.fail("trained again"))
    assert run(*words) == 0
    assert "8 runs, 0 of them to do" in capsys.readouterr().out and (tmp_path / "out" / "summary.json").exists()
    assert run(*words, "--epochs", 2) == 2
    assert "is the record of another run, with epochs = 1 where 2 is asked for" in capsys.readouterr().err


def test_records_are_made_again_where_that_is_asked_for(tmp_path, capsys):
    words = [*TINY, "--seeds", 1, "--out", tmp_path / "out", "--quiet"]
    assert run(*words) == 0
    (record,) = (tmp_path / "out").rglob("*/cross-entropy/test-seed-0-*.json")
    record.write_text("not mine to lose")
    assert run(*words) == 2 and record.read_text() == "not mine to lose"
    assert run(*words, "--overwrite") == 0 and json.loads(record.read_text())["final"]


def test_any_setting_is_tuned_and_the_table_says_where_a_choice_lies_at_the_edge(tmp_path, capsys):
    (tmp_path / "grid.toml").write_text(
        'model = "linear"\nepochs = 1\nbatch_size = 20\ntrain_size = 60\ntest_size = 30\ndevice = "cpu"\n'
        "validation = 20\nseeds = 1\ntune = { lr = [0.01, 0.02], weight_decay = [0.0, 0.1] }\n"
        '[[loss]]\nname = "plain"\nloss = "ce"\n[[loss]]\nname = "relaxed"\n'
    )
    assert run("--grid", tmp_path / "grid.toml", "--out", tmp_path / "out", "--collect", tmp_path / "all.json") == 0
    printed = capsys.readouterr().out
    rows = json.loads((tmp_path / "all.json").read_text())["rows"]
    assert len(rows) == 10 and {row["tuned"]["weight_decay"] for row in rows} == {0.0, 0.1}
    assert "Learning rates and weight decay were chosen by top-1 on validation samples" in printed
    assert "plain: the best weight_decay, " in printed and "plain: the best learning rate, " in printed


def test_an_interrupted_grid_says_how_to_go_on(tmp_path, capsys, monkeypatch):
    def interrupt(*given, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr(grid_runs, "train", interrupt)
    assert run(*TINY, "--seeds", 2, "--out", tmp_path, "--quiet") == 130
    assert "the runs that are done are kept, and the same command goes on" in capsys.readouterr().err
    assert not list(tmp_path.rglob("*.lock"))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("--seeds 0", "seeds must be at least 1, got 0"),
        ("--seeds 1 1", "seeds must be different whole numbers, at least one, got [1, 1]"),
        ("--seeds 2 --jobs 0", "--jobs must be at least 1, got 0"),
        ("--seeds 2 --m 101", "--m must be at most the number of classes, got m=101 for n=100"),
        ("--seeds 2 --p-k .5 .4", "--p-k must sum to 1, got [0.5, 0.4]"),
        ("--grid none.toml", "none.toml"),
        ("--grid grid.toml --epochs 3", "--epochs must be set in grid.toml, not beside --grid, got 3"),
        ("--metric top4 --seeds 2", "--metric: invalid choice: 'top4'"),
    ],
)
def test_bad_input_is_one_line_that_names_the_option(text, named, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    few = [] if "--grid" in text else ["--train-size", 30, "--test-size", 10]
    assert run(*few, *text.split(), "--out", "out") == 2
    printed = capsys.readouterr().err
    assert named in printed and printed.count("\n") == 1 and not (tmp_path / "out").exists()


def test_the_command_in_a_record_is_free_of_what_is_a_matter_of_one_machine():
    typed = "compare --grid grids/a.toml --data-dir /mine --jobs=2 --quiet --out /tmp/runs --collect a.json"
    assert command_of(typed.split()) == "python -m topk_lib compare --grid grids/a.toml --out runs --collect a.json"


def test_the_time_is_that_of_all_runs_shared_by_the_processes(monkeypatch, tmp_path):
    monkeypatch.setattr(grid_command, "samples_of", lambda *given: None)
    monkeypatch.setattr(
        grid_command, "predict_seconds", lambda config, data, batches: 1.0 if config.loss == "ce" else 2.0
    )
    runs = grid_command.GridFolder(small_grid(), tmp_path)
    assert grid_command._predict(runs, 1) == 12.0 and grid_command._predict(runs, 2) == 6.0
