"""Evaluation: every image, clean, and the right numbers; and which images are held out."""

import sys

import pytest
import torch

from topk_lib.experiments import evaluate, predict_logits
from topk_lib.experiments.data import Split
from topk_lib.experiments.data.base import split_off

from .tiny import coded_split


class Echo(torch.nn.Module):
    """Logits that are given in advance: image i, whose pixels are all i, gets row i."""

    def __init__(self, logits):
        super().__init__()
        self.logits = torch.nn.Parameter(logits)

    def forward(self, images):
        assert not self.training
        return self.logits[images[:, 0, 0, 0].long()]


def brute_force(logits, labels, k):
    found = 0
    for row, label in zip(logits.tolist(), labels.tolist(), strict=True):
        best = sorted(range(len(row)), key=lambda c: -row[c])[:k]
        found += label in best
    return found / len(labels)


def split_with_labels(count, classes):
    return Split(coded_split(count).images, torch.randint(classes, (count,)))


@pytest.mark.parametrize("batch_size", [1, 10, 37, 1000])
def test_accuracies_equal_brute_force_on_all_images_in_batches_of_any_size(batch_size, monkeypatch):
    monkeypatch.setattr(sys.modules["topk_lib.experiments.training.evaluate"], "BATCH_SIZE", batch_size)
    logits, split = torch.randn(37, 8), split_with_labels(37, 8)
    model = Echo(logits)
    expected = {f"top{k}": brute_force(logits, split.labels, k) for k in (1, 2, 3, 5)}
    assert evaluate(model, split) == pytest.approx(expected)
    assert torch.equal(predict_logits(model, split.images), logits)


@pytest.mark.parametrize(
    ("classes", "names"), [(2, ["top1", "top2"]), (3, ["top1", "top2", "top3"]), (4, ["top1", "top2", "top3"])]
)
def test_k_beyond_the_number_of_classes_is_left_out(classes, names):
    assert list(evaluate(Echo(torch.randn(9, classes)), split_with_labels(9, classes))) == names


def test_evaluation_leaves_no_gradient_behind():
    assert not predict_logits(Echo(torch.randn(5, 3)), coded_split(5).images).requires_grad


def test_held_out_images_are_kept_apart_from_the_others():
    train, held_out = split_off(coded_split(60), 0.05, seed=0)
    assert len(held_out) == 3
    assert torch.equal(torch.cat([train.labels, held_out.labels]).sort().values, torch.arange(60))
    for part in (train, held_out):
        assert (part.images[:, 0, 0, 0] == part.labels).all()


def test_the_seed_chooses_what_is_held_out():
    first, again, other = (split_off(coded_split(60), 0.2, seed)[1].labels for seed in (0, 0, 1))
    assert torch.equal(first, again) and not torch.equal(first, other)


def test_nothing_is_held_out_by_a_fraction_of_zero():
    split = coded_split(4)
    assert split_off(split, 0.0, seed=0) == (split, None)


@pytest.mark.parametrize(("count", "fraction"), [(1, 0.05), (4, 1.0), (4, -0.5)])
def test_a_fraction_that_leaves_nothing_to_train_on_is_refused(count, fraction):
    with pytest.raises(ValueError, match="fraction must leave a sample of"):
        split_off(coded_split(count), fraction, seed=0)
