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
from ...experiments.drawing.plane import minus
from ...experiments.drawing.sheet import Sheet
from ...losses import TopKCrossEntropyLoss
from ...losses.selection import select_m
from ...losses.topk import TOP1_MODES
from ...sorters import Relaxation, SoftTopK, SortingNetwork
from .columns import frame, nice_limit, signed_bars
from .given import as_scores, cell_label, class_index, number_label, p_k_text, signed
from .heat_map import cells
from .p_k import SIX_P_K

WIDTH = 960
MOST, MOST_CLASSES = 2, 8


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
        chance: what stands under the logarithm; for "smce", of the part with the sorter.
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
    chance: float
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
    s, y = torch.tensor(scores, dtype=torch.float64, requires_grad=True), torch.tensor(label)
    with torch.enable_grad():
        value = loss(s, y)
        (gradient,) = torch.autograd.grad(value, s)
    s = s.detach()
    kept = torch.arange(len(s)) if loss.m is None else select_m(s[None], y[None], loss.m)[0]
    with torch.no_grad():
        P = s.new_zeros(0, len(kept)) if loss.is_cross_entropy else loss.sorter.matrix(s[kept], loss.k)
    softmax, weights = s[kept].softmax(0), s.new_tensor(loss.rank_weights[: len(P)])
    column = int((kept == y).nonzero())
    share = 1.0 if loss.is_cross_entropy else loss.p_k[0] * (loss.top1_mode != "sort")
    first, beyond = softmax[column].item(), (weights @ P[:, column]).item()
    chance = share * first + beyond if loss.top1_mode == "sm" or loss.is_cross_entropy else beyond

    def among_all(values: torch.Tensor) -> np.ndarray:
        """The columns of the kept classes where all n classes stand."""
        full = torch.full((*values.shape[:-1], len(s)), torch.nan, dtype=torch.float64)
        full[..., kept] = values.double()
        return full.numpy()

    return LossAccount(
        setting=f"{sorter_in_words(loss.sorter)}\n{_loss_in_words(loss)}",
        kept=tuple(kept.tolist()),
        P=among_all(P),
        softmax=among_all(softmax),
        softmax_weight=share,
        rank_weights=weights.numpy(),
        chance=chance,
        sum=_sum_in_words(loss, first, chance, value.item()),
        loss=value.item(),
        gradient=gradient.numpy(),
    )


def sorter_in_words(sorter: Relaxation) -> str:
    """The sorter and its softness, for example ``bitonic network, β = 2, cauchy``."""
    if isinstance(sorter, SortingNetwork):
        art = f" λ = {sorter.art_lambda:g}" if sorter.distribution == "logistic_phi" else ""
        softens = sorter.distribution.replace("_", " ") + art
        return f"{sorter.kind.replace('_', ' ')}, β = {sorter.steepness:.3g}, {softens}"
    if isinstance(sorter, SoftTopK):
        return f"SoftTopK, λ = {sorter.scale:.3g}, {sorter.threshold.replace('_', ' ')}"
    return f"{type(sorter).__name__}, τ = {sorter.temperature:.3g}"


def eps_in_words(eps: float) -> str:
    """A small number without a needless zero, for example ``1e-7``."""
    return f"{eps:g}".replace("e-0", "e-")


def _loss_in_words(loss: TopKCrossEntropyLoss) -> str:
    kept = "all classes" if loss.m is None else f"m = {loss.m}"
    return f"P_K = {p_k_text(loss.p_k)}, {loss.top1_mode}, {kept}, eps = {eps_in_words(loss.eps)}"


def _sum_in_words(loss: TopKCrossEntropyLoss, first: float, chance: float, value: float) -> str:
    total = minus(f"{value:.3f}")
    if loss.is_cross_entropy:
        return f"loss = −log {_small(first)} = {total}"
    if loss.top1_mode == "smce" and loss.p_k[0] > 0:
        share = loss.p_k[0]
        return f"loss = {share:g} · (−log {_small(first)}) + {1 - share:g} · g({_small(chance)}) = {total}"
    return f"loss = g({_small(chance)}) = {total}"


def _small(chance: float) -> str:
    return f"{chance:.3f}" if chance >= 0.001 else f"{chance:.1e}"


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
    lines = (f"{mode}: {', '.join(_told(g, names, target) for g in line)}" for mode, line in gradients.items())
    heads = ", ".join(map(p_k_text, p_ks))
    against = f"Gradient on {label} against the class that is pushed down most"
    return sheet.figure(), f"{against}, for P_K = {heads}: {'; '.join(lines)}."


