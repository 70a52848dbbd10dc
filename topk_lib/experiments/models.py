"""The networks that the training program and the lessons use."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .. import _validate

Builder = TypeVar("Builder", bound=Callable[[int, tuple[int, ...]], nn.Module])
MODELS: dict[str, Callable[[int, tuple[int, ...]], nn.Module]] = {}
"""Builders by name, called with the number of classes and the shape of one sample; see `register_model`."""


def register_model(name: str) -> Callable[[Builder], Builder]:
    """Decorate a function (num_classes, input_shape) -> module; then the name works wherever a model is asked for.

    It raises a ValueError for shapes that it is not made for, as `make_model` says.
    """

    def register(build: Builder) -> Builder:
        MODELS[name] = build
        return build

    return register


def make_model(name: str, num_classes: int, input_shape: Sequence[int] = (3, 32, 32)) -> nn.Module:
    """Build a network by name, with PyTorch's own random initialization.

    Args:
        name: "small_cnn" or "resnet18", which take images; "linear", "small_mlp" (one layer of 32 hidden units) or
            "large_mlp" (two of 128), which take anything; or what `register_model` has added.
        num_classes: length of the logits, at least 1.
        input_shape: of one sample: (3, H, W) or (d,). The convolutional networks take any H and W >= 16, the others are
            built for this shape.

    Returns:
        A module that maps samples (B, *input_shape) to logits (B, num_classes).

    Raises:
        TypeError, ValueError: naming the argument, its value and what is allowed.
    """
    _validate.choice("name", name, MODELS)
    shape = tuple(input_shape)
    if len(shape) not in (1, 3) or min(shape) < 1 or (len(shape) == 3 and shape[0] != 3):
        raise ValueError(f"input_shape must be (3, H, W) or (d,), got {shape}")
    return MODELS[name](num_classes, shape)


class Normalize(nn.Module):
    """Pixels to numbers of mean 0 and deviation 1, so that a network takes images as they are stored.

    Args:
        mean, std: one number per channel, in units of the pixels (0 to 255).

    Shapes: images (B, C, H, W) of any real type -> (B, C, H, W) float32.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Sequence[float] = (0.0, 0.0, 0.0), std: Sequence[float] = (1.0, 1.0, 1.0)) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32)[:, None, None])
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32)[:, None, None])

    @classmethod
    def of(cls, images: Tensor, sample: int = 5000) -> Normalize:
        """For images (N, C, H, W) like these, by about ``sample`` of them, evenly spaced."""
        pixels = images[:: max(1, len(images) // sample)].float()
        mean, std = pixels.mean((0, 2, 3)), pixels.std((0, 2, 3), correction=0)
        return cls(mean.tolist(), std.clamp(min=1).tolist())

    def forward(self, images: Tensor) -> Tensor:
        return (images.float() - self.mean) / self.std


class SmallCNN(nn.Sequential):
    """Five convolutions for a processor without a GPU: 80 % on CIFAR-10 in about a minute on two cores.

    The first convolution halves the image at once, and pooling comes before normalization and GELU, since on
    a processor the large early feature maps are what costs time.

    Args:
        num_classes: length of the logits, at least 1.
        width: channels after the first convolution, at least 1; the later ones have two and four times as
            many.

    Shapes: images (B, 3, H, W) with H, W >= 16 -> logits (B, num_classes).
    """

    def __init__(self, num_classes: int, width: int = 32) -> None:
        num_classes = _validate.integer("num_classes", num_classes, 1)
        width = _validate.integer("width", width, 1)
        super().__init__(
            *_convolution(3, width, kernel_size=4, stride=2),
            *_convolution(width, 2 * width, pool=True),
            *_convolution(2 * width, 2 * width),
            *_convolution(2 * width, 4 * width, pool=True),
            *_convolution(4 * width, 4 * width),
            nn.AdaptiveMaxPool2d(1),
            nn.Flatten(),
            nn.Linear(4 * width, num_classes),
        )


def _convolution(
    channels_in: int, channels: int, kernel_size: int = 3, stride: int = 1, pool: bool = False
) -> list[nn.Module]:
    convolution = nn.Conv2d(channels_in, channels, kernel_size, stride, padding=1, bias=False)
    return [convolution, *[nn.MaxPool2d(2)] * pool, nn.BatchNorm2d(channels), nn.GELU()]


class MLP(nn.Sequential):
    """Linear layers with ReLU between them.

    Args:
        in_features: numbers per sample, all dimensions but the first multiplied.
        num_classes: length of the logits, at least 1.
        hidden: units of each hidden layer, from the first to the last.

    Shapes: (B, ...) with in_features numbers per sample -> logits (B, num_classes).
    """

    def __init__(self, in_features: int, num_classes: int, hidden: Sequence[int]) -> None:
        in_features = _validate.integer("in_features", in_features, 1)
        num_classes = _validate.integer("num_classes", num_classes, 1)
        layers: list[nn.Module] = [nn.Flatten()]
        for before, after in pairwise((in_features, *hidden, num_classes)):
            layers += [nn.Linear(before, after), nn.ReLU()]
        super().__init__(*layers[:-1])


class LinearHead(MLP):
    """One linear layer: on stored embeddings, or on the raw pixels of small images. Arguments as of `MLP`."""

    def __init__(self, in_features: int, num_classes: int) -> None:
        super().__init__(in_features, num_classes, hidden=())


class ResNet18(nn.Sequential):
    """ResNet-18 as it is used on CIFAR: a 3x3 first convolution of stride 1 and no max-pooling after it.

    Args:
        num_classes: length of the logits, at least 1.
        width: channels of the first stage, at least 1; each of the other three stages doubles them.

    Shapes: images (B, 3, H, W) -> logits (B, num_classes).

    Source: He et al., "Deep Residual Learning for Image Recognition" (CVPR 2016), table 1, with section 4.2's
        stem.
    """

    def __init__(self, num_classes: int, width: int = 64) -> None:
        num_classes = _validate.integer("num_classes", num_classes, 1)
        width = _validate.integer("width", width, 1)
        stages: list[nn.Module] = []
        for stage in range(4):
            before, after = width * 2 ** max(stage - 1, 0), width * 2**stage
            stages += [ResidualBlock(before, after, 1 if stage == 0 else 2), ResidualBlock(after, after)]
        super().__init__(
            nn.Conv2d(3, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            *stages,
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8 * width, num_classes),
        )


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut: a 1x1 convolution where the shape changes, else the identity.

    Shapes: (B, channels_in, H, W) -> (B, channels, H / stride, W / stride).
    """

    def __init__(self, channels_in: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels_in, channels, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or channels_in != channels:
            projection = nn.Conv2d(channels_in, channels, 1, stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(channels))

    def forward(self, features: Tensor) -> Tensor:
        return F.relu(self.body(features) + self.shortcut(features))


def _of_images(name: str, network: Callable[[int], nn.Module], num_classes: int, shape: tuple[int, ...]) -> nn.Module:
    if len(shape) != 3:
        raise ValueError(f"model must be linear, small_mlp or large_mlp for samples of shape {shape}, got {name!r}")
    if min(shape[1:]) < 16:
        raise ValueError(f"input_shape must be at least (3, 16, 16) for {name!r}, got {shape}")
    return network(num_classes)


def _of_anything(network: Callable[[int, int], nn.Module], num_classes: int, shape: tuple[int, ...]) -> nn.Module:
    return network(math.prod(shape), num_classes)


for _name, _network in {"small_cnn": SmallCNN, "resnet18": ResNet18}.items():
    register_model(_name)(partial(_of_images, _name, _network))
register_model("linear")(partial(_of_anything, LinearHead))
register_model("small_mlp")(partial(_of_anything, partial(MLP, hidden=(32,))))
register_model("large_mlp")(partial(_of_anything, partial(MLP, hidden=(128, 128))))
