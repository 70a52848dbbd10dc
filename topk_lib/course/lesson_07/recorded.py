"""The recorded sweep as the figures of lesson 07 need it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ...experiments.grids.blob_runs import HIDDEN, LOSSES, Condition, Loss
from ...experiments.grids.sweep_results import PLAIN, ForestRow, Gain, SweepResults
from ...experiments.results import read_result

SPREADS = {0.4: "low", 0.7: "middle", 1.0: "high"}
MIDDLE, RELAXED, M = 0.7, "even", 16
TRADES = ("even", "half and half", "nearly top-5", "top-5 alone")
NOISES = (("uniform", 0.0), ("uniform", 0.1), ("uniform", 0.3), ("group", 0.1), ("group", 0.3))

Panels = dict[str, dict[str, tuple[Gain, ...]]]


@cache
def recorded_sweep() -> SweepResults:
    """The results of ``python -m topk_lib.experiments.grids.sweep``.

    Raises:
        ValueError: there is no such record.
    """
    return SweepResults(read_result("when-it-helps"))


def trade_panel(results: SweepResults, capacity: str = "linear") -> Panels:
    """Four relaxed P_K at the middle spread, in one panel."""
    condition = Condition(capacity, MIDDLE)
    series = {f"P_K = {_short(loss)}": results.gains(condition, loss) for loss in TRADES}
    return {f"{capacity}, {SPREADS[MIDDLE]} ambiguity": series}


def capacity_panels(results: SweepResults) -> Panels:
    """The even P_K in every network (rows) and at every spread (columns)."""
    name = f"P_K = {_short(RELAXED)}"
    return {
        f"{capacity}, {ambiguity} ambiguity": {name: results.gains(Condition(capacity, spread), RELAXED)}
        for capacity in HIDDEN
        for spread, ambiguity in SPREADS.items()
    }


def noise_panels(results: SweepResults) -> Panels:
    """The even P_K with and without m, and cross-entropy with m, without noise and with the most of each kind."""
    panels = {}
    for capacity in ("linear", "larger MLP"):
        for noise, rate in (("uniform", 0.0), ("uniform", 0.3), ("group", 0.3)):
            condition = Condition(capacity, MIDDLE, noise, rate)
            panels[f"{capacity}, {_noise(noise, rate).replace(' noise', '') if rate else 'no noise'}"] = {
                f"P_K = {_short(RELAXED)}": results.gains(condition, RELAXED),
                f"the same, m = {M}": results.gains(condition, Loss(RELAXED, M)),
                f"cross-entropy, m = {M}": results.gains(condition, Loss(PLAIN, M)),
            }
    return panels


def knob_rows(results: SweepResults, capacity: str = "linear") -> dict[str, list[ForestRow]]:
    """What the even P_K gains at the middle spread when one setting of the loss is another one, by kind of setting."""
    condition, usual = Condition(capacity, MIDDLE), Loss(RELAXED)
    groups = {"as it comes": [usual]}
    for name in ("steepness", "distribution", "sorter", "m", "top1_mode"):
        others = (loss for loss in results.losses(condition) if loss != usual)
        of_one = [loss for loss in others if replace(usual, **{name: getattr(loss, name)}) == loss]
        groups[name] = sorted(of_one, key=lambda loss: getattr(loss, name) if name in ("steepness", "m") else 0)
    groups["few"] = [Loss(RELAXED, M, sorter) for sorter in ("neuralsort", "softsort", "sinkhorn")]
    return {
        _HEADINGS[name]: [_row(results, _setting(name, loss), condition, loss, room=False) for loss in losses]
        for name, losses in groups.items()
    }


def answer_rows(results: SweepResults) -> dict[str, list[ForestRow]]:
    """What the even P_K gains in every condition, by network; few scores and noise stand below the clean conditions."""
    groups: dict[str, list[ForestRow]] = {}
    for capacity in HIDDEN:
        middle = Condition(capacity, MIDDLE)
        rows = [
            _row(results, f"{ambiguity} ambiguity", Condition(capacity, spread))
            for spread, ambiguity in SPREADS.items()
        ]
        rows.append(_row(results, f"{SPREADS[MIDDLE]} ambiguity, m = {M}", middle, Loss(RELAXED, M)))
        noisy = [(_noise(noise, rate), Condition(capacity, MIDDLE, noise, rate)) for noise, rate in NOISES if rate]
        groups[capacity] = rows + [_row(results, name, condition) for name, condition in noisy]
    return groups


_HEADINGS = {
    "as it comes": "as it comes",
    "steepness": "other steepness",
    "distribution": "other distribution",
    "sorter": "other sorter",
    "m": "few scores",
    "top1_mode": "other top-1 mode",
    "few": f"other sorter, m = {M}",
}


def _setting(name: str, loss: Loss) -> str:
    if name in ("as it comes", "few"):
        return loss.sorter
    value = getattr(loss, name)
    return f"m = {value}" if name == "m" else f"{value:g}" if name == "steepness" else value


def _row(
    results: SweepResults, name: str, condition: Condition, loss: Loss | str = RELAXED, room: bool = True
) -> ForestRow:
    gains = results.gains(condition, loss)
    return ForestRow(name, results.room(condition)[-1] if room else None, gains[0], gains[-1])


def _noise(noise: str, rate: float) -> str:
    where = {"uniform": "uniform noise", "group": "noise in groups"}[noise]
    return f"{100 * rate:.0f} % {where}" if rate else "no noise"


def _short(loss: str) -> str:
    return "[" + ", ".join(f"{p:g}".removeprefix("0") or "0" for p in LOSSES[loss]) + "]"
