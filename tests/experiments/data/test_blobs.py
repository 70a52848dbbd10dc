"""Gaussian blobs: the posterior is Bayes' rule, the noise does what it says, and a seed repeats everything."""

import itertools
import math

import pytest
import torch

from topk_lib.experiments.data import best_topk_accuracy
from topk_lib.experiments.data.blobs import blob_mixture, neighbour_groups, noisy_labels, noisy_posterior

SMALL = {"classes": 6, "blobs": 3, "dims": 2, "group_size": 3}


@pytest.fixture(scope="module")
def mixture():
    return blob_mixture(seed=1, spread=0.5, **SMALL)


def test_shapes_types_and_defaults():
    mixture = blob_mixture(0)
    points, labels = mixture.draw(200)
    assert mixture.centres.shape == (100, 3, 16) and (mixture.num_classes, mixture.dims) == (100, 16)
    assert points.shape == (200, 16) and points.dtype == torch.float32
    assert labels.shape == (200,) and labels.dtype == torch.int64
    assert labels.min() >= 0 and labels.max() < 100


def test_posterior_is_bayes_rule_with_densities_written_out(mixture):
    points, _ = mixture.draw(20)
    for point, row in zip(points.double(), mixture.posterior(points), strict=True):
        density = [
            sum(
                math.exp(-((point - centre) ** 2).sum() / (2 * 0.5**2)) / (2 * math.pi * 0.5**2) / 3 for centre in blobs
            )
            for blobs in mixture.centres
        ]
        expected = torch.tensor(density, dtype=torch.double) / sum(density)
        torch.testing.assert_close(row, expected, atol=1e-9, rtol=0)


def test_posterior_sums_to_one_even_far_away_from_all_blobs(mixture):
    points = torch.tensor([[0.0, 0.0], [1e3, -1e3], [1e-3, 50.0]])
    torch.testing.assert_close(mixture.posterior(points).sum(1), torch.ones(3, dtype=torch.double))
    narrow = blob_mixture(seed=1, spread=0.01, **SMALL)
    torch.testing.assert_close(narrow.posterior(points).sum(1), torch.ones(3, dtype=torch.double))


def test_labels_are_distributed_as_the_posterior_says(mixture):
    """Among points to which a class is given about so much probability, about so many belong to it."""
    points, labels = mixture.draw(200_000)
    posterior = mixture.posterior(points)
    hit = torch.nn.functional.one_hot(labels, 6).double()
    for low in (0.0, 0.1, 0.3, 0.5, 0.7, 0.9):
        inside = (posterior >= low) & (posterior < low + 0.1)
        error = (posterior[inside] * (1 - posterior[inside])).sum().sqrt() / inside.sum()
        assert (hit[inside].mean() - posterior[inside].mean()).abs() < 4 * error, low


@pytest.mark.parametrize("k", [1, 2, 3])
def test_guessing_by_the_posterior_reaches_the_best_possible_accuracy(mixture, k):
    points, labels = mixture.draw(100_000)
    posterior = mixture.posterior(points)
    hits = (posterior.topk(k, dim=1).indices == labels[:, None]).any(1).double().mean().item()
    best = best_topk_accuracy(posterior, ks=(k,))[k]
    assert hits == pytest.approx(best, abs=4 * math.sqrt(best * (1 - best) / 100_000))


def test_points_lie_around_their_blobs_as_wide_as_the_spread():
    mixture = blob_mixture(seed=2, classes=2, blobs=1, dims=3, spread=0.25, group_size=2)
    points, labels = mixture.draw(50_000)
    away = points.double() - mixture.centres[labels, 0]
    assert away.std(0).tolist() == pytest.approx([0.25] * 3, rel=0.02)
    assert away.mean(0).abs().max() < 0.01 and labels.double().mean() == pytest.approx(0.5, abs=0.01)


def test_the_same_seed_gives_the_same_data_and_another_one_does_not(mixture):
    again = blob_mixture(seed=1, spread=0.5, **SMALL)
    assert torch.equal(again.centres, mixture.centres) and torch.equal(again.groups, mixture.groups)
    for first, second in zip(again.draw(50), mixture.draw(50), strict=True):
        assert torch.equal(first, second)
    assert not torch.equal(blob_mixture(seed=2, spread=0.5, **SMALL).centres, mixture.centres)
    assert not torch.equal(mixture.draw(50)[0], mixture.draw(50, stream=1)[0])


def test_the_spread_moves_points_and_not_the_centres(mixture):
    wide = blob_mixture(seed=1, spread=1.0, **SMALL)
    assert torch.equal(wide.centres, mixture.centres)
    (near, labels), (far, same) = mixture.draw(50), wide.draw(50)
    assert torch.equal(labels, same) and not torch.equal(near, far)
    best = [best_topk_accuracy(m.posterior(m.draw(2000)[0]), ks=(1,))[1] for m in (mixture, wide)]
    assert best[1] < best[0]


