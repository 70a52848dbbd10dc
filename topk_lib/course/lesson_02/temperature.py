"""Exercise 2.4: the temperature for a wished-for certainty."""

from __future__ import annotations

from collections.abc import Callable

from ...experiments.example import scores
from ...sorters import make_sorter
from .. import naive
from ..attempt import Attempt, Wrong
from ..checks import Checks, Sign, Test

MOST_CALLS = 500
CLOSE = 1e-3
GOALS = (0.3, 0.5, 0.9, 0.99)


class Probability:
    """The probability of the best of the six classes at rank 1, as a function of temperature; it counts its calls."""

    def __init__(self, sorter: str, scale: float = 1.0) -> None:
        self.sorter, self.scores, self.calls = sorter, scale * scores(), 0

    def __call__(self, temperature: float) -> float:
        self.calls += 1
        if self.calls > MOST_CALLS:
            raise RuntimeError(f"probability was called {MOST_CALLS} times and the search has not stopped")
        return make_sorter(self.sorter, temperature=float(temperature))(self.scores, 1).max().item()


def _reaches(sorter: str, *goals: float, scale: float = 1.0) -> Test:
    def test(attempt: Attempt) -> str | None:
        for goal in goals:
            temperature = attempt.number(Probability(sorter, scale), goal)
            if not 0 < temperature < float("inf"):
                raise Wrong(f"your function returned {temperature:.3f}, expected a positive temperature")
            reached = Probability(sorter, scale)(temperature)
            if abs(reached - goal) > CLOSE:
                return f"for the goal {goal:g}, your {temperature:.4f} gives a probability of {reached:.3f}"
        return None

    return test


def _always(fits: Callable[[float, float], bool]) -> Callable[[Attempt], bool]:
    """Whether fits(temperature returned, goal) for every goal."""
    return lambda attempt: all(fits(attempt.number(Probability("softsort"), goal), goal) for goal in GOALS)


def _off(temperature: float, goal: float) -> float:
    return abs(Probability("softsort")(temperature) - goal)


_exact = _always(lambda t, goal: _off(t, goal) <= CLOSE)


_near = _always(lambda t, goal: _off(t, goal) <= 0.1)


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
        "steepness returned for temperature": Sign(_always(lambda t, goal: t > 0 and _off(1 / t, goal) < CLOSE)),
        "the probability returned for the temperature": Sign(_always(lambda t, goal: abs(t - goal) < 10 * CLOSE)),
        "the wrong end moved": Sign(_always(lambda t, goal: not 0.0011 < t < 990)),
        "stopped too early": Sign(lambda attempt: _near(attempt) and not _exact(attempt)),
        "the range too narrow": Sign(_exact),
    },
)
