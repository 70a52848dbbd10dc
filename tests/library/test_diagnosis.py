"""Diagnoses: numbers that can be counted by hand, limits, and tables that a reader can take in."""

import math

import pytest
import torch
from torch import nn

import topk_lib
from topk_lib import LOSSES, NeuralSort, SoftTopK, SortingNetwork, TopKCrossEntropyLoss, diagnose


def spread_logits(samples=300, n=20):
    """Logits in steps of 1, and labels at ranks 1, 2, … n in turn."""
    logits = torch.arange(n, 0, -1.0).expand(samples, n).contiguous()
    return logits, torch.arange(samples) % n


def test_a_hard_sort_is_found_to_be_hard_and_a_soft_one_soft():
    logits, target = spread_logits()
    hard, soft = (
        diagnose(logits, target, TopKCrossEntropyLoss(sorter=SortingNetwork(steepness=b), top1_mode="sort"))
        for b in (1e6, 0.01)
    )
    for name in ("top_mass", "hardness", "alpha"):
        assert getattr(hard, name) == pytest.approx(1, abs=1e-3) and getattr(soft, name) < 0.6
    assert soft.top_mass == pytest.approx(5 / 20, abs=0.05) and soft.hardness == pytest.approx(1 / 20, abs=0.05)
    assert hard.silent > 0.2 and hard.lost > 0.1 and soft.silent == soft.lost == 0


def test_alpha_is_that_of_the_comparator_at_the_median_gap():
    logits, target = spread_logits()
    sorter = SortingNetwork(steepness=2.0)
    found = diagnose(logits, target, TopKCrossEntropyLoss(sorter=sorter))
    assert found.alpha == pytest.approx(sorter.comparator.alpha(torch.tensor(1.0)).item(), abs=1e-6)


def test_pull_of_cross_entropy_is_one_minus_softmax_by_rank():
    logits, target = spread_logits(200)
    found = diagnose(logits, target, nn.CrossEntropyLoss())
    pull = 1 - logits[0].softmax(0)
    expected = [pull[part].sum() / pull.sum() for part in (slice(0, 1), slice(1, 5), slice(5, 20))]
    assert found.pull == pytest.approx([*map(float, expected), 0])
    assert found.top_mass is found.hardness is found.alpha is found.beyond_m is None


def test_what_m_cuts_off():
    logits, target = spread_logits(200)
    found = diagnose(logits, target, TopKCrossEntropyLoss(m=8))
    assert found.beyond_m == 12 / 20 and found.pull[3] > 0
    assert sum(found.pull) == pytest.approx(1)


@pytest.mark.parametrize("name", list(LOSSES))
def test_every_loss_can_be_diagnosed_and_is_left_as_it_was(name):
    logits, target = spread_logits(50)
    loss = topk_lib.make_loss(name)
    before = dict(vars(loss))
    found = diagnose(logits, target, loss)
    assert sum(found.pull) == pytest.approx(1) and 0 <= found.lost <= found.silent <= 1
    assert vars(loss) == before and loss.reduction == "mean" and not logits.requires_grad


def test_samples_are_looked_at_in_parts(monkeypatch):
    logits, target = spread_logits(100)
    whole = diagnose(logits, target, TopKCrossEntropyLoss())
    monkeypatch.setattr(topk_lib.diagnosis, "PART", 7)
    parts = diagnose(logits, target, TopKCrossEntropyLoss())
    assert parts.pull == pytest.approx(whole.pull) and parts.hardness == pytest.approx(whole.hardness)


def test_several_are_a_table_with_a_line_each():
    losses = {"network": TopKCrossEntropyLoss(m=8), "NeuralSort": TopKCrossEntropyLoss(sorter=NeuralSort()),
              "set": TopKCrossEntropyLoss(sorter=SoftTopK()), "cross-entropy": nn.CrossEntropyLoss()}  # fmt: skip
    table = diagnose(*spread_logits(40), losses)
    lines = str(table).splitlines()
    assert list(table) == list(losses) and len(lines) == 5
    assert all(name in line for name, line in zip(losses, lines[1:], strict=True))
    assert "pull of rank 1 / 2…k / …m / beyond" in lines[0] and "–" in lines[4] and "60.0 %" in lines[1]
    assert len(str(table["network"]).splitlines()) == 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: diagnose(torch.zeros(3), torch.tensor(0), nn.CrossEntropyLoss()), "logits must have shape \\(B, n\\)"),
        (lambda: diagnose(torch.zeros(2, 3), torch.tensor([0, 3]), nn.CrossEntropyLoss()), "target must be between 0"),
        (lambda: diagnose(torch.zeros(2, 3), torch.tensor([0, 1]), math.sqrt), "loss must be a loss with a reduction"),
        (lambda: diagnose(torch.zeros(2, 3), torch.tensor([0, 1]), nn.CrossEntropyLoss(), k=4), "k must be between 1"),
    ],
)
def test_what_is_wrong_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
