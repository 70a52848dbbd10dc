"""The softness of a loss during a run: on its way somewhere, learned, kept over an interruption, and put back."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from topk_lib import SoftSort, SoftTopK, SortingNetwork, TopKCrossEntropyLoss
from topk_lib.experiments import RECIPES, fit
from topk_lib.experiments.config import Config
from topk_lib.experiments.running import run

from .tiny import tiny_data

RECIPE = replace(RECIPES["fast"], epochs=3, batch_size=8)


class Linear(nn.Module):
    """One layer on the pixels, of the same first weights each time."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Linear(3 * 16 * 16, 6)

    def forward(self, x):
        return self.layer(x.flatten(1).float() / 255)


class Seen(TopKCrossEntropyLoss):
    """Notes the softness of every step."""

    def forward(self, logits, target):
        if self.training and torch.is_grad_enabled():
            self.__dict__.setdefault("seen", []).append(float(getattr(self.sorter, self.sorter.SOFTNESS)))
        return super().forward(logits, target)


@pytest.mark.parametrize("schedule", ["linear", "geometric", None])
@pytest.mark.parametrize(
    ("sorter", "start"),
    [(SortingNetwork(steepness=0.5), 0.5), (SoftSort(2.0), 2.0), (SoftTopK(scale=torch.tensor(4.0)), 4.0)],
)
def test_it_goes_from_the_sorters_own_value_to_the_end_step_by_step_and_back(schedule, sorter, start):
    loss = Seen(sorter=sorter)
    recipe = replace(RECIPE, softness_end=8.0, softness_schedule=schedule)
    record = fit(Linear(), loss, tiny_data(), recipe).record
    steps = len(loss.seen)
    if schedule == "linear":
        expected = torch.linspace(start, 8, steps)
    else:
        expected = torch.logspace(*torch.tensor([start, 8.0]).log10().tolist(), steps)
    torch.testing.assert_close(torch.tensor(loss.seen), expected)
    last = [row[sorter.SOFTNESS] for row in record["epochs"]]
    assert last == sorted(last) and last[-1] == pytest.approx(8)
    assert float(getattr(sorter, sorter.SOFTNESS)) == pytest.approx(start)


def test_a_learned_softness_is_trained_recorded_and_kept_in_the_checkpoint(tmp_path):
    def trained(checkpoint=None, last=RECIPE.epochs):
        loss = TopKCrossEntropyLoss(sorter=SortingNetwork(steepness=nn.Parameter(torch.tensor(1.0))))
        stop = lambda row: row["epoch"] < last  # noqa: E731
        record = fit(Linear(), loss, tiny_data(), RECIPE, checkpoint=checkpoint, on_epoch=stop).record
        return [row["steepness"] for row in record["epochs"]], loss.sorter.steepness.item()

    whole, end = trained()
    assert len(set(whole)) == RECIPE.epochs and whole[-1] == pytest.approx(end)
    trained(tmp_path / "state.pt", last=1)
    assert trained(tmp_path / "state.pt") == (whole, end)


def test_the_command_lines_settings_make_the_same_run(tmp_path):
    config = Config(dataset="blobs", loss="topk", sorter="softsort", temperature=4.0, softness_end=0.5, epochs=2)
    assert Config(**config.resolved()) == config and config.resolved()["softness_end"] == 0.5
    record = run(config).record
    assert [row["temperature"] for row in record["epochs"]][-1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: replace(RECIPE, softness_end=0.0), "softness_end must be positive and finite, got 0.0"),
        (
            lambda: replace(RECIPE, softness_schedule="linear"),
            "softness_end must be given for softness_schedule='linear'",
        ),
        (
            lambda: replace(RECIPE, softness_schedule="constant", softness_end=2.0),
            "softness_end must be left out for a constant softness, got 2.0",
        ),
        (
            lambda: fit(Linear(), nn.CrossEntropyLoss(), tiny_data(), replace(RECIPE, softness_end=2.0)),
            "softness_end must be left out for a loss without a soft sorter, got 2",
        ),
        (
            lambda: fit(
                Linear(),
                TopKCrossEntropyLoss(sorter=SoftSort(nn.Parameter(torch.tensor(1.0)))),
                tiny_data(),
                replace(RECIPE, softness_end=2.0),
            ),
            "softness_end must be left out for a loss that learns its softness, got 2",
        ),
    ],
)
def test_what_does_not_fit_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
