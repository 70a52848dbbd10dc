"""Top-k accuracy against brute force, and where ties and NaN would flatter it."""

import pytest
import torch

from topk_lib import topk_accuracy


def test_equals_brute_force():
    generator = torch.Generator().manual_seed(0)
    logits, target = torch.randn(200, 7, generator=generator), torch.randint(0, 7, (200,), generator=generator)
    got = topk_accuracy(logits, target, ks=(1, 2, 5, 7))
    for k, value in got.items():
        hits = sum(y in s.topk(k).indices.tolist() for s, y in zip(logits, target.tolist(), strict=True))
        assert value == pytest.approx(hits / 200)


def test_constant_logits_earn_probability_and_not_everything():
    assert topk_accuracy(torch.zeros(10, 10), torch.arange(10), ks=(1, 5)) == {1: 0.1, 5: 0.5}


def test_a_label_with_nan_is_never_found():
    logits = torch.tensor([[float("nan"), 0.0, 1.0], [float("nan"), 0.0, 1.0]])
    assert topk_accuracy(logits, torch.tensor([0, 2]), ks=(1, 3)) == {1: 0.5, 3: 0.5}


def test_empty_set_has_no_accuracy():
    value = topk_accuracy(torch.zeros(0, 3), torch.zeros(0, dtype=torch.long), ks=(1,))[1]
    assert value != value


@pytest.mark.parametrize(
    ("logits", "target", "ks", "message"),
    [
        (torch.zeros(2, 3), torch.zeros(2).long(), (4,), "ks must be between 1 and 3, got 4"),
        (torch.zeros(3), torch.zeros(1).long(), (1,), r"logits must have shape \(N, n\), got \(3,\)"),
        (torch.zeros(2, 3), torch.zeros(3).long(), (1,), r"target must have shape \(2,\)"),
        (torch.zeros(2, 3), torch.tensor([0, 3]), (1,), "target must be between 0 and 2, got 3"),
    ],
)
def test_wrong_arguments_are_named(logits, target, ks, message):
    with pytest.raises(ValueError, match=message):
        topk_accuracy(logits, target, ks)
