"""Grids: what they hold, how a file describes them, and what they refuse."""

import re
from pathlib import Path

import pytest

from topk_lib.experiments import RECIPES
from topk_lib.experiments.grids.grid import Cell, Job, slug
from topk_lib.experiments.grids.grid_file import make_grid, read_grid, seeds_from
from topk_lib.sorters import SORTERS, softness_of

from .grids import CE, TINY, TOPK, small_grid

FILE = """
dataset = ["cifar10", "synthetic100"]
epochs = 3
train_size = [100, 200]
lr = [0.3, 0.1]
seeds = 3
metric = "top5"
[[loss]]
name = "plain"
loss = "ce"
[[loss]]
name = "even, bitonic"
p_k = [0.5, 0.5]
sorter = "bitonic"
"""
GRIDS = Path(__file__).resolve().parents[3] / "data" / "grids"
LOSS = {"loss": [{"name": "plain", "loss": "ce"}]}


def rates(grid, condition, loss):
    return [dict(choice)["lr"] for choice in grid.choices(Cell(condition, loss))]


def test_a_condition_may_name_the_losses_that_are_trained_in_it():
    conditions = {"few": {**TINY, "losses": ["b", "a"]}, "many": TINY}
    grid = small_grid(conditions=conditions, losses={"a": CE, "b": TOPK, "c": {**TOPK, "m": 3}})
    assert grid.losses_in("few") == ("a", "b") and len(grid.cells) == 5
    with pytest.raises(ValueError, match="losses in 'few' must be one of 'a', 'b', got 'z'"):
        small_grid(conditions={"few": {**TINY, "losses": ["z"]}}, losses={"a": CE, "b": TOPK})


def test_any_settings_are_tuned_together():
    grid = small_grid(tune={"weight_decay": [0.1, 0.0], "lr": [0.2], "p_k": [[0.5, 0.5], [1.0]]}, losses={"b": TOPK})
    choices = [dict(choice) for choice in grid.choices(grid.cells[0])]
    assert [(each["weight_decay"], each["p_k"]) for each in choices] == [
        (0.0, (0.5, 0.5)),
        (0.0, (1.0,)),
        (0.1, (0.5, 0.5)),
        (0.1, (1.0,)),
    ]
    assert grid.config(grid.tuning(grid.cells[0])[3]).make_recipe().weight_decay == 0.1


def test_runs_of_one_seed_differ_in_the_loss_alone():
    grid = small_grid()
    plain, even = (grid.config(Job(Cell("tiny", loss), "test", 1, (("lr", 0.1),))).resolved() for loss in grid.losses)
    topk_alone = {"loss", "p_k", "sorter", "steepness", "distribution", "top1_mode", "eps"}
    assert {name for name in plain if plain[name] != even[name]} == topk_alone
    assert (plain["seed"], plain["lr"]) == (1, 0.1)


def test_every_loss_tries_as_many_rates_each_once_with_a_seed_that_does_not_count():
    grid = small_grid(tune={"lr": (0.3, 0.1, 0.2)})
    for cell in grid.cells:
        assert [(job.seed, dict(job.choice)["lr"]) for job in grid.tuning(cell)] == [(100, 0.1), (100, 0.2), (100, 0.3)]
        assert [job.seed for job in grid.tests(cell, (("lr", 0.2),))] == [0, 1]
    with pytest.raises(ValueError, match="tune must hold as many values for every loss"):
        small_grid(losses={"a": CE, "b": {**TOPK, "tune": {"lr": (0.1, 0.2, 0.3)}}})
    own = small_grid(losses={"a": CE, "b": {**TOPK, "tune": {"lr": (0.7, 0.9)}}})
    assert rates(own, "tiny", "a") == [0.01, 0.1] and rates(own, "tiny", "b") == [0.7, 0.9]


def test_where_there_is_one_rate_nothing_is_tuned():
    for given, used in (((0.2,), 0.2), ((), RECIPES["fast"].lr)):
        grid = small_grid(tune={"lr": given})
        assert rates(grid, *grid.cells[0]) == [used] and grid.tuning(grid.cells[0]) == ()


