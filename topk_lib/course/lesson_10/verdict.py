"""Exercise 10.2: does an interval support a claim?"""

from __future__ import annotations

from ..attempt import Attempt
from ..comparing import agrees, imitates
from ..grading import Exercise, Mistake, Property


def verdict(low: float, high: float, margin: float) -> int:
    """What an interval says of "ahead by more than margin": 1 supports it, -1 speaks against it, 0 leaves it open."""
    if low > margin:
        return 1
    if high < margin:
        return -1
    return 0


def _cases() -> list[tuple[float, float, float]]:
    intervals = ((0.4, 1.2), (-0.3, 0.9), (-1.5, -0.2), (1.4, 2.0), (-3.0, 0.4), (0.1, 0.3), (-0.9, 4.0))
    return [(low, high, margin) for low, high in intervals for margin in (0.0, 0.5, 1.0)]


def _name(low: float, high: float, margin: float) -> str:
    return f"interval {low:g} to {high:g}, claim: ahead by more than {margin:g}"


def _is(wanted: int, *cases: tuple[float, float, float]) -> object:
    def test(attempt: Attempt) -> str | None:
        for case in cases:
            found = attempt.number(*case)
            if found != wanted:
                return f"{_name(*case)}: your function says {found:g}"
        return None

    return test


def _one_of_three(attempt: Attempt) -> str | None:
    for case in _cases():
        found = attempt.number(*case)
        if found not in (-1, 0, 1):
            return f"{_name(*case)}: {found:g}, expected 1, -1 or 0"
    return None


def _margin_matters(attempt: Attempt) -> str | None:
    found = [attempt.number(0.4, 1.2, margin) for margin in (0.0, 0.5, 2.0)]
    return None if found == [1, 0, -1] else f"0.4 to 1.2 with margins 0, 0.5, 2: {', '.join(f'{x:g}' for x in found)}"


def _by_mean(low: float, high: float, margin: float) -> int:
    return 1 if (low + high) / 2 > margin else -1


VERDICT = Exercise(
    id="10.2",
    title="What an interval supports",
    difficulty="easy",
    minutes=8,
    task=(
        'A claim says: "the new loss is ahead by more than `margin` points". You have the 95 % interval of the paired '
        "difference, new minus old. Write `verdict(low, high, margin)`."
    ),
    requirements=(
        "`low` and `high` are the interval's ends, `margin` is 0 or more, all in percentage points.",
        "Return 1 if the whole interval supports the claim, and -1 if the whole interval speaks against it.",
        "Return 0 if it leaves the claim open.",
    ),
    why="An interval around 0 is not evidence of equality, and a mean without its interval is evidence of nothing.",
    hints=(
        "Compare the ends of the interval with the margin, not its middle. Which end decides which verdict?",
        "For 1 even the lower end has to be beyond the margin; for -1 even the upper end has to fall short of it.",
    ),
    takeaway="Three verdicts, not two: runs that leave a claim open ask for more seeds, not for a headline.",
    reference=verdict,
    imports="",
    properties=(
        Property("the answer is 1, -1 or 0", _one_of_three),
        Property("an interval beyond the margin supports the claim", _is(1, (0.4, 1.2, 0.0), (1.4, 2.0, 1.0))),
        Property("an interval short of the margin speaks against it", _is(-1, (-1.5, -0.2, 0.0), (0.1, 0.3, 0.5))),
        Property("an interval around the margin leaves it open", _is(0, (-0.3, 0.9, 0.0), (0.4, 1.2, 0.5))),
        Property("a larger margin is harder to support", _margin_matters),
        Property("all intervals are judged right", agrees(verdict, _cases, _name)),
    ),
    mistakes=(
        Mistake(
            "the mean decides",
            "You judge by the middle of the interval. Its ends say how far the truth may be from there.",
            imitates(_by_mean, _cases),
        ),
        Mistake(
            "open taken for refuted",
            "You speak against every claim that is not supported. Where the margin is inside, the claim is open.",
            imitates(lambda low, high, margin: 1 if low > margin else -1, _cases),
        ),
        Mistake(
            "the margin ignored",
            "You compare with 0. The claim is to be ahead by more than the margin: compare with that.",
            imitates(lambda low, high, margin: verdict(low, high, 0.0), _cases),
        ),
        Mistake(
            "one end is enough",
            "You support a claim that only the upper end supports. The lower end has to be beyond the margin, too.",
            imitates(lambda low, high, margin: 1 if high > margin else -1, _cases),
        ),
        Mistake(
            "the sign turned",
            "You say 1 where the old loss is ahead. The difference is new minus old, and positive is in its favour.",
            imitates(lambda low, high, margin: -verdict(low, high, margin), _cases),
        ),
    ),
)
