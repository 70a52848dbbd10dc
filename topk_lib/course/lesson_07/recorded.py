"""The recorded grid on blobs as the figures of lesson 07 need it."""

from __future__ import annotations

from functools import cache

from ...experiments.drawing.gains import ForestRow
from ...experiments.grids.grid_results import GridResults
from ...experiments.report.markdown import vector
from ...experiments.results import read_result
from ...experiments.statistics import MeanCI

NETWORKS = ("linear", "small MLP", "larger MLP")
SPREADS = {0.4: "low", 0.7: "middle", 1.0: "high"}
MIDDLE, RELAXED, M = 0.7, "even", 16
TRADES = ("even", "half and half", "nearly top-5", "top-5 alone")
NOISES = (("uniform", 0.0), ("uniform", 0.1), ("uniform", 0.3), ("group", 0.1), ("group", 0.3))

Panels = dict[str, dict[str, tuple[MeanCI, ...]]]


@cache
def recorded_sweep() -> GridResults:
    """The results of ``data/grids/when-it-helps.toml``.

    Raises:
        ValueError: there is no such record.
    """
    return GridResults(read_result("when-it-helps"))


def condition(network: str, spread: float = MIDDLE, noise: str = "uniform", rate: float = 0.0) -> str:
    """The name of a condition in the grid."""
    name = f"{network}, spread {spread:g}"
    return f"{name}, {_noise(noise, rate)}" if rate else name


def trade_panel(results: GridResults, network: str = "linear") -> Panels:
    """Four relaxed P_K at the middle spread, in one panel."""
    series = {f"P_K = {_p_k(results, loss)}": results.gains(condition(network), loss) for loss in TRADES}
    return {f"{network}, {SPREADS[MIDDLE]} ambiguity": series}


def capacity_panels(results: GridResults) -> Panels:
    """The even P_K in every network (rows) and at every spread (columns)."""
    name = f"P_K = {_p_k(results, RELAXED)}"
    return {
        f"{network}, {ambiguity} ambiguity": {name: results.gains(condition(network, spread), RELAXED)}
        for network in NETWORKS
        for spread, ambiguity in SPREADS.items()
    }


def noise_panels(results: GridResults) -> Panels:
    """The even P_K with and without m, and cross-entropy with m, without noise and with the most of each kind."""
    panels = {}
    for network in ("linear", "larger MLP"):
        for noise, rate in (("uniform", 0.0), ("uniform", 0.3), ("group", 0.3)):
            where = condition(network, MIDDLE, noise, rate)
            panels[f"{network}, {_noise(noise, rate).replace(' noise', '') if rate else 'no noise'}"] = {
                f"P_K = {_p_k(results, RELAXED)}": results.gains(where, RELAXED),
                f"the same, m = {M}": results.gains(where, f"{RELAXED}, m = {M}"),
                f"cross-entropy, m = {M}": results.gains(where, f"{results.baseline}, m = {M}"),
            }
    return panels


def knob_rows(results: GridResults, network: str = "linear") -> dict[str, list[ForestRow]]:
    """What the even P_K gains at the middle spread when one setting of the loss is another one, by kind of setting."""
    where, few = condition(network), f", m = {M}"
    shown = {"as it comes": [("splitter_selection", RELAXED)]}
    for heading, names in _KNOBS.items():
        known = [name for name in names if f"{RELAXED}, {name}" in results.losses_in(where)]
        shown[heading] = [(name.removeprefix("steepness "), f"{RELAXED}, {name}") for name in known]
    sorters = ("neuralsort", "softsort", "sinkhorn")
    shown[f"other sorter{few}"] = [(sorter, f"{RELAXED}, {sorter}{few}") for sorter in sorters]
    return {
        heading: [_row(results, name, where, loss, room=False) for name, loss in rows]
        for heading, rows in shown.items()
    }


def answer_rows(results: GridResults) -> dict[str, list[ForestRow]]:
    """What the even P_K gains in every condition, by network; few scores and noise stand below the clean conditions."""
    groups: dict[str, list[ForestRow]] = {}
    for network in NETWORKS:
        rows = [
            _row(results, f"{ambiguity} ambiguity", condition(network, spread)) for spread, ambiguity in SPREADS.items()
        ]
        few = f"{SPREADS[MIDDLE]} ambiguity, m = {M}"
        rows.append(_row(results, few, condition(network), f"{RELAXED}, m = {M}"))
        noisy = [(_noise(noise, rate), condition(network, MIDDLE, noise, rate)) for noise, rate in NOISES if rate]
        groups[network] = rows + [_row(results, name, where) for name, where in noisy]
    return groups


_KNOBS = {
    "other steepness": [f"steepness {value:g}" for value in (0.25, 0.5, 2.0, 4.0, 8.0)],
    "other distribution": ["logistic", "logistic_phi", "gaussian", "reciprocal", "optimal"],
    "other sorter": ["neuralsort", "softsort"],
    "few scores": [f"m = {m}" for m in (8, 16, 32)],
    "other top-1 mode": ["smce", "sort"],
}


def _row(results: GridResults, name: str, where: str, loss: str = RELAXED, room: bool = True) -> ForestRow:
    gains = results.gains(where, loss)
    left = results.room(where, results.baseline, "top5") if room else None
    return ForestRow(name, left, gains[0], gains[-1])


def _noise(noise: str, rate: float) -> str:
    return f"{100 * rate:.0f} % {'uniform noise' if noise == 'uniform' else 'noise in groups'}"


def _p_k(results: GridResults, loss: str) -> str:
    return vector(results.record["grid"]["losses"][loss]["p_k"])
