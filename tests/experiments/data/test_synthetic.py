"""synthetic100: the posterior is true, the images repeat, and what decides the class can be seen."""

import hashlib
import math
import time

import numpy as np
import pytest
import torch

from topk_lib.experiments.data import best_topk_accuracy, motif_names, synthetic, synthetic100
from topk_lib.experiments.data.drawing import _LMS_TO_RGB, _OKLAB_TO_LMS, NOISE, PAIRS, Scene, random_scene, render


@pytest.fixture(scope="module")
def data():
    return synthetic100(seed=3, train_size=2500, test_size=1200)


@pytest.fixture(scope="module")
def many():
    """Latents and posteriors of 100 000 images that need not be drawn."""
    latents = synthetic.draw_latents(np.random.default_rng(5), 100_000)
    return latents, synthetic.class_posterior(latents)


def digest(split):
    parts = (split.images, split.labels, split.posterior)
    return hashlib.sha256(b"".join(part.numpy().tobytes() for part in parts)).hexdigest()


def test_shapes_types_and_names(data):
    assert data.name == "synthetic100" and data.num_classes == 100
    for split, size in ((data.train, 2500), (data.test, 1200)):
        assert split.images.shape == (size, 3, 32, 32) and split.images.dtype == torch.uint8
        assert split.labels.shape == (size,) and split.labels.dtype == torch.int64
        assert split.posterior.shape == (size, 100) and split.posterior.dtype == torch.float32
        assert split.labels.unique().tolist() == list(range(100))
    assert len(set(data.class_names)) == 100
    assert data.group_names == motif_names and len(set(motif_names)) == 20
    assert data.groups.bincount().tolist() == [5] * 20
    assert all(data.class_names[c].endswith(motif_names[g]) for c, g in enumerate(data.groups.tolist()))


def test_posterior_rows_are_distributions_over_one_pair_of_motifs(data):
    posterior = data.train.posterior
    assert (posterior >= 0).all()
    torch.testing.assert_close(posterior.sum(1), torch.ones(2500), atol=1e-5, rtol=0)
    pair = data.train.labels // 10
    assert torch.equal((posterior.view(-1, 10, 10).sum(2) > 0).long().argmax(1), pair)
    assert ((posterior > 0).sum(1) <= 10).all()


def test_posterior_is_bayes_rule_applied_to_the_story(many):
    latents, posterior = many
    for row in range(50):
        t, z, pair = latents.morph[row], latents.hue[row], latents.pair[row]
        density = np.zeros(100)
        for label in range(10 * pair, 10 * pair + 10):
            of_morph = 3 * t**2 if label // 5 % 2 else 3 * (1 - t) ** 2
            density[label] = of_morph * math.exp(-((24 * (z - label % 5)) ** 2) / (2 * 14.4**2))
        np.testing.assert_allclose(posterior[row], density / density.sum(), atol=1e-6)


