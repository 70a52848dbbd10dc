"""Lesson 09: what m keeps is what it says, and the worked solutions agree with the library."""

import pytest
import torch
import torch.nn.functional as F

from topk_lib import NeuralSort, TopKCrossEntropyLoss
from topk_lib.course.lesson_09.head_step import head_step
from topk_lib.course.lesson_09.smallest_m import smallest_m
from topk_lib.experiments.data import draw_embeddings
from topk_lib.experiments.kept import what_m_keeps


def some_scores(classes=40, samples=6):
    generator = torch.Generator().manual_seed(0)
    scores = 2 * torch.randn(samples, classes, generator=generator, dtype=torch.double)
    return scores, torch.randint(classes, (samples,), generator=generator)


def cross_entropy(m):
    return TopKCrossEntropyLoss([1.0], m=m)


def test_shares_of_cross_entropy_are_shares_of_softmax():
    scores, labels = some_scores()
    rows = what_m_keeps(scores, labels, cross_entropy, (2, 7, 40))
    for row in rows:
        shares = []
        for s, label in zip(scores, labels.tolist(), strict=True):
            probabilities = s.softmax(0)
            probabilities[label] = 0
            shares.append((probabilities.topk(row.m - 1).values.sum() / probabilities.sum()).item())
        assert row.share == pytest.approx(sum(shares) / len(shares), abs=1e-9)
        assert row.loss == pytest.approx(cross_entropy(row.m)(scores, labels).item())
    assert [row.m for row in rows] == [2, 7, 40] and rows[-1].share == pytest.approx(1)


@pytest.mark.parametrize("make", [cross_entropy, lambda m: TopKCrossEntropyLoss(sorter=NeuralSort(2.0), m=m)])
def test_more_classes_keep_more(make):
    scores, labels = some_scores()
    shares = [row.share for row in what_m_keeps(scores, labels, make, (5, 10, 20, 40))]
    assert shares == sorted(shares) and shares[0] < 0.95 < shares[-1]


def test_a_sure_head_keeps_more_than_an_unsure_one():
    drawn = draw_embeddings(1000, test_size=20)
    scores, labels = drawn.best_scores(drawn.data.test.features), drawn.data.test.labels
    sure, unsure = (what_m_keeps(c * scores, labels, cross_entropy, (16,))[0].share for c in (1.0, 0.1))
    assert sure > 0.95 and unsure < 0.2


def test_hand_made_step_is_that_of_autograd():
    features, labels = torch.randn(7, 5), torch.arange(7) % 4
    weight = torch.randn(4, 5, requires_grad=True)
    F.cross_entropy(features @ weight.T, labels).backward()
    torch.testing.assert_close(head_step(features, labels, weight.detach(), 0.3), weight.detach() - 0.3 * weight.grad)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_smallest_m_is_enough_and_one_less_is_not(share):
    scores, labels = some_scores()
    for s, label in zip(scores, labels, strict=True):
        m = smallest_m(s, int(label), share)
        kept = [row.share for row in what_m_keeps(s[None], label[None], cross_entropy, (m - 1, m))]
        assert kept[0] < share <= kept[1] + 1e-12
