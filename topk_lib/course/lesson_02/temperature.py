"""Exercise 2.4: the temperature for a wished-for certainty."""

from __future__ import annotations

from collections.abc import Callable

from ...sorters import make_sorter
from .. import naive
from ..attempt import Attempt, Wrong
from ..checks import Checks, Sign
from ..example import scores

MOST_CALLS = 500
CLOSE = 1e-3
GOALS = (0.3, 0.5, 0.9, 0.99)


class Chance:
    """The chance of the best of the six classes at rank 1, as a function of temperature; it counts its calls."""

    def __init__(self, sorter: str, scale: float = 1.0) -> None:
        self.sorter, self.scores, self.calls = sorter, scale * scores(), 0

    def __call__(self, temperature: float) -> float:
        self.calls += 1
        if self.calls > MOST_CALLS:
            raise RuntimeError(f"chance was called {MOST_CALLS} times and the search has not stopped")
        return make_sorter(self.sorter, temperature=float(temperature))(self.scores, 1).max().item()


def _reaches(sorter: str, *goals: float, scale: float = 1.0) -> Callable[[Attempt], str | None]:
    def test(attempt: Attempt) -> str | None:
        for goal in goals:
            temperature = attempt.number(Chance(sorter, scale), goal)
            _must_be_positive(temperature)
            reached = Chance(sorter, scale)(temperature)
            if abs(reached - goal) > CLOSE:
                return f"for the goal {goal:g}, your {temperature:.4f} gives a chance of {reached:.3f}"
        return None

    return test


def _must_be_positive(temperature: float) -> None:
    if not 0 < temperature < float("inf"):
        raise Wrong(f"your function returned {temperature:.3f}, expected a positive temperature")


def _answers(attempt: Attempt) -> list[tuple[float, float]]:
    return [(attempt.number(Chance("softsort"), goal), goal) for goal in GOALS]


def _reached(temperature: float) -> float:
    return Chance("softsort")(temperature)


def _steepness(attempt: Attempt) -> bool:
    return all(t > 0 and abs(_reached(1 / t) - goal) < CLOSE for t, goal in _answers(attempt))


def _chance_itself(attempt: Attempt) -> bool:
    return all(abs(t - goal) < 10 * CLOSE for t, goal in _answers(attempt))


def _ran_to_an_end(attempt: Attempt) -> bool:
    return all(not 0.0011 < t < 990 for t, _ in _answers(attempt))


def _close(attempt: Attempt, tolerance: float) -> bool:
    return all(abs(_reached(t) - goal) <= tolerance for t, goal in _answers(attempt))


CHECKS = Checks(
    reference=naive.find_temperature,
    imports="import math",
    properties={
        "SoftSort on the six scores becomes 90 % sure of fox": _reaches("softsort", 0.9),
        "so does NeuralSort": _reaches("neuralsort", 0.9),
        "other goals are met: 0.3, 0.5 and 0.99": _reaches("softsort", 0.3, 0.5, 0.99),
        "scores a hundred times smaller are no obstacle": _reaches("softsort", 0.9, scale=0.01),
        "nor are scores a hundred times larger": _reaches("softsort", 0.5, 0.9, scale=100.0),
    },
    mistakes={
        "steepness returned for temperature": Sign(_steepness),
        "the chance returned for the temperature": Sign(_chance_itself),
        "the wrong end moved": Sign(_ran_to_an_end),
        "stopped too early": Sign(lambda attempt: _close(attempt, 0.1) and not _close(attempt, CLOSE)),
        "the range too narrow": Sign(lambda attempt: _close(attempt, CLOSE)),
    },
)
