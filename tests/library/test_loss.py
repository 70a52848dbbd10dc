"""The top-k loss: its definition, its relatives in torch, its options, its errors."""

import copy
import math

import pytest
import torch
import torch.nn.functional as F

from topk_lib import SORTERS, SoftSort, SortingNetwork, TopKCrossEntropyLoss, make_sorter, topk_cross_entropy
from topk_lib.losses import selection
from topk_lib.losses.selection import select_m
from topk_lib.losses.topk import TOP1_MODES

P_K = [0.3, 0.1, 0.2, 0.0, 0.4]


def batch(n=9, size=6, seed=0, dtype=torch.double):
    generator = torch.Generator().manual_seed(seed)
    logits = 2 * torch.randn(size, n, dtype=dtype, generator=generator)
    return logits.requires_grad_(), torch.randint(0, n, (size,), generator=generator)


@pytest.mark.parametrize("mode", ["sm", "smce"])
@pytest.mark.parametrize("p_k", [[1.0], [1.0, 0.0, 0.0, 0.0, 0.0]])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"reduction": "sum"},
        {"reduction": "none"},
        {"label_smoothing": 0.1},
        {"weight": torch.linspace(0.5, 2, 9)},
        {"weight": torch.linspace(0.5, 2, 9), "label_smoothing": 0.3},
        {"ignore_index": 3},
        {"ignore_index": 3, "weight": torch.linspace(0.5, 2, 9), "label_smoothing": 0.3},
    ],
    ids=lambda options: "-".join(options) or "plain",
)
def test_k_equal_1_is_cross_entropy(mode, p_k, options):
    logits, target = batch(dtype=torch.float32, size=40)
    logits = logits.detach() * 10  # far-away labels too
    logits.requires_grad_()
    ours = topk_cross_entropy(logits, target, p_k, top1_mode=mode, **options)
    theirs = F.cross_entropy(logits, target, **options)
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-6)
    gradients = [torch.autograd.grad(loss.sum(), logits, retain_graph=True)[0] for loss in (ours, theirs)]
    torch.testing.assert_close(*gradients, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("m", [5, 6, 9])
def test_m_keeps_the_label_first_and_the_best_others_in_order(m):
    logits, target = batch(size=50)
    classes = select_m(logits, target, m)
    for s, y, kept in zip(logits.tolist(), target.tolist(), classes.tolist(), strict=True):
        others = sorted((c for c in range(9) if c != y), key=lambda c: -s[c])
        assert kept == [y, *others[: m - 1]]


@pytest.mark.parametrize(("n", "m"), [(320, 10), (1003, 16), (9001, 7), (70_001, 3), (8192, 1)])
def test_m_of_many_classes_are_found_in_groups_and_are_the_best(n, m, monkeypatch):
    scores = torch.randn(6, n, generator=torch.Generator().manual_seed(n))
    scores[1] = scores[1].round()  # many equal scores
    scores[2, m:] = -math.inf
    scores[3, n // 2 :] += 5
    scores[4, -3:] = 9.0  # beyond the last whole group
    calls = []
    whole = torch.Tensor.topk
    monkeypatch.setattr(torch.Tensor, "topk", lambda self, *a, **k: calls.append(self.shape[1]) or whole(self, *a, **k))
    best = selection._best(scores, m)
    assert max(calls) < n / 2
    monkeypatch.undo()
    assert all(len(set(row)) == m for row in best.tolist())
    torch.testing.assert_close(scores.gather(1, best), scores.topk(m).values, rtol=0, atol=0)
    scores[5, n - 9] = math.nan
    assert n - 9 in selection._best(scores, m)[5]


def test_m_with_equal_scores_still_holds_the_label_once():
    logits, target = torch.zeros(4, 9), torch.tensor([0, 3, 8, 5])
    kept = select_m(logits, target, 5)
    assert kept[:, 0].tolist() == target.tolist()
    assert all(len(set(row)) == 5 for row in kept.tolist())


def test_lower_bound_is_the_loss_of_a_perfect_prediction_where_columns_sum_to_one():
    logits = torch.tensor([[1e9, 0, 0, 0, 0, 0]])
    for mode in TOP1_MODES:
        fn = TopKCrossEntropyLoss(P_K, make_sorter("bitonic"), top1_mode=mode)
        assert fn(logits, torch.tensor([0])).item() == pytest.approx(fn.lower_bound, abs=1e-5)
    assert TopKCrossEntropyLoss(P_K, top1_mode="smce").lower_bound == pytest.approx(-0.7 * math.log(0.7), abs=1e-6)


def test_rank_weights_are_the_right_to_left_sums_of_p_k():
    assert TopKCrossEntropyLoss(P_K, top1_mode="sort").rank_weights == pytest.approx((1.0, 0.7, 0.6, 0.4, 0.4))
    assert TopKCrossEntropyLoss(P_K, top1_mode="sm").rank_weights == pytest.approx((0.7, 0.7, 0.6, 0.4, 0.4))


def test_a_far_away_label_is_silenced_by_eps_and_heard_without_it():
    logits = torch.tensor([[40.0, 39, 38, 37, 36, 0]], requires_grad=True)
    target = torch.tensor([5])
    sorter = SortingNetwork("bitonic", distribution="logistic")

    def pull(**options):
        return torch.autograd.grad(topk_cross_entropy(logits, target, P_K, sorter, **options), logits)[0][0, 5].item()

    assert abs(pull(top1_mode="sort")) < 1e-6
    assert pull(top1_mode="sort", eps=0.0) < -0.1
    assert pull(top1_mode="sm", eps=0.0) < -0.1


@pytest.mark.parametrize("name", SORTERS)
def test_autocast_does_not_reach_the_comparators(name):
    logits, target = batch(dtype=torch.float32)
    layer = torch.nn.Linear(9, 9)
    sorter = make_sorter(name)
    weights = torch.tensor([1.0, 0.5])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits = layer(logits)
        loss = topk_cross_entropy(logits, target, P_K, sorter)
        matrix, classes = sorter(logits, 2), sorter.class_probabilities(logits, weights)
    assert logits.dtype == torch.bfloat16
    logits = logits.detach().float()
    torch.testing.assert_close(loss, topk_cross_entropy(logits, target, P_K, sorter))
    torch.testing.assert_close(matrix, sorter(logits, 2))
    torch.testing.assert_close(classes, sorter.class_probabilities(logits, weights))


def test_the_module_is_a_good_citizen():
    logits, target = batch(dtype=torch.float32)
    fn = TopKCrossEntropyLoss(P_K, SortingNetwork("bitonic"), weight=torch.ones(9))
    value = fn(logits, target)
    assert list(fn.state_dict()) == ["weight"]
    assert copy.deepcopy(fn)(logits, target) == value
    fn.load_state_dict({"weight": torch.full((9,), 2.0)})
    torch.testing.assert_close(fn(logits, target), value)
    torch.testing.assert_close(fn.double()(logits, target), value)
    assert repr(fn).startswith("TopKCrossEntropyLoss(\n  p_k=[0.3, 0.1, 0.2, 0.0, 0.4], m=None, top1_mode='sm'")


def test_functional_and_module_agree():
    logits, target = batch()
    options = {"m": 7, "top1_mode": "smce", "label_smoothing": 0.1, "reduction": "sum", "eps": 1e-5}
    module = TopKCrossEntropyLoss(P_K, SoftSort(0.5), **options)(logits, target)
    assert topk_cross_entropy(logits, target, P_K, SoftSort(0.5), **options) == module


LOGITS, TARGET = torch.zeros(2, 6), torch.tensor([0, 5])
WRONG = [
    ({"p_k": [0.5, 0.4]}, ValueError, r"p_k must sum to 1, got \[0.5, 0.4\] \(sum 0.9\)"),
    ({"p_k": []}, ValueError, "p_k must hold at least one probability"),
    ({"p_k": [1.5, -0.5]}, ValueError, r"p_k must hold finite probabilities >= 0, got \[1.5, -0.5\]"),
    ({"p_k": [float("nan")]}, ValueError, r"p_k must hold finite probabilities >= 0, got \[nan\]"),
    ({"p_k": 5}, TypeError, "p_k must be a sequence of probabilities, got 5"),
    ({"p_k": "uniform"}, TypeError, "p_k must be a sequence of probabilities, got 'uniform'"),
    ({"sorter": "bitonic"}, TypeError, "sorter must be a topk_lib.Relaxation, got 'bitonic'"),
    ({"m": 4}, ValueError, r"m must be at least 5, the largest k with P_K\(k\) > 0, got 4"),
    ({"m": 0}, ValueError, "m must be at least 1, got 0"),
    ({"m": 5.0}, TypeError, r"m must be an int, got 5.0 \(float\)"),
    ({"m": 7}, ValueError, "m must be at most the number of classes, got m=7 for n=6"),
    ({"top1_mode": "ce"}, ValueError, "top1_mode must be one of 'sm', 'smce', 'sort', got 'ce'"),
    ({"reduction": "max"}, ValueError, "reduction must be one of 'none', 'mean', 'sum', got 'max'"),
    ({"weight": [1.0] * 6}, TypeError, "weight must be a floating-point tensor"),
    ({"weight": torch.ones(5)}, ValueError, r"weight must have shape \(6,\), got \(5,\)"),
    ({"ignore_index": None}, TypeError, "ignore_index must be an int, got None"),
    ({"label_smoothing": 1.5}, ValueError, "label_smoothing must be between 0 and 1, got 1.5"),
    ({"label_smoothing": "a"}, TypeError, "label_smoothing must be a number between 0 and 1, got 'a'"),
    ({"eps": -1e-7}, ValueError, "eps must be between 0 and 0.1, got -1e-07"),
    ({"p_k": [0] * 6 + [1]}, ValueError, r"p_k must not reach past the number of classes, got P_K\(7\) > 0 for n=6"),
]


@pytest.mark.parametrize(("options", "error", "message"), WRONG)
def test_wrong_settings_are_named(options, error, message):
    with pytest.raises(error, match=message):
        topk_cross_entropy(LOGITS, TARGET, **options)


@pytest.mark.parametrize(
    ("logits", "target", "error", "message"),
    [
        ([[0.0] * 6], TARGET, TypeError, "logits must be a torch.Tensor, got list"),
        (LOGITS.long(), TARGET, TypeError, "logits must be floating point, got torch.int64"),
        (torch.tensor(1.0), TARGET, ValueError, r"logits must have shape \(..., n\) with n >= 1, got \(\)"),
        (
            LOGITS,
            TARGET.float(),
            ValueError,
            r"target must hold integer .* or probabilities .* \(2, 6\), got torch",
        ),
        (LOGITS, LOGITS - 1, ValueError, "target must hold probabilities >= 0, got -1"),
        (LOGITS, TARGET > 2, TypeError, "target must hold integer class indices, got torch.bool"),
        (LOGITS, [0, 5], TypeError, "target must be a torch.Tensor of class indices, got list"),
        (LOGITS, TARGET[:1], ValueError, r"target must have shape \(2,\) to match the scores, got \(1,\)"),
        (LOGITS, torch.tensor([0, 6]), ValueError, r"target must be between 0 and 5 \(or ignore_index=-100\), got 6"),
        (LOGITS, torch.tensor([-1, 0]), ValueError, "target must be between 0 and 5 .*got -1"),
    ],
)
def test_wrong_inputs_are_named(logits, target, error, message):
    with pytest.raises(error, match=message):
        topk_cross_entropy(logits, target)


def test_no_sample_at_all_has_the_loss_of_cross_entropy_in_any_shape():
    for logits, target in (
        (torch.zeros(2, 3, 0), torch.zeros(2, 0).long()),
        (torch.zeros(0, 3), torch.zeros(0).long()),
    ):
        assert topk_cross_entropy(logits, target, reduction="sum", p_k=[0.5, 0.5]) == 0
    with pytest.raises(ValueError, match=r"logits must have shape \(\.\.\., n\) with n >= 1, got \(2, 4, 0\)"):
        topk_cross_entropy(torch.zeros(2, 0, 4), torch.zeros(2, 4).long())


def test_a_label_that_torch_would_ignore_is_none_of_ours():
    """Under vmap no label can be looked at; the -100 that cross_entropy ignores by itself has to fail in it."""
    loss = TopKCrossEntropyLoss([1.0], ignore_index=-1, reduction="none")
    with pytest.raises((RuntimeError, IndexError)):
        torch.func.vmap(loss)(torch.randn(3, 6), torch.tensor([0, -100, 2]))


def test_the_default_device_is_not_asked_for():
    logits, target = torch.randn(2, 10_000), torch.tensor([1, 2])
    expected = TopKCrossEntropyLoss(m=5)(logits, target)
    with torch.device("meta"):
        assert TopKCrossEntropyLoss(m=5)(logits, target) == expected
