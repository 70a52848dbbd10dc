"""The recorded grid on blobs, data/grids/when-it-helps.toml, as tables."""

from __future__ import annotations

from ..grids.grid_results import SHAPE, GridResults
from ..results import read_result
from .markdown import table

RECORD, RELAXED, M = "when-it-helps", "even", 16
LOSSES = {
    "P_K = [.2, .2, .2, .2, .2]": RELAXED,
    f"the same, m = {M}": f"{RELAXED}, m = {M}",
    f"cross-entropy, m = {M}": f"cross-entropy, m = {M}",
}


def when_it_helps() -> str:
    """What the even P_K and the control with few scores gain, with the least and the most capacity."""
    results = GridResults(read_result(RECORD, SHAPE))
    rows = []
    for network in ("linear", "larger MLP"):
        for name, loss in LOSSES.items():
            gains = results.gains(f"{network}, spread 0.7", loss)
            rows.append((network, name, str(gains[0]), str(gains[-1])))
    return table(("network", "loss", "top-1", "top-5"), rows)


def sweep_size() -> str:
    """How many runs the grid has."""
    return str(len(read_result(RECORD, SHAPE)["rows"]))


def every_condition() -> str:
    """What the even P_K gains in every condition, top-1 to top-5."""
    results = GridResults(read_result(RECORD, SHAPE))
    rows = []
    for name, settings in results.record["grid"]["conditions"].items():
        rate = settings.get("noise_rate", 0.0)
        noise = f"{100 * rate:.0f} % {settings['noise']}" if rate else "none"
        gains = map(str, results.gains(name, RELAXED))
        rows.append((name.partition(",")[0], f"{settings['spread']:g}", noise, *gains))
    return table(("network", "spread", "noise", *(f"top-{k}" for k in range(1, 6))), rows)
