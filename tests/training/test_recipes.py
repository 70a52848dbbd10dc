"""Recipes: schedules that do what their names say, and the paper's values."""

import dataclasses

import pytest
import torch

from topk_lib.training.recipes import RECIPES, make_optimizer, make_schedule


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


def test_the_papers_recipe_is_the_papers():
    recipe = RECIPES["paper"]
    assert (recipe.optimizer, recipe.lr, recipe.weight_decay) == ("adam", 1e-3, 0)
    assert (recipe.epochs, recipe.batch_size, round(recipe.held_out * 50_000)) == (200, 128, 2500)
    assert rates("paper", 5) == [1e-3] * 5


def test_optimizers_carry_the_values_of_the_recipe():
    model = torch.nn.Linear(2, 2)
    sgd = make_optimizer(RECIPES["fast"], model)
    assert isinstance(sgd, torch.optim.SGD) and sgd.defaults["nesterov"]
    assert sgd.defaults["momentum"] == 0.9 and sgd.defaults["weight_decay"] == RECIPES["fast"].weight_decay
    assert isinstance(make_optimizer(RECIPES["paper"], model), torch.optim.Adam)
