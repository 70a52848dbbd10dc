"""Recipes: schedules that do what their names say, and the paper's values."""

import dataclasses

import pytest
import torch

from topk_lib.experiments.training.recipes import RECIPES, make_optimizer, make_schedule


def rates(name, steps, **changes):
    recipe = dataclasses.replace(RECIPES[name], **changes)
    optimizer = make_optimizer(recipe, torch.nn.Linear(2, 2))
    schedule = make_schedule(recipe, optimizer, steps)
    seen = []
    for _ in range(steps):
        seen.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return seen


def test_one_cycle_rises_to_the_rate_and_falls_to_nearly_zero():
    seen = rates("fast", 100, lr=0.5)
    top = seen.index(max(seen))
    assert max(seen) == pytest.approx(0.5, rel=1e-3) and 10 < top < 50
    assert seen[:top] == sorted(seen[:top]) and seen[top:] == sorted(seen[top:], reverse=True)
    assert seen[0] < 0.05 and seen[-1] < 0.001


@pytest.mark.parametrize("steps", [1, 2, 3])
@pytest.mark.parametrize("name", RECIPES)
def test_the_shortest_runs_have_a_rate_too(name, steps):
    assert all(0 < rate <= RECIPES[name].lr for rate in rates(name, steps))


def test_cosine_rises_along_a_line_and_falls_to_nearly_zero():
    seen = rates("modern", 400, lr=1.0, warm_up=0.025)
    assert seen[:11] == pytest.approx([i / 11 for i in range(1, 12)])
    assert seen[10:] == sorted(seen[10:], reverse=True) and seen[205] == pytest.approx(0.5, abs=0.01)
    assert 0 < seen[-1] < 1e-4
    assert rates("modern", 4, warm_up=0.0)[0] == 0.1 and len(rates("modern", 4, warm_up=0.99)) == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"optimizer": "lion"}, "optimizer must be one of 'sgd', 'adam', got 'lion'"),
        ({"schedule": "step"}, "schedule must be one of 'one_cycle', 'cosine', 'constant', got 'step'"),
        ({"select": "loss"}, "select must be one of 'last', 'top1', .*, got 'loss'"),
        ({"select": "top1"}, "select must be 'last' unless val_fraction is above 0, got 'top1'"),
        ({"momentum": -0.1}, "momentum must be at least 0 and below 1, got -0.1"),
        ({"weight_decay": float("inf")}, "weight_decay must be at least 0 and finite, got inf"),
        ({"weight_decay": "none"}, "weight_decay must be a number, got 'none'"),
        ({"val_fraction": 1}, "val_fraction must be at least 0 and below 1, got 1"),
        ({"warm_up": 1.5}, "warm_up must be at least 0 and below 1, got 1.5"),
        ({"crop_padding": -1}, "crop_padding must be at least 0, got -1"),
        ({"flip": 1}, "flip must be true or false, got 1"),
    ],
)
def test_what_a_recipe_cannot_be_is_named(changes, message):
    with pytest.raises((TypeError, ValueError), match=message):
        dataclasses.replace(RECIPES["fast"], **changes)


def test_where_images_are_held_out_the_best_epoch_counts():
    assert {name: recipe.select for name, recipe in RECIPES.items()} == {
        **{"fast": "last", "paper": "top1", "modern": "top1"}
    }
    assert all((recipe.val_fraction > 0) == (recipe.select != "last") for recipe in RECIPES.values())


def test_the_papers_recipe_is_the_papers():
    recipe = RECIPES["paper"]
    assert (recipe.optimizer, recipe.lr, recipe.weight_decay) == ("adam", 1e-3, 0)
    assert (recipe.epochs, recipe.batch_size, round(recipe.val_fraction * 50_000)) == (200, 128, 2500)
    assert rates("paper", 5) == [1e-3] * 5


def test_optimizers_carry_the_values_of_the_recipe():
    model = torch.nn.Linear(2, 2)
    sgd = make_optimizer(RECIPES["fast"], model)
    assert isinstance(sgd, torch.optim.SGD) and sgd.defaults["nesterov"]
    assert sgd.defaults["momentum"] == 0.9 and sgd.defaults["weight_decay"] == RECIPES["fast"].weight_decay
    assert isinstance(make_optimizer(RECIPES["paper"], model), torch.optim.Adam)
