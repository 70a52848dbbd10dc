"""Exercise 5.2: how many members of a cascade can still be among the top k."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..attempt import Attempt
from ..checks import Checks, Test, difference, each


def count_survivors(q: int, k: int) -> int:
    """How many of q members are beaten by fewer than k others, as far as a cascade can tell."""
    survivors = 0
    for j in range(q):
        bits = bin(j).count("1")
        if 2**bits - 1 < k:
            survivors += 1
    return survivors


def _counted(cases: Iterable[tuple[int, int]]) -> Test:
    def count(attempt: Attempt, *case: int) -> str | None:
        got, wanted = attempt.number(*case), count_survivors(*case)
        return f"your count is {got:g}, expected {wanted}" if difference(got, wanted) else None

    return each(cases, lambda q, k: f"q = {q}, k = {k}", count)


BEST = [(q, 1) for q in (1, 2, 6, 100)]
ALL = [(8, 8), (16, 16), (6, 6)]
POWERS = [(8, 2), (16, 3), (16, 4), (64, 5)]
OTHERS = [(6, 2), (11, 3), (100, 5)]
LARGE = [(1000, 5)]


def _mistaken(survives: Callable[[int, int], bool], start: int = 0) -> Callable[[int, int], int]:
    return lambda q, k: sum(survives(bin(j).count("1"), k) for j in range(start, q + start))


CHECKS = Checks(
    reference=count_survivors,
    cases=[*BEST, *ALL, *POWERS, *OTHERS, *LARGE],
    imports="",
    properties={
        "for k = 1 the winner alone is left": _counted(BEST),
        "for k = q nobody is out": _counted(ALL),
        "2, 4, 8 and more members are counted right": _counted(POWERS),
        "so are numbers of members that are no power of two": _counted(OTHERS),
        "of 1000 members, 56 are left for the top 5": _counted(LARGE),
    },
    mistakes={
        "ones compared with k": _mistaken(lambda bits, k: bits < k),
        "beaten k times and still in": _mistaken(lambda bits, k: 2**bits - 1 <= k),
        "the minus one forgotten": _mistaken(lambda bits, k: 2**bits < k),
        "the losers counted": _mistaken(lambda bits, k: 2**bits - 1 >= k),
        "numbered from 1": _mistaken(lambda bits, k: 2**bits - 1 < k, start=1),
    },
)