def test_latents_follow_the_story():
    latents = synthetic.draw_latents(np.random.default_rng(1), 200_000)
    second = latents.label // 5 % 2 == 1
    distance = np.where(second, 1 - latents.morph, latents.morph)
    # density 3 (1 - t)^2 has the distribution function 1 - (1 - t)^3
    for t in (0.1, 0.3, 0.6):
        assert (distance < t).mean() == pytest.approx(1 - (1 - t) ** 3, abs=0.005)
    steps = latents.hue - latents.label % 5
    assert 24 * steps.std() == pytest.approx(14.4, rel=0.01) and abs(steps.mean()) < 0.01
    assert np.array_equal(latents.pair, latents.label // 10)


def test_labels_are_distributed_as_the_posterior_says(many):
    latents, posterior = many
    hit = np.zeros_like(posterior)
    hit[np.arange(len(hit)), latents.label] = 1
    bins = np.digitize(posterior, np.linspace(0.001, 0.95, 25))
    chi_square = 0
    for index in range(1, 26):
        inside = bins == index
        expected, variance = posterior[inside].sum(), (posterior[inside] * (1 - posterior[inside])).sum()
        chi_square += (hit[inside].sum() - expected) ** 2 / variance
    assert chi_square < 50  # 25 terms of mean 1; entries of one row are dependent, which only lowers it


def test_labels_of_each_class_are_as_frequent_as_the_posterior_says(many):
    latents, posterior = many
    deviation = np.bincount(latents.label, minlength=100) - posterior.sum(0)
    assert (np.abs(deviation) < 4.5 * np.sqrt((posterior * (1 - posterior)).sum(0))).all()


def test_best_accuracy_is_reached_by_the_largest_posterior_entries(data):
    split = data.train
    for k, best in best_topk_accuracy(split.posterior, (1, 2, 3, 5, 10)).items():
        hits = (split.posterior.topk(k).indices == split.labels[:, None]).any(1).double().mean().item()
        assert abs(hits - best) <= 4 * math.sqrt(best * (1 - best) / len(split)) + 1e-4


def test_every_k_up_to_five_leaves_something_to_gain(many):
    best = best_topk_accuracy(torch.from_numpy(many[1]))
    assert best == pytest.approx({1: 0.592, 2: 0.851, 3: 0.934, 5: 0.990}, abs=0.003)


def test_best_accuracy_of_a_small_example():
    posterior = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    assert best_topk_accuracy(posterior, (1, 2, 3)) == pytest.approx({1: 0.65, 2: 0.85, 3: 1.0})


@pytest.mark.parametrize("ks", [(0,), (4,), (1, -1)])
def test_best_accuracy_rejects_a_k_out_of_range(ks):
    with pytest.raises(ValueError, match=r"ks must be between 1 and 3, got"):
        best_topk_accuracy(torch.eye(3), ks)


def test_best_accuracy_rejects_rows_that_do_not_sum_to_one():
    with pytest.raises(ValueError, match=r"posterior must have rows that sum to 1, got sums 1 to 2"):
        best_topk_accuracy(torch.tensor([[0.5, 0.5], [1.0, 1.0]]))


def test_best_accuracy_rejects_a_vector():
    with pytest.raises(ValueError, match=r"posterior must have shape \(N, classes\).*got \(3,\)"):
        best_topk_accuracy(torch.ones(3) / 3)


def test_same_seed_same_bytes_and_another_seed_others():
    first, again, other = (synthetic100(seed, 300, 200) for seed in (7, 7, 8))
    assert digest(first.train) == digest(again.train) and digest(first.test) == digest(again.test)
    assert digest(first.train) != digest(other.train) and digest(first.test) != digest(other.test)


def test_no_image_is_in_train_and_test_or_twice(data):
    images = torch.cat([data.train.images, data.test.images]).flatten(1).numpy()
    assert len(np.unique(images, axis=0)) == len(images)
    assert not torch.equal(data.train.labels[:1200], data.test.labels)


@pytest.mark.parametrize("size", [1, 7, 1000, 1001, 2345])
def test_a_smaller_set_is_the_beginning_of_a_larger_one(data, size):
    part = synthetic100(seed=3, train_size=size, test_size=1).train
    assert torch.equal(part.images, data.train.images[:size])
    assert torch.equal(part.labels, data.train.labels[:size])
    assert torch.equal(part.posterior, data.train.posterior[:size])


@pytest.mark.parametrize("name", ["train_size", "test_size"])
def test_sizes_and_seed_are_checked(name):
    with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
        synthetic100(**{name: 0})
    with pytest.raises(TypeError, match=f"{name} must be an int, got 2.5"):
        synthetic100(**{name: 2.5})
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        synthetic100(seed=-1)


def seen_hue(images):
    """Mean OKLCH hue in degrees of each image where it is most colourful, read off the pixels."""
    rgb = images.transpose(0, 2, 3, 1) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    lab = np.cbrt(linear @ np.linalg.inv(_LMS_TO_RGB).T) @ np.linalg.inv(_OKLAB_TO_LMS).T
    color = (lab[..., 1] + 1j * lab[..., 2]).reshape(len(images), -1)
    return np.degrees(np.angle((color * np.abs(color) ** 3).sum(1)))


def test_hue_can_be_read_off_the_image():
    latents, images = synthetic._draw_block(0, 0, 0, 1000)
    true = 24 * (synthetic.FIRST_HUE[latents.pair] + latents.hue)
    error = np.abs((seen_hue(images) - true + 180) % 360 - 180)
    assert np.median(error) < 1 and np.quantile(error, 0.95) < 5  # classes are 24 degrees apart


@pytest.mark.parametrize(("first", "second", "field"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_morph_can_be_read_off_the_image(first, second, field):
    scene = Scene(*(np.repeat(column, 6, 0) for column in random_scene(np.random.default_rng(0), 1)))
    morph = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    images = render(field, morph, np.full(6, 50.0), scene, np.zeros((6, 3, 32, 32), np.float32)).astype(float)
    steps = np.sqrt(((images[1:] - images[:-1]) ** 2).sum((1, 2, 3)))
    assert (steps > 10 * NOISE).all()  # noise moves an image by NOISE along any one direction
    assert np.sqrt(((images[-1] - images[0]) ** 2).mean()) > 20


def test_motifs_look_different_from_each_other():
    scene = Scene(*(np.repeat(column, 20, 0) for column in random_scene(np.random.default_rng(0), 1)))
    flat = np.zeros((1, 3, 32, 32), np.float32)
    row = [Scene(*(column[:1] for column in scene))] * 20
    images = [
        render(PAIRS[i // 2][2], np.array([float(i % 2)]), np.array([50.0]), row[i], flat)[0].astype(float)
        for i in range(20)
    ]
    for i in range(20):
        for j in range(i):
            assert np.sqrt(((images[i] - images[j]) ** 2).mean()) > 12, (motif_names[i], motif_names[j])


def test_background_says_nothing_about_the_class():
    latents, images = synthetic._draw_block(0, 0, 0, 1000)
    shapes = latents.pair < 7  # the other motifs fill the corners
    corner = images[shapes][:, :, 0, 0].mean(1)
    for hint in (latents.hue[shapes], latents.morph[shapes], latents.label[shapes] % 5):
        assert abs(np.corrcoef(corner, hint)[0, 1]) < 4 / math.sqrt(shapes.sum())


def test_drawing_sixty_thousand_would_take_less_than_thirty_seconds():
    start = time.process_time()
    synthetic100(train_size=2500, test_size=500)
    assert (time.process_time() - start) * 20 < 30
