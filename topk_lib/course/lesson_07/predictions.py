"""The answers to the predictions of lesson 07, computed."""

from __future__ import annotations

from ...experiments.data import load_blobs
from ...experiments.data.blobs import noisy_posterior
from .reachable import reachable_accuracy
from .recorded import RELAXED, condition, recorded_sweep


def _trade() -> tuple[int, dict]:
    gains = recorded_sweep().gains(condition("linear"), RELAXED)
    first, last = gains[0], gains[-1]
    position = {("gain", "gain"): 0, ("loss", "gain"): 1, ("loss", "loss"): 2}.get((first.verdict, last.verdict), 3)
    return position, {"seeds": len(recorded_sweep().seeds), "first": first, "last": last}


def _capacity() -> tuple[int, dict]:
    results = recorded_sweep()
    places = [condition(name) for name in ("linear", "larger MLP")]
    small, large = (results.gains(place, RELAXED)[-1] for place in places)
    room = [results.room(place, results.baseline, "top5") for place in places]
    position = 0 if large.low > small.high else 2 if large.high < small.low else 1
    return position, {"small": small, "large": large, "room": room}


def _reachable() -> tuple[int, dict]:
    test = load_blobs().test
    groups = test.posterior.new_zeros(test.posterior.shape[1]).long()
    noisy = noisy_posterior(test.posterior, 0.3, groups)
    best, reached = (100 * reachable_accuracy(test.posterior, by, 5) for by in (test.posterior, noisy))
    lost = best - reached
    return (0 if lost < 0.05 else 1 if lost < 15 else 2), {"best": best, "reached": reached}


ANSWERS = {"7.a": _trade, "7.b": _capacity, "7.c": _reachable}
