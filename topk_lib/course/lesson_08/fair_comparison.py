"""Exercise 8.2: two losses over a handful of seeds."""

from __future__ import annotations

from statistics import fmean

from .. import naive
from ..checks import Checks, Instead, agrees, difference, each, holds

# in percent, so that a difference of a hundredth of a point is far above the tolerance
CASES = [
    ([81.2, 80.5, 81.8], [80.6, 80.1, 80.9]),
    ([75.1, 74.4, 76.0, 73.9, 74.8], [74.6, 74.7, 75.2, 73.3, 74.6]),
    ([61.0, 60.0, 63.0, 58.0, 62.0, 61.0, 60.0], [60.0, 62.0, 61.0, 59.0, 60.0, 62.0, 58.0]),
]
THREE, FIVE, _ = CASES
LUCKY = tuple([x + luck for x, luck in zip(runs, (-3.0, 0.0, 3.0), strict=True)] for runs in THREE)

CHECKS = Checks(
    reference=naive.paired_difference,
    cases=CASES,
    case="a = {a}",
    imports="import math\n\nimport torch\n\nfrom topk_lib.course import t_quantile",
    properties={
        "three numbers, the mean in the middle of the interval": each(
            CASES,
            lambda found, *_: found[1] <= found[0] <= found[2] and not difference(found[1:].mean(), found[0]),
            "mean {answer[0]:.3f}, low {answer[1]:.3f}, high {answer[2]:.3f}",
        ),
        "the mean is that of a - b": agrees(
            [THREE], lambda a, b: fmean(a) - fmean(b), of=lambda found: found[0], what="the mean"
        ),
        "exchanging a and b turns every sign": holds(
            lambda there, back: not difference(back, -there[[0, 2, 1]]),
            "a and b give {0[0]:.3f}; exchanged they give {1[0]:.3f}",
            FIVE,
            FIVE[::-1],
        ),
        "luck that a seed brings to both losses does not widen the interval": holds(
            lambda before, after: not difference(after, before),
            "the interval's width goes from {:.3f} to {:.3f}",
            THREE,
            LUCKY,
            of=lambda found: found[2] - found[1],
        ),
        "intervals of 3, 5 and 7 seeds are right": agrees(CASES),
    },
    mistakes={
        "the normal quantile": Instead("t_quantile(len(a) - 1)", "1.96"),
        "runs not paired": Instead(
            "differences.std().item()", "torch.tensor([a, b], dtype=torch.double).var(dim=1).sum().sqrt().item()"
        ),
        "the root of N forgotten": Instead(" / math.sqrt(len(a))", ""),
        "the deviation divided by N": Instead("std()", "std(correction=0)"),
        "degrees of freedom": Instead("t_quantile(len(a) - 1)", "t_quantile(len(a))"),
        "the sign turned": lambda a, b: naive.paired_difference(b, a),
    },
)