def _told(gradient: np.ndarray, names: Sequence[str], label: int) -> str:
    most, least = gradient.argmax(), gradient.argmin()
    told = f"{signed(gradient[label], 2)} against {names[most]} {signed(gradient[most], 2)}"
    return told if least == label else f"{told} with {names[least]} {signed(gradient[least], 2)}"


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
    sheet = Sheet(WIDTH, 98 + rows * CELL + 260, theme)
    limit = nice_limit(max(np.abs(account.gradient).max() for account in accounts.values()))
    for i, (name, account) in enumerate(accounts.items()):
        column = _Column(sheet, 80 + i * 478, 336 / len(names), rows, names, target)
        column.draw(name, account, values, limit)
    caption = "; ".join(f"{name}: {_describe(account, names, label)}" for name, account in accounts.items())
    return sheet.figure(), f"{caption}."


def _describe(account: LossAccount, names: Sequence[str], label: str) -> str:
    """Half a sentence with the numbers of the figure."""
    gradient = ", ".join(
        f"{name} {signed(g, 3)}" if j in account.kept else f"{name} left out"
        for j, (name, g) in enumerate(zip(names, account.gradient, strict=True))
    )
    return f"{account.setting.replace(chr(10), ', ')}: label {label}, {account.sum}, gradient {gradient}"


CELL, TOP = 30, 98  # height of a row, and where rows begin


class _Column:
    """One loss on the sheet, everything above the classes' own columns of width `cell`, the first at `left`."""

    def __init__(self, sheet: Sheet, left: float, cell: float, rows: int, names: Sequence[str], label: int) -> None:
        self.sheet, self.left, self.cell, self.rows = sheet, left, cell, rows
        self.names, self.label = names, label
        self.right, self.bottom = left + cell * len(names), TOP + rows * CELL

    def draw(self, name: str, account: LossAccount, scores: np.ndarray, limit: float) -> None:
        """All of it; gradients between -limit and limit."""
        sheet, left = self.sheet, self.left
        first, second = account.setting.split("\n")
        sheet.text(left - 66, 20, name, style.LARGE, align="left", bold=True)
        sheet.text(left, 20, first, style.NORMAL, align="left", bold=True)
        sheet.text(left, 42, second, style.SMALL, align="left")
        self._note(left - 8, TOP - 11, "score", "right")
        for j, score in enumerate(scores):
            self._note(self._x(j), TOP - 11, number_label(score), "center")
        self._draw_table(account)
        self._write_weights(account)
        sheet.text(left, self.bottom + 24, account.sum, style.NORMAL, align="left", bold=True)
        self._note(left, self.bottom + 54, "gradient on each score: below the line, a step raises it")
        out = [j for j in range(len(self.names)) if j not in account.kept]
        bars = sheet, left, self.bottom + 66, self.cell, 160, account.gradient, limit
        signed_bars(*bars, lambda value: signed(value, 3), out=out)
        size = fitting_size(self.names, self.cell - 4, style.NORMAL, bold=True)
        for y in (TOP - 29, self.bottom + 244):
            for j, class_name in enumerate(self.names):
                sheet.text(self._x(j), y, class_name, size, bold=j == self.label)

    def _x(self, j: int) -> float:
        return self.left + (j + 0.5) * self.cell

    def _note(self, x: float, y: float, text: str, align: str = "left") -> None:
        self.sheet.text(x, y, text, style.SMALL, self.sheet.colors.muted, align)

    def _draw_table(self, account: LossAccount) -> None:
        table = np.full((self.rows, len(self.names)), np.nan)
        table[0] = account.softmax if account.softmax_weight else np.nan
        table[1 : 1 + len(account.P)] = account.P
        empty = cells(self.sheet, self.left, TOP, self.cell, CELL, table)
        used, middle = ~empty.all(1), (self.left + self.right) / 2
        for r, j in zip(*np.nonzero(empty & used[:, None]), strict=True):
            self._note(self._x(j), TOP + (r + 0.5) * CELL, "out", "center")
        if not used[0]:
            self._note(middle, TOP + CELL / 2, "not used", "center")
        if len(unused := np.flatnonzero(~used[1:]) + 1):
            self._note(middle, TOP + (unused[0] + unused[-1] + 1) / 2 * CELL, "not asked for", "center")
        self.sheet.frame(self.left, TOP, self.right - self.left, self.rows * CELL)
        first, last = np.flatnonzero(used)[[0, -1]]
        x = self.left + self.label * self.cell
        frame(self.sheet, x, TOP + first * CELL, self.cell, (last + 1 - first) * CELL, 3)

    def _write_weights(self, account: LossAccount) -> None:
        self._note(self.right + 8, TOP - 11, "weight")
        weights = [account.softmax_weight, *account.rank_weights]
        for r in range(self.rows):
            y = TOP + (r + 0.5) * CELL
            self._note(self.left - 8, y, f"rank {r}" if r else "softmax", "right")
            if r < len(weights) and (r or weights[0]):
                self.sheet.text(self.right + 8, y, f"× {cell_label(weights[r])}", style.NORMAL, align="left")
