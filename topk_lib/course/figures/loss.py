"""A top-k loss taken apart for one sample, from P down to the gradient on every class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from matplotlib.figure import Figure

from ... import _validate
from ...experiments.drawing import style
from ...experiments.drawing.lettering import fitting_size, width
from ...experiments.drawing.sheet import Sheet
from ...losses import TopKCrossEntropyLoss
from ...losses.selection import select_m
from ...losses.topk import TOP1_MODES
from ...sorters import Relaxation, SoftTopK, SortingNetwork
from .columns import nice_limit, signed_bars
from .given import as_scores, cell_label, class_index, number_label, p_k_text, signed, with_gradient
from .heat_map import cells
from .p_k import SIX_P_K

WIDTH = 960
MOST, MOST_CLASSES = 2, 8
SYMBOLS = {"steepness": "β", "temperature": "τ", "scale": "λ"}
TABLE, CELL, TOP = 336, 30, 98  # width of a table, height of its rows, and where they begin


@dataclass(frozen=True, eq=False)
class LossAccount:
    """One loss on one sample, taken apart.

    Attributes:
        setting: sorter and its softness in words, and on a second line the settings of the loss.
        kept: indices of the classes that enter the loss, in that order; all but m-selection keeps all.
        P: rows of the soft permutation that the loss asks for, shape (k, n), NaN for classes left out; no rows
            where the loss is cross-entropy.
        softmax: shape (n,), NaN for classes left out.
        softmax_weight: of the softmax; 0 where it plays no part.
        rank_weights: shape (k,), of the rows of P.
        probability: what stands under the logarithm; for "smce", of the part with the sorter.
        sum: the loss written with its numbers.
        loss: its value.
        gradient: shape (n,), with respect to the scores.
    """

    setting: str
    kept: tuple[int, ...]
    P: np.ndarray
    softmax: np.ndarray
    softmax_weight: float
    rank_weights: np.ndarray
    probability: float
    sum: str
    loss: float
    gradient: np.ndarray


def account_of(loss: TopKCrossEntropyLoss, scores: np.ndarray, label: int) -> LossAccount:
    """Takes the loss of one sample apart.

    Args:
        loss: without class weights and label smoothing.
        scores: shape (n,).
        label: index of the class that is right.

    Raises:
        ValueError: the loss has class weights or label smoothing, or does not fit n classes.
    """
    if loss.weight is not None or loss.label_smoothing:
        raise ValueError("loss must have neither class weights nor label smoothing to be taken apart")
    s, y = torch.tensor(scores, dtype=torch.float64), torch.tensor(label)
    value, gradient = with_gradient(lambda leaf: loss(leaf, y), s)
    kept = torch.arange(len(s)) if loss.m is None else select_m(s[None], y[None], loss.m)[0]
    with torch.no_grad():
        P = s.new_zeros(0, len(kept)) if loss.is_cross_entropy else loss.sorter.matrix(s[kept], loss.k)
    softmax, weights = s[kept].softmax(0), s.new_tensor(loss.rank_weights[: len(P)])
    column = int((kept == y).nonzero())
    share = 1.0 if loss.is_cross_entropy else loss.p_k[0] * (loss.top1_mode != "sort")
    first, beyond = softmax[column].item(), (weights @ P[:, column]).item()
    probability = share * first + beyond if loss.top1_mode == "sm" or loss.is_cross_entropy else beyond

    settings = f"P_K = {p_k_text(loss.p_k)}, {loss.top1_mode}, {'all classes' if loss.m is None else f'm = {loss.m}'}"

    table = np.full((1 + len(P), len(s)), np.nan)
    table[:, kept] = torch.cat([softmax[None], P])
    return LossAccount(
        setting=f"{sorter_in_words(loss.sorter)}\n{settings}, eps = {eps_in_words(loss.eps)}",
        kept=tuple(kept.tolist()),
        P=table[1:],
        softmax=table[0],
        softmax_weight=share,
        rank_weights=weights.numpy(),
        probability=probability,
        sum=_sum_in_words(loss, first, probability, value.item()),
        loss=value.item(),
        gradient=gradient.numpy(),
    )


def sorter_in_words(sorter: Relaxation) -> str:
    """The sorter and its softness, for example ``bitonic, β = 2, cauchy``."""
    name = sorter.kind.replace("_", " ") if isinstance(sorter, SortingNetwork) else type(sorter).__name__
    return ", ".join(filter(None, (name, softness_in_words(sorter))))


def softness_in_words(sorter: Relaxation) -> str:
    """How soft a sorter is and by which function, for example ``λ = 0.5, laplace``; nothing if it cannot be said."""
    softness = getattr(sorter, sorter.SOFTNESS, None)
    if softness is None:
        return ""
    words = f"{SYMBOLS[sorter.SOFTNESS]} = {float(softness):.3g}"
    if isinstance(sorter, SortingNetwork):
        art = f" λ = {sorter.art_lambda:g}" if sorter.distribution == "logistic_phi" else ""
        return f"{words}, {sorter.distribution.replace('_', ' ')}{art}"
    return f"{words}, {sorter.threshold.replace('_', ' ')}" if isinstance(sorter, SoftTopK) else words


def eps_in_words(eps: float) -> str:
    """A small number without a needless zero, for example ``1e-7``."""
    return f"{eps:g}".replace("e-0", "e-")


def _sum_in_words(loss: TopKCrossEntropyLoss, first: float, probability: float, value: float) -> str:
    log, g = (f"{p:.3f}" if p >= 0.001 else f"{p:.1e}" for p in (first, probability))
    parts = f"g({g})"
    if loss.is_cross_entropy:
        parts = f"−log {log}"
    elif loss.top1_mode == "smce" and loss.p_k[0] > 0:
        parts = f"{loss.p_k[0]:g} · (−log {log}) + {1 - loss.p_k[0]:g} · g({g})"
    return f"loss = {parts} = {number_label(value, 3)}"


@style.locked
def gradient_bars(
    scores: Sequence[float],
    names: Sequence[str],
    label: str,
    sorter: Relaxation | None = None,
    p_ks: Sequence[Sequence[float]] = SIX_P_K,
    modes: Sequence[str] = ("sort", "sm", "smce"),
    theme: str = "light",
) -> tuple[Figure, str]:
    """The gradient on every score as bars: a row per top-1 mode, a column per P_K.

    Classes stand in the order of their scores, best first. The fields of a column share one scale, written above
    them. A bar that points down means that a step of gradient descent raises the score.

    Args:
        scores: n numbers, n <= 8.
        names: n class names.
        label: the name of the class that is right.
        sorter: the default of the loss if none is given.
        p_ks: one to six distributions of K.
        modes: one to three of "sort", "sm", "smce".

    Returns:
        The figure, and a caption with the gradient on the label and on the class that is pushed down most.

    Raises:
        ValueError: a label that is no name, unknown modes, or more than fits.
    """
    values, target = as_scores(scores, names), class_index("label", label, names)
    if not 1 <= len(p_ks) <= 6 or len(names) > MOST_CLASSES:
        raise ValueError(f"one to six P_K of at most 8 classes fit, got {len(p_ks)} of {len(names)}")
    for mode in modes:
        _validate.choice("modes", mode, TOP1_MODES)
    gradients = {
        mode: [account_of(TopKCrossEntropyLoss(p, sorter, top1_mode=mode), values, target).gradient for p in p_ks]
        for mode in modes
    }
    order = np.argsort(-values, kind="stable")
    first, top, band, gap = 54, 60, 132, 14
    bottom = top + len(modes) * band
    sheet = Sheet(WIDTH, bottom + 16 + max(map(width, names)) * style.SMALL, theme)
    slot = (WIDTH - first - gap) / len(p_ks)
    room, cell = slot - gap, (slot - gap) / len(names)
    sheet.text(22, 22, "P_K", style.NORMAL, bold=True)
    for row, mode in enumerate(modes):
        sheet.text(22, top + (row + 0.5) * band - 8, mode, style.LARGE, bold=True, upwards=True)
    size = fitting_size(map(p_k_text, p_ks), room - 2, style.NORMAL, bold=True)
    for column, (p_k, fields) in enumerate(zip(p_ks, zip(*gradients.values(), strict=True), strict=True)):
        left, limit = first + column * slot, nice_limit(np.abs(fields).max())
        sheet.text(left + room / 2, 22, p_k_text(p_k), size, bold=True)
        sheet.text(left + room / 2, 42, f"scale ±{limit:g}", style.SMALL, sheet.colors.muted)
        for row, gradient in enumerate(fields):
            sheet.frame(left, top + row * band, room, band - 14)
            signed_bars(sheet, left, top + row * band, cell, band - 14, gradient[order], limit)
        for place, j in enumerate(order):
            x = left + (place + 0.5) * cell
            sheet.text(x, bottom - 6, names[j], style.SMALL, align="right", bold=j == target, upwards=True)
    lines = []
    for mode, fields in gradients.items():
        told = []
        for gradient in fields:
            most, least = gradient.argmax(), gradient.argmin()
            pulled = "" if least == target else f" with {names[least]} {signed(gradient[least], 2)}"
            against = f"against {names[most]} {signed(gradient[most], 2)}"
            told.append(f"{signed(gradient[target], 2)} {against}{pulled}")
        lines.append(f"{mode}: {', '.join(told)}")
    said = f"Gradient on {label} against the class that is pushed down most, for P_K = {', '.join(map(p_k_text, p_ks))}"
    return sheet.figure(), f"{said}: {'; '.join(lines)}."


@style.locked
def loss_comparison(
    losses: Mapping[str, TopKCrossEntropyLoss],
    scores: Sequence[float],
    names: Sequence[str],
    label: str,
    theme: str = "light",
) -> tuple[Figure, str]:
    """One loss or two side by side: the rows that enter it, their weights, its sum, its gradient on every class.

    In the heat map the row of the softmax stands above those of P. The label's column is framed: its entries times
    the weights at the right add up to what stands under the logarithm. The bars below share one scale.

    Args:
        losses: name -> loss, one or two, without class weights and label smoothing.
        scores: n numbers, n <= 8.
        names: n class names.
        label: the name of the class that is right.

    Returns:
        The figure, and a caption with each loss, its sum and its gradient.

    Raises:
        ValueError: more than two losses or eight classes, a label that is no name, or sizes that do not fit.
    """
    if not 1 <= len(losses) <= MOST or len(names) > MOST_CLASSES:
        raise ValueError(f"one or two losses of {MOST_CLASSES} classes fit, got {len(losses)} of {len(names)}")
    values, target = as_scores(scores, names), class_index("label", label, names)
    accounts = {name: account_of(loss, values, target) for name, loss in losses.items()}
    rows = 1 + max(len(loss.p_k) for loss in losses.values())
    sheet = Sheet(WIDTH, TOP + rows * CELL + 260, theme)
    limit = nice_limit(max(np.abs(account.gradient).max() for account in accounts.values()))
    told = []
    for i, (name, account) in enumerate(accounts.items()):
        left = 80 + i * 478
        sheet.text(left - 66, 20, name, style.LARGE, align="left", bold=True)
        _draw_account(sheet, left, rows, account, values, names, target)
        _draw_gradient(sheet, left, TOP + rows * CELL, account, names, target, limit)
        gradient = ", ".join(
            f"{each} {signed(g, 3)}" if j in account.kept else f"{each} left out"
            for j, (each, g) in enumerate(zip(names, account.gradient, strict=True))
        )
        setting = account.setting.replace("\n", ", ")
        told.append(f"{name}: {setting}: label {label}, {account.sum}, gradient {gradient}")
    return sheet.figure(), f"{'; '.join(told)}."


def _draw_account(
    sheet: Sheet, left: float, rows: int, account: LossAccount, scores: np.ndarray, names: Sequence[str], label: int
) -> None:
    """The setting, the scores, and all that enters the loss as so many rows of cells, with their weights."""
    first, second = account.setting.split("\n")
    sheet.text(left, 20, first, style.NORMAL, align="left", bold=True)
    sheet.text(left, 42, second, style.SMALL, align="left")
    sheet.note(left - 8, TOP - 11, "score", "right")
    sheet.note(left + TABLE + 8, TOP - 11, "weight")
    _write_names(sheet, left, TOP - 29, names, label)
    table = np.full((rows, len(names)), np.nan)
    table[0] = account.softmax if account.softmax_weight else np.nan
    table[1 : 1 + len(account.P)] = account.P
    cell = TABLE / len(names)
    empty = cells(sheet, left, TOP, cell, CELL, table)
    used, middle, centres = ~empty.all(1), left + TABLE / 2, left + (np.arange(len(names)) + 0.5) * cell
    for x, score in zip(centres, scores, strict=True):
        sheet.note(x, TOP - 11, number_label(score), "center")
    for r, j in zip(*np.nonzero(empty & used[:, None]), strict=True):
        sheet.note(centres[j], TOP + (r + 0.5) * CELL, "out", "center")
    if not used[0]:
        sheet.note(middle, TOP + CELL / 2, "not used", "center")
    if len(unused := np.flatnonzero(~used[1:]) + 1):
        sheet.note(middle, TOP + (unused[0] + unused[-1] + 1) / 2 * CELL, "not asked for", "center")
    sheet.frame(left, TOP, TABLE, rows * CELL)
    top, last = np.flatnonzero(used)[[0, -1]]
    sheet.frame(left + label * cell, TOP + top * CELL, cell, (last + 1 - top) * CELL, sheet.colors.ink, 3)
    weights = [account.softmax_weight, *account.rank_weights]
    for r in range(rows):
        y = TOP + (r + 0.5) * CELL
        sheet.note(left - 8, y, f"rank {r}" if r else "softmax", "right")
        if r < len(weights) and (r or weights[0]):
            sheet.text(left + TABLE + 8, y, f"× {cell_label(weights[r])}", style.NORMAL, align="left")


def _draw_gradient(
    sheet: Sheet, left: float, y: float, account: LossAccount, names: Sequence[str], label: int, limit: float
) -> None:
    """The sum of the loss, and a bar for the gradient on every score, between -limit and limit."""
    sheet.text(left, y + 24, account.sum, style.NORMAL, align="left", bold=True)
    sheet.note(left, y + 54, "gradient on each score: below the line, a step raises it")
    out = [j for j in range(len(names)) if j not in account.kept]
    signed_bars(sheet, left, y + 66, TABLE / len(names), 160, account.gradient, limit, 3, out=out)
    _write_names(sheet, left, y + 244, names, label)


def _write_names(sheet: Sheet, left: float, y: float, names: Sequence[str], label: int) -> None:
    cell = TABLE / len(names)
    size = fitting_size(names, cell - 4, style.NORMAL, bold=True)
    for j, name in enumerate(names):
        sheet.text(left + (j + 0.5) * cell, y, name, size, bold=j == label)