def test_the_baseline_is_cross_entropy_wherever_it_stands():
    assert small_grid(losses={"even": TOPK, "plain": CE}).baseline == "plain"
    assert small_grid(losses={"even": TOPK}).baseline == "even"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seeds": ()}, "seeds must be different whole numbers"),
        ({"seeds": (1, 1)}, "seeds must be different whole numbers"),
        ({"seeds": (0, 100)}, "tuning_seed must be none of the seeds that count, got 100"),
        ({"metric": "top4"}, "metric must be one of 'top1', 'top2', 'top3', 'top5', got 'top4'"),
        ({"validation": 0}, "validation must be at least 1"),
        ({"tune": {"lr": (0.1, -1.0)}}, "lr must be positive and finite, got -1.0"),
        ({"losses": {}}, "losses must have names"),
        ({"losses": {"a b": CE, "A-B": CE}}, "losses must have names that give different folders"),
        ({"conditions": {"tiny": {**TINY, "epoch": 3}}}, "'epoch'"),
        ({"conditions": {"tiny": {**TINY, "seed": 3}}}, "'seed'"),
        ({"losses": {"a": {"loss": "topk", "p_k": (0.5, 0.4)}}}, "p_k must sum to 1"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        small_grid(**changes)


def test_a_file_describes_a_grid(tmp_path):
    (tmp_path / "grid.toml").write_text(FILE)
    grid = read_grid(tmp_path / "grid.toml")
    names = ["cifar10 100", "cifar10 200", "synthetic100 100", "synthetic100 200"]
    assert list(grid.conditions) == names and grid.seeds == (0, 1, 2) and grid.metric == "top5"
    config = grid.config(Job(Cell("synthetic100 200", "even, bitonic"), "test", 2, (("lr", 0.3),)))
    assert (config.dataset, config.train_size, config.epochs, config.seed) == ("synthetic100", 200, 3, 2)
    assert (config.loss, config.sorter, config.lr) == ("topk", "bitonic", 0.3)


def test_conditions_may_differ_in_anything():
    tables = [{"name": "few", "train_size": 100, "epochs": 9, "lr": [0.5, 0.6]}, {"name": "many", "model": "resnet18"}]
    grid = make_grid({"dataset": "cifar10", "lr": [0.1, 0.2], "condition": tables, **LOSS})
    assert grid.config(Job(Cell("few", "plain"), "test", 0, (("lr", 0.5),))).epochs == 9
    assert rates(grid, "few", "plain") == [0.5, 0.6] and rates(grid, "many", "plain") == [0.1, 0.2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epochs = '3'", "epochs must be an int, got '3' (str) (for 'plain' in 'synthetic100')"),
        ("dataset = 3", "dataset must be a str, got 3 (for 'plain' in '3')"),
        ("dataset = []", "dataset must hold a value, got []"),
        ("lr = '0.1'", "lr must be a positive number, got '0.1' (str) (for 'plain' in 'synthetic100')"),
        ("lr = 0", "lr must be positive and finite, got 0"),
        ("tune = 3", "tune must be a table of values to try by setting, got 3"),
        ("tune = { wieght = [1] }", "a setting to tune must be one of"),
        ("seeds = '3'", "seeds must be an int, got '3'"),
        ("validation = true", "validation must be an int, got True"),
        ("loss = 'ce'", "loss must be a list of tables [[loss]], each with a name, got 'ce'"),
        ("[[loss]]\nname = 3", "loss must be a list of tables [[loss]], each with a name"),
        ("[[loss]]\nname = 'even'\nm = true", "m must be an int, got True (bool) (for 'even' in 'synthetic100')"),
        ("[[loss]]\nname = 'even'\nlr = 0", "lr must be positive and finite, got 0 (for 'even' in 'synthetic100')"),
        ("[[loss]]\nname = 'even'\nlr = '1'", "lr must be a positive number, got '1' (str) (for 'even' in"),
        ("[[condition]]\nname = ['a']", "condition must be a list of tables [[condition]], each with a name"),
    ],
)
def test_a_value_of_the_wrong_type_is_named_with_its_file_and_place(text, message, tmp_path):
    path = tmp_path / "grid.toml"
    plain = "" if text.startswith("loss") else "[[loss]]\nname = 'plain'\nloss = 'ce'\n"
    path.write_text(f"{plain}{text}" if text.startswith("[") else f"{text}\n{plain}")
    with pytest.raises((TypeError, ValueError), match=re.escape(f"{path}: {message}")):
        read_grid(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, r"loss must be a list of tables \[\[loss\]\]"),
        ({"loss": [{"loss": "ce"}]}, "each with a name"),
        ({"loss": [{"name": "a", "loss": "ce"}] * 2}, "loss must have different names"),
        ({**LOSS, "sizes": [1]}, "a setting must be one of"),
        ({**LOSS, "seeds": 0}, "seeds must be at least 1"),
    ],
)
def test_a_content_that_is_no_grid_is_refused(content, message):
    with pytest.raises(ValueError, match=message):
        make_grid(content)


def test_a_file_that_is_no_toml_is_named(tmp_path):
    (tmp_path / "grid.toml").write_text("seeds = [")
    with pytest.raises(ValueError, match=r"grid\.toml: no TOML"):
        read_grid(tmp_path / "grid.toml")


def test_seeds_are_a_number_or_a_list():
    assert seeds_from(3) == (0, 1, 2) and seeds_from([3]) == (3,)


def test_a_name_becomes_a_folder():
    assert slug("P_K = [.5, 0, .5], NeuralSort") == "p-k-.5-0-.5-neuralsort"


def test_a_grid_of_before_a_setting_was_renamed_is_understood():
    content = {"dataset": "synthetic100", "loss": [{"name": "ce", "loss": "ce"}], "lr": 0.1}
    for where in ({}, {"tune": {"held_out": [0.1, 0.2]}}, {"held_out": 0.2}):
        now = {name.replace("held_out", "val_fraction"): value for name, value in where.items()}
        if "tune" in now:
            now["tune"] = {"val_fraction": [0.1, 0.2]}
        assert make_grid({**content, **where}) == make_grid({**content, **now})


@pytest.mark.parametrize("path", sorted(GRIDS.glob("*.toml")), ids=lambda path: path.stem)
def test_a_grid_of_the_project_repeats_whatever_the_defaults_become(path):
    grid = read_grid(path)
    for name, settings in grid.losses.items():
        if settings.get("loss", "topk") != "topk":
            continue
        wanted = {"loss", "p_k", "sorter", "top1_mode", softness_of(settings.get("sorter", "bitonic"))}
        if "distribution" in SORTERS.settings(settings.get("sorter", "bitonic")):
            wanted |= {"distribution"} | ({"art_lambda"} if settings.get("distribution") == "logistic_phi" else set())
        assert wanted <= set(settings), f"{name} leaves out {wanted - set(settings)}"
