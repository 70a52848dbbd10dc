"""Training recipes by name: all of a run but its data, its network and its loss."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        optimizer: "sgd" (with Nesterov momentum) or "adam".
        schedule: "one_cycle" (learning rate up, then down to nearly zero, along cosines) or "constant".
        lr: largest learning rate.
        epochs: passes over the training images.
        batch_size: images per step.
        momentum: of sgd; adam keeps PyTorch's betas.
        weight_decay: of every parameter.
        crop_padding: pixels by which a random crop may move an image; 0 for no crops.
        flip: mirror half of the training images.
        held_out: fraction of the training images kept away from training. Where it is above zero, the table
            of epochs is about them, and the test images are looked at once, at the end.
    """

    optimizer: str
    schedule: str
    lr: float
    epochs: int
    batch_size: int
    momentum: float
    weight_decay: float
    crop_padding: int
    flip: bool
    held_out: float


RECIPES = {
    "fast": Recipe(
        optimizer="sgd",
        schedule="one_cycle",  # few epochs need a rate that starts low, gets large and ends near zero
        lr=0.3,  # 0.2 to 0.4 do about equally well with batches of 256
        epochs=5,  # 80 % on CIFAR-10 with the small network
        batch_size=256,  # smaller batches leave the cores idle, larger ones take too few steps
        momentum=0.9,
        weight_decay=5e-4,
        crop_padding=2,  # a few epochs profit from small shifts only
        flip=True,
        held_out=0.0,  # the last epoch counts, whatever its numbers: nothing is chosen by the test images
    ),
    "paper": Recipe(
        optimizer="adam",
        schedule="constant",
        lr=1e-3,
        epochs=200,
        batch_size=128,
        momentum=0.0,  # not read by adam
        weight_decay=0.0,  # the gains of the paper are in this weak regime
        crop_padding=4,
        flip=True,
        held_out=0.05,  # 47 500 images to train on, 2 500 to watch
    ),
}


def make_optimizer(recipe: Recipe, model: nn.Module) -> torch.optim.Optimizer:
    """The recipe's optimizer, over all parameters of the model."""
    settings = {"lr": recipe.lr, "weight_decay": recipe.weight_decay}
    if recipe.optimizer == "adam":
        return torch.optim.Adam(model.parameters(), **settings)
    return torch.optim.SGD(model.parameters(), momentum=recipe.momentum, nesterov=recipe.momentum > 0, **settings)


def make_schedule(recipe: Recipe, optimizer: torch.optim.Optimizer, steps: int) -> LRScheduler:
    """The recipe's learning rate for a run of so many steps, to be advanced once a step."""
    if recipe.schedule == "constant":
        return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
    return torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.lr, total_steps=steps, cycle_momentum=False)
