"""Exercise 2.4: the temperature for a wished-for certainty."""

from __future__ import annotations

from collections.abc import Callable

from ...sorters import make_sorter
from .. import naive
from ..attempt import Attempt, Wrong
from ..example import scores
from ..grading import Exercise, Mistake, Property

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


TEMPERATURE = Exercise(
    id="2.4",
    title="A temperature for 90 % certainty",
    difficulty="medium",
    minutes=12,
    task=(
        "`chance(temperature)` tells how sure a soft sort is of the best class, `P[0].max()`; it falls as the "
        "temperature rises. Write `find_temperature(chance, goal)`, which finds where it equals `goal`."
    ),
    requirements=(
        "`chance` is a function of one number; `goal` is between the chance at temperature 1000 and 1.",
        "The temperature lies between 0.001 and 1000; the chance at the one you return is within 0.001 of `goal`.",
        f"Call `chance` at most {MOST_CALLS} times: halve the range again and again (bisection).",
    ),
    why="'Which temperature?' has no answer in general; 'which one makes my top class 90 % sure?' has one.",
    hints=(
        "Keep two temperatures, one too low and one too high, and try one between them. Which of the two moves?",
        "A chance above the goal means that the temperature is too low, so the low end moves up to the one tried.",
        "Temperatures spread over six powers of ten: halve by the geometric mean, the square root of low times high.",
    ),
    takeaway="For the same certainty, scores that are ten times larger need ten times the temperature.",
    reference=naive.find_temperature,
    imports="import math",
    properties=(
        Property("SoftSort on the six scores becomes 90 % sure of fox", _reaches("softsort", 0.9)),
        Property("so does NeuralSort", _reaches("neuralsort", 0.9)),
        Property("other goals are met: 0.3, 0.5 and 0.99", _reaches("softsort", 0.3, 0.5, 0.99)),
        Property("scores a hundred times smaller are no obstacle", _reaches("softsort", 0.9, scale=0.01)),
        Property("nor are scores a hundred times larger", _reaches("softsort", 0.5, 0.9, scale=100.0)),
    ),
    mistakes=(
        Mistake(
            "steepness returned for temperature",
            "One divided by your answer would be right: steepness is one over temperature.",
            _steepness,
        ),
        Mistake(
            "the chance returned for the temperature",
            "You return about the goal itself. Return the temperature at which it is reached.",
            _chance_itself,
        ),
        Mistake(
            "the wrong end moved",
            "Your search runs to an end of the range. Where the chance is still above the goal, the temperature is too "
            "low, so it is the low end that moves up.",
            _ran_to_an_end,
        ),
        Mistake(
            "stopped too early",
            "You are on the right way but not there. Halve the range more often before you return.",
            lambda attempt: _close(attempt, 0.1) and not _close(attempt, CLOSE),
        ),
        Mistake(
            "the range too narrow",
            "You meet every goal for the six scores as they are. For smaller or larger ones, search all the way from "
            "0.001 to 1000, and go on until even a small temperature is exact.",
            lambda attempt: _close(attempt, CLOSE),
        ),
    ),
)
