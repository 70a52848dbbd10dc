"""Lesson 01: worked solutions equal the library, and what the lesson says is so."""

import pytest
import torch

import topk_lib
from topk_lib.course import LABEL, scores
from topk_lib.course.figures import PAPER_P_K
from topk_lib.course.lesson_01 import predictions
from topk_lib.course.lesson_01.mixed_accuracy import mixed_accuracy
from topk_lib.course.lesson_01.p_k_from import p_k_from
from topk_lib.course.lesson_01.weights_from import distributions, weights_from
from topk_lib.course.quizzes import prediction
from topk_lib.experiments.data import load

P_KS = [p_k for (p_k,) in distributions()]


@pytest.mark.parametrize("p_k", P_KS, ids=lambda p: f"{len(p)}")
def test_rank_weights_are_the_librarys_and_the_inverse_brings_p_k_back(p_k):
    loss = topk_lib.TopKCrossEntropyLoss(p_k, top1_mode="sort")
    weights = weights_from(p_k)
    assert weights[: loss.k] == pytest.approx(loss.rank_weights) and not any(weights[loss.k :])
    assert p_k_from(weights) == pytest.approx(p_k)


@pytest.mark.parametrize("p_k", P_KS, ids=lambda p: f"{len(p)}")
def test_mixed_accuracy_is_the_mean_of_topk_accuracies(p_k):
    generator = torch.Generator().manual_seed(4)
    logits, target = torch.randn(60, 9, generator=generator), torch.randint(9, (60,), generator=generator)
    ranks = [1 + int((row > row[label]).sum()) for row, label in zip(logits, target, strict=True)]
    found = topk_lib.topk_accuracy(logits, target, ks=range(1, len(p_k) + 1))
    assert mixed_accuracy(ranks, p_k) == pytest.approx(sum(p * found[k] for k, p in enumerate(p_k, start=1)))


def three_networks():
    test = load("synthetic100", train_size=1, test_size=1000).test
    five = test.posterior.topk(5)
    networks = {
        "expert": test.posterior,
        "careless": test.posterior.scatter(1, five.indices, five.values.flip(1)),
        "narrow": test.posterior.scatter(1, five.indices[:, 1:], -1.0),
    }
    return {name: topk_lib.topk_accuracy(s, test.labels, ks=range(1, 6)) for name, s in networks.items()}


def test_only_mixtures_tell_the_three_networks_apart():
    found = three_networks()
    for p_k in PAPER_P_K.values():
        hits = {name: sum(p * acc[k] for k, p in enumerate(p_k, start=1)) for name, acc in found.items()}
        assert hits["expert"] == max(hits.values())
        assert (hits["expert"] - hits["careless"] > 0.01) == (p_k[4] < 1)
        assert (hits["expert"] - hits["narrow"] > 0.01) == (p_k[0] < 1)


def test_a_nearly_hard_ranking_costs_minus_log_of_the_rank_weight():
    hard = topk_lib.SortingNetwork("bitonic", steepness=300.0, distribution="logistic")
    for p_k in PAPER_P_K.values():
        for rank, score in enumerate((2.5, 1.85, 1.1, 0.0, -1.2, -2.5), start=1):
            moved = scores(torch.double)
            moved[LABEL] = score
            weight = [*weights_from(list(p_k)), 0.0][rank - 1]
            loss = topk_lib.topk_cross_entropy(moved, torch.tensor(LABEL), p_k, hard, top1_mode="sort")
            floored = -torch.log(torch.tensor(weight * (1 - 2e-7) + 1e-7, dtype=torch.double))
            assert loss == pytest.approx(floored.item(), abs=1e-4)


def test_predictions_follow_the_library(monkeypatch):
    monkeypatch.setattr(predictions, "topk_accuracy", lambda logits, target, ks: dict.fromkeys(ks, 0.5))
    assert prediction("1.a").answer()[0] == 2
    monkeypatch.setattr(predictions, "QUARTER", [0.75, 0.0, 0.0, 0.0, 0.25])
    assert prediction("1.b").answer()[0] == 1
    monkeypatch.setattr(predictions, "HALF", [1.0, 0.0, 0.0, 0.0, 0.0])
    assert prediction("1.c").answer()[0] == 0
