"""Every loss of the kit in one interleaved run with cross-entropy: what each costs in its place, at several sizes.

A loss, a sorter or a threshold that registers itself is in the next record.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import torch

from topk_lib import SORTERS, make_loss
from topk_lib.losses import LOSSES
from topk_lib.sorters import DEFAULT_SORTER
from topk_lib.sorters.thresholds import THRESHOLDS

from .cases import NETWORKS, SEED, Case
from .memory import saved_bytes
from .peers import PEER_LOSSES, quiet
from .reach import out_of_reach
from .steps import Compute, Contestant
from .timing import interleaved, median, ratio

CROSS_ENTROPY = "ce"
SIZES, QUICK_SIZES = ((128, 100), (500, 1000), (100, 10450)), ((16, 30), (32, 200))
"""Samples in a batch, and classes."""
MANY = 5000
"""From so many classes on, losses with a sorter are left out: there they have m, in the tables with m."""
SAME = 1e-3
"""By how much a peer's loss may differ from this library's, as a share of it."""


class Entry(NamedTuple):
    """One line of the table.

    Attributes:
        loss: a key of `LOSSES`.
        settings: what else `make_loss` is given: the sorter, and its threshold. All others are the defaults.
        peer: whose code it is; "" for this library's.
    """

    loss: str
    settings: Mapping[str, str]
    peer: str = ""

    @property
    def name(self) -> str:
        """For example "topk soft_topk laplace", one of a kind."""
        return " ".join([self.loss, *self.settings.values(), self.peer]).rstrip()

    def build(self, classes: int) -> Compute:
        """What computes the loss of so many classes."""
        if self.peer:
            return PEER_LOSSES[self.settings.get("sorter", self.loss)][self.peer](classes)
        return make_loss(self.loss, **self.settings)


def entries(peers: Collection[str] = ()) -> Iterator[Entry]:
    """Every registered loss, once for each of its sorters if it has one; behind it the peers that have the same."""
    for loss in LOSSES:
        for settings in _sorters() if "sorter" in LOSSES.settings(loss) else ({},):
            yield Entry(loss, settings)
            for peer in PEER_LOSSES.get(settings.get("sorter", loss), {}):
                if peer in peers:
                    yield Entry(loss, settings, peer)


def _sorters() -> Iterator[dict[str, str]]:
    """Of the networks, which have tables of their own, the default one; a soft set once for each threshold."""
    for sorter in SORTERS:
        if "threshold" in SORTERS.settings(sorter):
            yield from ({"sorter": sorter, "threshold": threshold} for threshold in THRESHOLDS)
        elif sorter not in NETWORKS or sorter == DEFAULT_SORTER:
            yield {"sorter": sorter}


def losses(
    rounds: int, budget: float, peers: Collection[str] = (), sizes: Sequence[tuple[int, int]] = SIZES
) -> list[dict[str, object]]:
    """A row per size and loss.

    Args:
        rounds: turns of each, at most.
        budget: seconds for the rounds of one size.
        peers: those that are installed.
        sizes: samples and classes.

    Returns:
        Rows of loss, settings, peer, batch, classes; "seconds" of a forward and backward pass, "ratio" to that of
        cross-entropy and "saved_bytes" per sample, or instead the reason why it was "left_out".
    """
    with quiet():
        return [row for size in sizes for row in _rows_of(Case(DEFAULT_SORTER, *size), rounds, budget, peers)]


def _rows_of(case: Case, rounds: int, budget: float, peers: Collection[str]) -> list[dict[str, object]]:
    shown = [each for each in entries(peers) if case.classes < MANY or "sorter" not in each.settings]
    running = {each.name: Contestant(each.build(case.classes)) for each in shown}
    left_out: dict[str, str] = {}
    for each in shown:
        left_out[each.name] = _reason(case, each, running[each.name], left_out)
    logits, labels = case.sample()
    steps = {name: each.step(logits, labels) for name, each in running.items() if not left_out[name]}
    turns = interleaved(steps, rounds, budget)
    rows = []
    for each in shown:
        row = each._asdict() | {"batch": case.batch, "classes": case.classes}
        if each.name in turns:
            row["seconds"], row["ratio"] = median(turns, each.name), ratio(turns, each.name, CROSS_ENTROPY)
            row["saved_bytes"] = saved_bytes(running[each.name], *case.sample()) / case.batch
        rows.append(row if each.name in turns else row | {"left_out": left_out[each.name]})
    return rows


def _reason(case: Case, entry: Entry, contestant: Contestant, left_out: Mapping[str, str]) -> str:
    """Why it is left out, or "": a peer also where this library's own is, or where both differ on a few samples."""
    if not entry.peer:
        return out_of_reach(case, contestant)
    if left_out[entry._replace(peer="").name]:
        return "not tried, since this library's is out of reach"
    return out_of_reach(case, contestant) or _unlike(case, entry)


def _unlike(case: Case, entry: Entry) -> str:
    own, other = (_value(case, each) for each in (entry._replace(peer=""), entry))
    return "" if math.isclose(own, other, rel_tol=SAME) else f"its loss is {other:.4g}, this library's {own:.4g}"


def _value(case: Case, entry: Entry) -> float:
    torch.manual_seed(SEED)  # some losses draw noise
    return float(entry.build(case.classes)(*case.sample(8)).detach())
