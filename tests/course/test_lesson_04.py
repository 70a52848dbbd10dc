"""What lesson 04 says and lets readers write is what the library does."""

import pytest
import torch

import topk_lib
from topk_lib import SIGMOIDS, Comparator
from topk_lib.course import NAMES, scores
from topk_lib.course.exercises import exercise
from topk_lib.sigmoids import steepness_for


@pytest.mark.parametrize("name", ["logistic", "cauchy"])
def test_soft_minimum_is_the_first_lane_of_a_comparator(name):
    a, b = scores(), scores().flip(0)
    keep, swap = Comparator(name, 1.7).weights(b - a)
    torch.testing.assert_close(exercise("4.1").reference(a, b, 1.7, name), keep * a + swap * b)


@pytest.mark.parametrize("name", ["logistic", "cauchy", "reciprocal"])
def test_found_steepness_is_the_librarys(name):
    for gap in (0.01, 0.7, 9.0):
        for certainty in (0.6, 0.9, 0.999):
            assert exercise("4.2").reference(gap, certainty, name) == pytest.approx(steepness_for(gap, certainty, name))


@pytest.mark.parametrize("name", SIGMOIDS)
def test_monotone_by_numbers_is_monotone_as_declared(name):
    assert exercise("4.3").reference(Comparator(name, 3.0, 0.4).alpha) == SIGMOIDS[name].monotone


def test_at_099_reciprocal_needs_over_twenty_times_the_logistic_steepness():
    """The takeaway of exercise 4.2."""
    assert steepness_for(1.0, 0.99, "reciprocal") > 20 * steepness_for(1.0, 0.99, "logistic")


@pytest.mark.parametrize("name", SIGMOIDS)
def test_sorted_values_of_a_network_have_no_wrong_sign_just_for_monotone_distributions(name):
    sorter = topk_lib.SortingNetwork("odd_even", 2.0, name)
    jacobian = torch.autograd.functional.jacobian(lambda s: sorter(s) @ s, scores(torch.double))
    assert bool((jacobian < -1e-9).any()) != SIGMOIDS[name].monotone


@pytest.mark.parametrize("lam", [0.25, 0.5])
def test_one_step_at_a_tie_leaves_the_scores_in_place(lam):
    """The repair of the first break: with the original formula a score is thrown by thousands."""
    tied = scores(torch.double)
    tied[NAMES.index("ship")] = tied[NAMES.index("dog")]
    x = tied.clone().requires_grad_()
    sorter = topk_lib.SortingNetwork("odd_even", 1.0, "logistic_phi", lam)
    loss = topk_lib.topk_cross_entropy(x, torch.tensor(3), p_k=[0.0, 1.0], sorter=sorter)
    (gradient,) = torch.autograd.grad(loss, x)
    assert 0.1 < gradient.norm() < 0.5 * 10 ** (10 * lam) / 40
