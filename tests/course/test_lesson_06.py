"""Lesson 06: worked solutions equal the library, the plain losses of others their formulas, and claims hold."""

from itertools import combinations
from math import prod

import pytest
import torch
import torch.nn.functional as F

import topk_lib
from topk_lib.course import LABEL, NAMES, peers, scores
from topk_lib.course.lesson_06.differences import gradient_by_differences
from topk_lib.course.lesson_06.first_rank import loss_with_softmax
from topk_lib.course.lesson_06.m_selection import m_selection
from topk_lib.course.lesson_06.predictions import gradient
from topk_lib.course.lesson_06.sort_loss import sort_loss
from topk_lib.losses.selection import select_m

P_KS = ([0.5, 0, 0, 0, 0.5], [0.2] * 5, [0, 0, 1.0])


def many_scores():
    generator = torch.Generator().manual_seed(1)
    return [scores(torch.double), *torch.randn(5, 8, dtype=torch.double, generator=generator)]


@pytest.mark.parametrize("p_k", P_KS, ids=str)
def test_solutions_of_the_loss_equal_the_library(p_k):
    sorter = topk_lib.SoftSort(0.7)
    for s in many_scores():
        P = sorter(s)
        for label in range(len(s)):
            target = torch.tensor(label)
            wanted = topk_lib.topk_cross_entropy(s, target, p_k, sorter, top1_mode="sort").item()
            assert sort_loss(P, label, p_k) == pytest.approx(wanted, abs=1e-9)
            for mode in ("sm", "smce"):
                wanted = topk_lib.topk_cross_entropy(s, target, p_k, sorter, top1_mode=mode, eps=0.0).item()
                assert loss_with_softmax(s, P, label, p_k, mode) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("m", [1, 3, 6])
def test_solution_of_m_selection_equals_the_library(m):
    for s in many_scores():
        for label in range(len(s)):
            assert m_selection(s, label, m) == select_m(s[None], torch.tensor([label]), m)[0].tolist()


def test_measured_gradients_are_those_of_the_library():
    def loss(s):
        return topk_lib.topk_cross_entropy(s, torch.tensor(LABEL)).item()

    measured = gradient_by_differences(loss, scores(torch.double), 1e-4)
    torch.testing.assert_close(measured, gradient(scores(torch.double)), atol=1e-7, rtol=0)


def symmetric(values, j):
    """The elementary symmetric polynomial of degree j."""
    return sum(prod(chosen) for chosen in combinations(values, j))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_smooth_topk_svm_is_the_formula_with_symmetric_polynomials(k, temperature):
    for s in many_scores():
        for label in (0, LABEL):
            e = (s / (k * temperature)).exp()
            rivals = [x for j, x in enumerate(e) if j != label]
            holding = symmetric(rivals, k - 1) * e[label]
            every = torch.tensor(1 / temperature).exp() * symmetric(rivals, k) + holding
            wanted = temperature * (every.log() - holding.log())
            got = peers.smooth_topk_svm(s, label, k, temperature)
            torch.testing.assert_close(got, wanted, atol=1e-6, rtol=0)


def test_truncated_entropy_is_cross_entropy_without_the_strongest_rivals():
    s, target = scores(torch.double), torch.tensor(LABEL)
    torch.testing.assert_close(peers.truncated_topk_entropy(s, LABEL, 1), F.cross_entropy(s, target))
    kept = torch.tensor([NAMES.index(name) for name in ("dog", "cat", "car", "ship")])  # without fox and wolf
    wanted = F.cross_entropy(s[kept], torch.tensor(0))
    torch.testing.assert_close(peers.truncated_topk_entropy(s, LABEL, 3), wanted)


def test_truncated_entropy_and_the_svm_move_the_classes_the_lesson_names():
    def moved(loss):
        x = scores(torch.double).requires_grad_()
        found = torch.autograd.grad(loss(x, LABEL, 3), x)[0]
        assert found[LABEL] < 0 and found.sum().abs() < 1e-9
        return {name: g for name, g in zip(NAMES, found.tolist(), strict=True) if name != "dog"}

    truncated, svm = moved(peers.truncated_topk_entropy), moved(peers.smooth_topk_svm)
    assert {name for name, g in truncated.items() if g == 0} == {"fox", "wolf"}
    assert max(svm.values()) < 1.3 * min(svm.values())


@pytest.mark.parametrize("mode", ["sort", "sm", "smce"])
@pytest.mark.parametrize("p_k", P_KS, ids=str)
def test_gradients_sum_to_zero_and_the_label_of_a_network_is_pulled_up(p_k, mode):
    for s in many_scores():
        for label in range(len(s)):
            x = s.clone().requires_grad_()
            loss = topk_lib.topk_cross_entropy(x, torch.tensor(label), p_k, top1_mode=mode)
            found = torch.autograd.grad(loss, x)[0]
            assert found.sum().abs() < 1e-9 and found[label] < 0


def test_the_constant_of_smce_is_what_a_perfect_prediction_costs():
    sure = torch.tensor([[1e4, 0.0, -1e4]], dtype=torch.double)
    for p_k in ([0.5, 0.5], [0.1, 0.9]):
        loss = topk_lib.TopKCrossEntropyLoss(p_k, topk_lib.SortingNetwork(distribution="logistic"), top1_mode="smce")
        assert loss(sure, torch.tensor([0])).item() == pytest.approx(loss.lower_bound, abs=1e-6)
        assert loss.lower_bound > 0.09
