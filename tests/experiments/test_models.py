"""The networks: shapes, sizes, initialization, and what they refuse."""

import pytest
import torch

from topk_lib.experiments.models import MODELS, LinearHead, Normalize, ResNet18, SmallCNN, make_model


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("side", [16, 32, 45])
def test_every_model_maps_images_of_its_size_to_one_logit_per_class(name, side):
    model = make_model(name, 7, (3, side, side)).eval()
    assert model(torch.randn(2, 3, side, side)).shape == (2, 7)


@pytest.mark.parametrize("name", MODELS)
def test_every_parameter_gets_a_gradient(name):
    model = make_model(name, 5)
    model(torch.randn(4, 3, 32, 32)).square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in model.parameters())


def test_resnet18_has_the_size_of_the_network_for_cifar():
    """11 173 962 with ten classes; the network for ImageNet, with its 7x7 stem, would have 11 181 642."""
    assert sum(parameter.numel() for parameter in ResNet18(10).parameters()) == 11_173_962


def test_resnet18_keeps_the_resolution_before_its_second_stage():
    model = ResNet18(10, width=4)
    features = torch.randn(1, 3, 32, 32)
    sides = [(features := layer(features)).shape[-1] for layer in list(model)[:11]]
    assert sides == [32, 32, 32, 32, 32, 16, 16, 8, 8, 4, 4]


def test_width_scales_the_small_cnn():
    sizes = [sum(p.numel() for p in SmallCNN(10, width).parameters()) for width in (8, 16, 32)]
    assert 3.5 < sizes[2] / sizes[1] < 4 and 3.3 < sizes[1] / sizes[0] < 4


def test_a_linear_head_takes_stored_embeddings():
    head = LinearHead(512, 9)
    embeddings = torch.randn(3, 512)
    torch.testing.assert_close(head(embeddings), embeddings @ head[1].weight.T + head[1].bias)


def test_normalize_gives_mean_zero_and_deviation_one_per_channel():
    images = torch.randint(0, 200, (300, 3, 8, 8), dtype=torch.uint8) // torch.tensor([1, 2, 4])[:, None, None]
    out = Normalize.of(images.to(torch.uint8))(images)
    torch.testing.assert_close(out.mean((0, 2, 3)), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(out.std((0, 2, 3)), torch.ones(3), atol=1e-3, rtol=0)


def test_normalize_samples_evenly_from_sorted_images():
    images = torch.arange(200, dtype=torch.uint8)[:, None, None, None].expand(200, 3, 2, 2)
    assert Normalize.of(images, sample=10).mean[0].item() == pytest.approx(99.5, abs=15)


def test_normalize_survives_blank_images():
    images = torch.full((4, 3, 5, 5), 255, dtype=torch.uint8)
    assert Normalize.of(images)(images).abs().max() == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("vgg", 10), "name must be one of 'small_cnn', 'resnet18', 'linear', 'small_mlp', 'large_mlp', got 'vgg'"),
        (("small_cnn", 0), "num_classes must be at least 1, got 0"),
        (("resnet18", 10, (1, 32, 32)), r"input_shape must be \(3, H, W\) or \(d,\), got \(1, 32, 32\)"),
        (("linear", 10, (3, 0, 4)), r"input_shape must be \(3, H, W\) or \(d,\)"),
        (("small_cnn", 10, (3, 32, 12)), r"input_shape must be at least \(3, 16, 16\) for 'small_cnn', got"),
    ],
)
def test_bad_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        make_model(*arguments)


@pytest.mark.parametrize(
    "build", [lambda: SmallCNN(3, width=0), lambda: ResNet18(3, width=2.0), lambda: LinearHead(0, 3)]
)
def test_bad_sizes_are_named(build):
    with pytest.raises((TypeError, ValueError), match=r"(width|in_features) must be"):
        build()
