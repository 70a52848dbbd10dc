"""Crops and flips: only the pictures move."""

from itertools import chain

import pytest
import torch
import torch.nn.functional as F

from topk_lib.experiments import every_window, random_crop, random_flip, reflect_pad
from topk_lib.experiments.training.batches import ImageBatches

from .tiny import coded_split


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def noise(count=40, height=7, width=9):
    return torch.randint(0, 256, (count, 3, height, width), generator=generator(), dtype=torch.uint8)


@pytest.mark.parametrize("padding", [0, 1, 4, 6])
def test_reflect_pad_equals_pytorchs_on_floats(padding):
    images = noise()
    expected = F.pad(images.float(), (padding,) * 4, mode="reflect")
    padded = reflect_pad(images, padding)
    assert padded.dtype == torch.uint8
    torch.testing.assert_close(padded.float(), expected, atol=0, rtol=0)


@pytest.mark.parametrize("padding", [-1, 7, 1.0])
def test_padding_out_of_range_is_named(padding):
    with pytest.raises((TypeError, ValueError), match="padding must be"):
        reflect_pad(noise(), padding)


def test_every_window_is_a_view():
    padded = reflect_pad(noise(), 3)
    windows = every_window(padded, 3)
    assert windows.shape == (40, 3, 7, 7, 7, 9)
    assert windows.data_ptr() == padded.data_ptr()


def test_a_crop_is_a_window_of_its_own_image_at_the_drawn_place():
    images, chosen = noise(), torch.tensor([5, 0, 39, 5])
    padded = reflect_pad(images, 2)
    crops = random_crop(every_window(padded, 2), chosen, generator(3))
    draw = generator(3)
    tops, lefts = (torch.randint(5, (4,), generator=draw) for _ in range(2))
    for crop, image, top, left in zip(crops, chosen, tops, lefts, strict=True):
        torch.testing.assert_close(crop, padded[image, :, top : top + 7, left : left + 9], atol=0, rtol=0)


def test_every_place_of_a_crop_is_about_as_likely():
    places = torch.arange(25, dtype=torch.uint8).reshape(1, 1, 5, 5)
    crops = random_crop(every_window(places, 2), torch.zeros(5000, dtype=torch.long), generator())
    counts = crops.flatten().bincount(minlength=25)
    assert counts.min() > 130 and counts.max() < 270  # 200 expected, standard deviation 14


def test_flip_mirrors_about_half_of_the_images_and_leaves_the_others():
    images = noise(2000)
    flipped = random_flip(images, generator())
    kept = (flipped == images).flatten(1).all(1)
    mirrored = (flipped == images.flip(3)).flatten(1).all(1)
    assert (kept ^ mirrored).all()
    assert 900 < mirrored.sum() < 1100  # 1000 expected, standard deviation 22


def test_augmented_batches_keep_shape_type_and_the_label_of_each_image():
    for images, labels in ImageBatches(coded_split(30), 8, padding=2, flip=True):
        assert images.shape == (8, 3, 4, 4) and images.dtype == torch.uint8 and labels.dtype == torch.int64
        assert (images == labels[:, None, None, None]).all()


def test_an_epoch_shows_each_image_once_in_an_order_of_its_own():
    batches = ImageBatches(coded_split(30), 10, padding=1, flip=True)
    epochs = [torch.cat([labels for _, labels in batches]) for _ in range(2)]
    assert all(torch.equal(epoch.sort().values, torch.arange(30)) for epoch in epochs)
    assert not torch.equal(*epochs)


def test_all_batches_have_one_size_and_other_images_sit_out_each_time():
    batches = ImageBatches(coded_split(23), 10)
    epochs = [[labels for _, labels in batches] for _ in range(20)]
    assert len(batches) == 2 and all([len(labels) for labels in epoch] == [10, 10] for epoch in epochs)
    assert len(torch.cat([labels for epoch in epochs for labels in epoch]).unique()) == 23


def test_fewer_images_than_a_batch_are_one_batch():
    (_, labels), *others = ImageBatches(coded_split(5), 64)
    assert torch.equal(labels.sort().values, torch.arange(5)) and not others


def test_the_seed_decides_order_and_augmentation_whatever_else_is_drawn():
    def two_epochs(seed, disturb):
        batches, seen = ImageBatches(coded_split(40), 8, padding=2, flip=True, seed=seed), []
        for _ in range(2):
            for images, _ in batches:
                seen.append(images)
                torch.rand(disturb)
        return torch.cat(seen)

    assert torch.equal(two_epochs(1, disturb=0), two_epochs(1, disturb=5))
    assert not torch.equal(two_epochs(1, disturb=0), two_epochs(2, disturb=0))


def test_without_augmentation_images_are_untouched():
    split = coded_split(9)
    split.images[:, :, 0, 0] = 255  # now a flip would show
    images, labels = next(iter(ImageBatches(split, 9)))
    assert torch.equal(images, split.images[labels])


@pytest.mark.parametrize("done", [0, 1, 4, 5])
def test_batches_go_on_where_their_state_was_taken(done):
    def make(seed):
        return ImageBatches(coded_split(40), 8, padding=2, flip=True, seed=seed)

    whole, other = make(1), make(2)
    list(whole)  # an epoch before
    epoch = iter(whole)
    for _ in range(done):
        next(epoch)
    state = whole.state_dict()
    other.load_state_dict(state)
    expected, found = [list(epoch), list(whole)], [list(other), list(other)]
    assert [len(part) for part in found] == [len(part) for part in expected] == [5 - done, 5]
    for ours, theirs in zip(chain(*found), chain(*expected), strict=True):
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