def test_drawing_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    mixture = blob_mixture(3, **SMALL)
    noisy_labels(mixture.draw(10)[1], 0.5, mixture.groups)
    assert torch.equal(torch.get_rng_state(), before)


def test_groups_are_equal_in_size_and_hold_neighbours():
    centres = torch.tensor([0.0, 10.0, 20.0, 0.4, 10.4, 20.4, 0.9, 10.9, 20.9])[:, None, None]
    groups = neighbour_groups(centres, 3).tolist()
    assert sorted(groups) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert groups[:3] == groups[3:6] == groups[6:]


def test_two_classes_are_as_close_as_their_closest_blobs():
    far, near = [[0.0], [50.0]], [[50.1], [100.0]]
    centres = torch.tensor([far, [[20.0], [21.0]], near, [[22.0], [23.0]]])
    assert neighbour_groups(centres, 2).tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize("kind", ["uniform", "group"])
def test_noise_replaces_the_fraction_it_says_by_other_classes_alone(mixture, kind):
    labels = mixture.draw(40_000)[1]
    noisy = noisy_labels(labels, 0.3, mixture.groups, kind)
    changed = noisy != labels
    assert changed.double().mean().item() == pytest.approx(0.3, abs=0.01)
    assert torch.equal(labels, mixture.draw(40_000)[1]), "the labels handed in were changed"
    if kind == "group":
        assert torch.equal(mixture.groups[noisy], mixture.groups[labels])


@pytest.mark.parametrize("kind", ["uniform", "group"])
def test_noisy_labels_are_distributed_as_the_noisy_posterior_says(mixture, kind):
    points, labels = mixture.draw(200_000)
    claimed = noisy_posterior(mixture.posterior(points), 0.3, mixture.groups, kind)
    torch.testing.assert_close(claimed.sum(1), torch.ones(200_000, dtype=torch.double))
    seen = torch.nn.functional.one_hot(noisy_labels(labels, 0.3, mixture.groups, kind), 6).double()
    for guess in range(6):  # among the points whose best clean guess is this class
        rows = mixture.posterior(points).argmax(1) == guess
        assert (claimed[rows].mean(0) - seen[rows].mean(0)).abs().max() < 0.01


def test_no_noise_changes_nothing_and_more_noise_replaces_more_of_the_same(mixture):
    labels = mixture.draw(500)[1]
    assert torch.equal(noisy_labels(labels, 0.0, mixture.groups), labels)
    some, more = (noisy_labels(labels, rate, mixture.groups) for rate in (0.1, 0.3))
    changed = some != labels
    assert torch.equal(some[changed], more[changed]) and (more != labels).sum() > changed.sum()


WRONG = [
    ({"seed": -1}, ValueError, "seed must be at least 0, got -1"),
    ({"classes": 1}, ValueError, "classes must be at least 2, got 1"),
    ({"blobs": 0}, ValueError, "blobs must be at least 1, got 0"),
    ({"dims": 2.5}, TypeError, "dims must be an int, got 2.5"),
    ({"spread": 0.0}, ValueError, "spread must be positive and finite, got 0.0"),
    ({"group_size": 7}, ValueError, "group_size must divide the number of classes, 100, got 7"),
    ({"group_size": 1}, ValueError, "group_size must be between 2 and 100, got 1"),
]


@pytest.mark.parametrize(("wrong", "error", "message"), WRONG, ids=lambda value: str(value)[:20])
def test_a_wrong_argument_of_a_mixture_is_named(wrong, error, message):
    with pytest.raises(error, match=message):
        blob_mixture(**wrong)


def test_wrong_points_labels_and_rates_are_named(mixture):
    groups = mixture.groups
    with pytest.raises(ValueError, match=r"points must have shape \(N, 2\), got \(4, 3\)"):
        mixture.posterior(torch.zeros(4, 3))
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        mixture.draw(0)
    with pytest.raises(ValueError, match="labels must be between 0 and 5, got 6"):
        noisy_labels(torch.tensor([6]), 0.1, groups)
    with pytest.raises(ValueError, match="kind must be one of 'uniform', 'group', got 'pairs'"):
        noisy_labels(torch.tensor([1]), 0.1, groups, "pairs")
    for call, rate in itertools.product((noisy_labels, noisy_posterior), (-0.1, 30)):
        with pytest.raises(ValueError, match=f"rate must be between 0 and 1, got {rate}"):
            call(torch.tensor([1]), rate, groups)
    with pytest.raises(TypeError, match="rate must be a number between 0 and 1, got '30 %'"):
        noisy_labels(torch.tensor([1]), "30 %", groups)
    with pytest.raises(ValueError, match=r"posterior must have shape \(N, 6\), got \(2, 5\)"):
        noisy_posterior(torch.ones(2, 5) / 5, 0.1, groups)
    with pytest.raises(ValueError, match="groups must hold at least two classes each"):
        noisy_labels(torch.tensor([1]), 0.1, torch.tensor([0, 0, 1]), "group")
