"""The answers to the predictions of lesson 07, computed."""

from __future__ import annotations

from ...experiments.data import load_blobs
from ...experiments.data.blobs import noisy_posterior
from .reachable import reachable_accuracy
from .recorded import RELAXED, condition, recorded_sweep


def _trade() -> tuple[int, str]:
    gains = recorded_sweep().gains(condition("linear"), RELAXED)
    first, last = gains[0], gains[-1]
    position = {("gain", "gain"): 0, ("loss", "gain"): 1, ("loss", "loss"): 2}.get((first.verdict, last.verdict), 3)
    shown = (
        f"Over {len(recorded_sweep().seeds)} paired seeds the change is {first} points in top-1 "
        f"and {last} points in top-5. P_K says what is wanted, and a network that is short of capacity has to choose."
    )
    return position, shown


def _capacity() -> tuple[int, str]:
    results = recorded_sweep()
    small, large = (results.gains(condition(name), RELAXED)[-1] for name in ("linear", "larger MLP"))
    room = [results.room(condition(name), results.baseline, "top5") for name in ("linear", "larger MLP")]
    position = 0 if large.low > small.high else 2 if large.high < small.low else 1
    shown = (
        f"The top-5 gain is {small} points for the linear network and {large} for the larger MLP. Cross-entropy leaves "
        f"the first {room[0]:.1f} points below the best possible top-5, and the second {room[1]:.1f}."
    )
    return position, shown


def _reachable() -> tuple[int, str]:
    test = load_blobs().test
    groups = test.posterior.new_zeros(test.posterior.shape[1]).long()
    noisy = noisy_posterior(test.posterior, 0.3, groups)
    best, reached = (100 * reachable_accuracy(test.posterior, by, 5) for by in (test.posterior, noisy))
    lost = best - reached
    shown = (
        f"The best possible top-5 accuracy is {best:.1f} %; guessing by the noisy chances reaches {reached:.1f} %. "
        "Uniform noise takes and gives alike, so the order of the classes stays."
    )
    return (0 if lost < 0.05 else 1 if lost < 15 else 2), shown


ANSWERS = {"7.a": _trade, "7.b": _capacity, "7.c": _reachable}
