"""Classes made of blobs in the plane: how sure the best guess can be, everywhere, for several spreads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure

from ...experiments.data import best_topk_accuracy
from ...experiments.data.blobs import BlobMixture
from ...experiments.drawing import style
from ...experiments.drawing.sheet import Sheet

SIDE, GAP, TOP, BAR = 296, 16, 54, 18
PIXELS, POINTS = 148, 4000
MOST = 3


@style.locked
def blob_map(mixtures: Sequence[BlobMixture], names: Sequence[str], theme: str = "light") -> tuple[Figure, str]:
    """The chance of the likeliest class at every place, with the class names at the centres of their blobs.

    Args:
        mixtures: up to three, of two dimensions, usually the same one with growing spread.
        names: one per class.
        theme: "light" or "dark".

    Returns:
        The figure, and a caption with the best possible top-1 and top-2 accuracy of each.

    Raises:
        ValueError: no mixture or too many, another number of dimensions, or names that do not fit.
    """
    if not 1 <= len(mixtures) <= MOST:
        raise ValueError(f"mixtures must hold 1 to {MOST} mixtures, got {len(mixtures)}")
    for mixture in mixtures:
        if mixture.dims != 2 or mixture.num_classes != len(names):
            found = f"{mixture.num_classes} classes in {mixture.dims} dimensions"
            raise ValueError(f"mixtures must have {len(names)} classes (one per name) in 2 dimensions, got {found}")
    sheet = Sheet(GAP + len(mixtures) * (SIDE + GAP), TOP + SIDE + 46, theme)
    said = []
    for i, mixture in enumerate(mixtures):
        x = GAP + i * (SIDE + GAP)
        best = best_topk_accuracy(mixture.posterior(mixture.draw(POINTS)[0]), ks=(1, 2))
        sheet.text(x, 22, f"spread {mixture.spread:g}", style.LARGE, align="left", bold=True)
        words = f"best top-1 {100 * best[1]:.0f} %, top-2 {100 * best[2]:.0f} %"
        sheet.text(x + SIDE, 22, words, style.SMALL, align="right")
        _draw(sheet, x, TOP - 10, mixture, names)
        said.append(f"at spread {mixture.spread:g} {100 * best[1]:.0f} % and {100 * best[2]:.0f} %")
    _scale(sheet, GAP, TOP + SIDE + 14, 1 / len(names))
    return sheet.figure(), f"Best possible top-1 and top-2 accuracy: {'; '.join(said)}."


def _draw(sheet: Sheet, x: float, y: float, mixture: BlobMixture, names: Sequence[str]) -> None:
    reach = 1.12 * mixture.centres.abs().max().item()
    steps = torch.linspace(-reach, reach, PIXELS, dtype=torch.double)
    up, across = torch.meshgrid(steps.flip(0), steps, indexing="ij")
    surest = mixture.posterior(torch.stack([across, up], dim=-1).flatten(0, 1)).amax(dim=1).view(PIXELS, PIXELS)
    colors = style.heat(_stretched(surest.numpy(), len(names)))
    sheet.image(colors, x, y, SIDE, SIDE)
    for name, blobs in zip(names, mixture.centres, strict=True):
        for right, down in ((blobs * torch.tensor([1, -1]) / reach + 1) / 2).tolist():
            ground = colors[int(down * PIXELS), int(right * PIXELS)]
            ink = "#ffffff" if style.reads_dark(ground) else "#000000"
            sheet.text(x + right * SIDE, y + down * SIDE, name, style.SMALL, ink, bold=True)


def _stretched(chances: np.ndarray, classes: int) -> np.ndarray:
    """The largest of n chances is between 1/n and 1; as a number between 0 and 1."""
    return (chances - 1 / classes) / (1 - 1 / classes)


def _scale(sheet: Sheet, x: float, y: float, lowest: float) -> None:
    sheet.image(style.heat(np.linspace(0, 1, 60)[None, :]), x + 34, y, 180, BAR)
    sheet.text(x, y + BAR / 2, f"{lowest:.2f}", style.SMALL, align="left")
    sheet.text(x + 220, y + BAR / 2, "1    chance of the likeliest class", style.SMALL, align="left")
