"""The plain versions equal the library, and what lessons say of them is so."""

import pytest
import torch

from topk_lib import NeuralSort, SinkhornSort, SoftSort, SortingNetwork, make_sorter, topk_accuracy, topk_cross_entropy
from topk_lib.course import LABEL, NAMES, SCORES, naive, scores
from topk_lib.experiments.data import best_topk_accuracy

P_KS = ([1.0], [0.2] * 5, [0.5, 0, 0, 0, 0.5], [0, 0, 1.0], [0.1, 0.2, 0.3, 0.4])


def many_scores():
    generator = torch.Generator().manual_seed(0)
    return [scores(torch.double), *torch.randn(6, 9, dtype=torch.double, generator=generator)]


@pytest.mark.parametrize("temperature", [0.2, 1.0, 5.0])
@pytest.mark.parametrize(
    ("plain", "fast"), [(naive.soft_sort_matrix, SoftSort), (naive.neural_sort_matrix, NeuralSort)]
)
def test_plain_matrix_equals_the_library(plain, fast, temperature):
    for s in many_scores():
        torch.testing.assert_close(plain(s, temperature), fast(temperature)(s), atol=1e-12, rtol=0)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 5.0])
def test_plain_sinkhorn_equals_the_library(temperature):
    fast = SinkhornSort(temperature, tolerance=1e-10)
    for s in many_scores()[:3]:
        torch.testing.assert_close(naive.sinkhorn_matrix(s, temperature), fast(s), atol=1e-8, rtol=0)


@pytest.mark.parametrize("top1_mode", ["sm", "smce", "sort"])
@pytest.mark.parametrize("p_k", P_KS, ids=str)
@pytest.mark.parametrize("sorter", ["splitter_selection", "softsort"])
def test_plain_loss_equals_the_library(sorter, p_k, top1_mode):
    built = make_sorter(sorter)
    # with P_K = [1] this mode is cross-entropy itself, without the floor
    eps = 0.0 if len(p_k) == 1 and top1_mode == "sm" else 1e-7
    for s in many_scores()[:3]:
        n = len(s)
        settings = {"p_k": p_k, "sorter": built, "top1_mode": top1_mode, "reduction": "none"}
        fast = topk_cross_entropy(s.expand(n, n), torch.arange(n), **settings)
        plain = [naive.topk_loss(s, label, built(s, len(p_k)), p_k, top1_mode, eps) for label in range(n)]
        assert plain == pytest.approx(fast.tolist(), abs=1e-9)


def test_plain_loss_refuses_an_unknown_mode():
    with pytest.raises(ValueError, match="top1_mode must be one of 'sm', 'smce', 'sort', got 'top1'"):
        naive.topk_loss(scores(), LABEL, torch.eye(6), [1.0], "top1")


def test_plain_probability_sums_to_the_mean_of_k():
    P = SortingNetwork()(scores(torch.double))
    total = sum(naive.probability_in_top_K(P, label, [0.5, 0, 0, 0, 0.5]) for label in range(6))
    assert total == pytest.approx(3)


def test_plain_accuracy_and_best_accuracy_equal_the_library():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randint(3, (50, 6), generator=generator).float()
    target = torch.randint(6, (50,), generator=generator)
    posterior = torch.rand(50, 6, generator=generator).softmax(1)
    for k in range(1, 7):
        assert naive.accuracy_at_k(logits, target, k) == pytest.approx(topk_accuracy(logits, target, ks=(k,))[k])
        assert naive.best_possible_accuracy(posterior, k) == pytest.approx(best_topk_accuracy(posterior, (k,))[k])


def test_paired_difference_of_a_worked_example():
    # differences 1, 2, 3: mean 2, standard deviation 1, t = 4.3027 at two degrees of freedom
    mean, low, high = naive.paired_difference([11, 22, 33], [10, 20, 30])
    assert (mean, high) == (pytest.approx(2), pytest.approx(2 + 4.302653 / 3**0.5, abs=1e-5))
    assert low + high == pytest.approx(4)


def test_running_example_is_dog_in_third_place():
    order = [NAMES[j] for j in scores().argsort(descending=True)]
    assert order == ["fox", "wolf", "dog", "cat", "car", "ship"]
    assert NAMES[LABEL] == "dog" and scores().tolist() == pytest.approx(SCORES)
    assert scores().dtype == torch.float32 and scores(torch.double).dtype == torch.double


def test_neural_sort_counts_gaps_one_three_five():
    """The lesson on exercise 2.2: seen from rank r, the logits fall by once, three times, five times the gaps."""
    ranked = scores(torch.double).sort(descending=True).values
    logits = naive.neural_sort_matrix(ranked, 1.0).log()
    gaps = -ranked.diff()
    for r in range(6):
        below = [1 + 2 * i for i in range(5 - r)]
        torch.testing.assert_close(-logits[r, r:].diff(), torch.tensor(below) * gaps[r:])
        above = [1 + 2 * i for i in reversed(range(r))]
        torch.testing.assert_close(logits[r, : r + 1].diff(), torch.tensor(above) * gaps[:r])


def test_ten_times_the_scores_need_ten_times_the_temperature():
    """The lesson of exercise 2.4."""
    found = [
        naive.find_temperature(lambda t, scale=scale: SoftSort(t)(scale * scores(torch.double), 1).max().item(), 0.9)
        for scale in (1, 10)
    ]
    assert found[1] == pytest.approx(10 * found[0], rel=1e-6)
