"""Exercise 8.2: two losses over a handful of seeds."""

from __future__ import annotations

import math
import statistics

from ...experiments.statistics import t_quantile
from .. import naive
from ..attempt import Attempt
from ..checks import Checks, agrees, difference, each

THREE = ([0.812, 0.805, 0.818], [0.806, 0.801, 0.809])
FIVE = ([0.751, 0.744, 0.760, 0.739, 0.748], [0.746, 0.747, 0.752, 0.733, 0.746])
SEVEN = ([0.61, 0.60, 0.63, 0.58, 0.62, 0.61, 0.60], [0.60, 0.62, 0.61, 0.59, 0.60, 0.62, 0.58])


def _name(a: list[float], b: list[float]) -> str:
    return f"{len(a)} seeds"


def _three_numbers(attempt: Attempt, a: list[float], b: list[float]) -> list[float]:
    return attempt.tensor(a, b, shape=(3,)).tolist()


def _centred(attempt: Attempt, *case: list[float]) -> str | None:
    mean, low, high = _three_numbers(attempt, *case)
    fine = low <= mean <= high and not difference((low + high) / 2, mean)
    return None if fine else f"mean {mean:.3f}, low {low:.3f}, high {high:.3f}"


def _mean_of_differences(attempt: Attempt) -> str | None:
    a, b = CASES[0]
    found = difference(_three_numbers(attempt, a, b)[0], statistics.fmean(a) - statistics.fmean(b))
    return found and f"{_name(a, b)}, mean: {found}"


def _sign_turns(attempt: Attempt) -> str | None:
    a, b = CASES[1]
    mean, low, high = _three_numbers(attempt, a, b)
    turned = _three_numbers(attempt, b, a)
    agree = all(difference(x, -y) is None for x, y in zip(turned, (mean, high, low), strict=True))
    return None if agree else f"a and b give {mean:.3f}; exchanged they give {turned[0]:.3f}"


def _shared_luck_cancels(attempt: Attempt) -> str | None:
    case = CASES[0]
    lucky = ([x + luck for x, luck in zip(runs, (-3.0, 0.0, 3.0), strict=True)] for runs in case)
    before, after = (high - low for _, low, high in (_three_numbers(attempt, *runs) for runs in (case, lucky)))
    return f"the interval's width goes from {before:.3f} to {after:.3f}" if difference(after, before) else None


def _interval(
    a: list[float], b: list[float], t: float | None = None, error: float | None = None, deviation=statistics.stdev
) -> tuple[float, float, float]:
    """The right answer, or one with another t, standard error or standard deviation."""
    mean = statistics.fmean(a) - statistics.fmean(b)
    half_width = (t or t_quantile(len(a) - 1)) * (error or _error(a, b, deviation))
    return mean, mean - half_width, mean + half_width


def _error(a: list[float], b: list[float], deviation=statistics.stdev) -> float:
    return deviation([x - y for x, y in zip(a, b, strict=True)]) / math.sqrt(len(a))


def _unpaired_error(a: list[float], b: list[float]) -> float:
    return math.sqrt((statistics.variance(a) + statistics.variance(b)) / len(a))


# in percent, so that a difference of a hundredth of a point is far above the tolerance
CASES = [tuple([100 * x for x in runs] for runs in pair) for pair in (THREE, FIVE, SEVEN)]

CHECKS = Checks(
    reference=naive.paired_difference,
    cases=CASES,
    imports="import math\n\nimport torch\n\nfrom topk_lib.course import t_quantile",
    properties={
        "three numbers, the mean in the middle of the interval": each(CASES, _name, _centred),
        "the mean is that of a - b": _mean_of_differences,
        "exchanging a and b turns every sign": _sign_turns,
        "luck that a seed brings to both losses does not widen the interval": _shared_luck_cancels,
        "intervals of 3, 5 and 7 seeds are right": agrees(naive.paired_difference, CASES, _name),
    },
    mistakes={
        "the normal quantile": lambda a, b: _interval(a, b, t=1.96),
        "runs not paired": lambda a, b: _interval(a, b, error=_unpaired_error(a, b)),
        "the root of N forgotten": lambda a, b: _interval(a, b, error=_error(a, b) * math.sqrt(len(a))),
        "the deviation divided by N": lambda a, b: _interval(a, b, deviation=statistics.pstdev),
        "degrees of freedom": lambda a, b: _interval(a, b, t=t_quantile(len(a))),
        "the sign turned": lambda a, b: naive.paired_difference(b, a),
    },
)
