"""Exercise 5.2: how many members of a cascade can still be among the top k."""

from __future__ import annotations

from ..checks import Checks, Instead, agrees


def count_survivors(q: int, k: int) -> int:
    """How many of q members are beaten by fewer than k others, as far as a cascade can tell."""
    survivors = 0
    for j in range(q):
        bits = bin(j).count("1")
        if 2**bits - 1 < k:
            survivors += 1
    return survivors


BEST = [(q, 1) for q in (1, 2, 6, 100)]
ALL = [(8, 8), (16, 16), (6, 6)]
POWERS = [(8, 2), (16, 3), (16, 4), (64, 5)]
OTHERS = [(6, 2), (11, 3), (100, 5)]
LARGE = [(1000, 5)]

CHECKS = Checks(
    reference=count_survivors,
    cases=[*BEST, *ALL, *POWERS, *OTHERS, *LARGE],
    case="q = {q}, k = {k}",
    imports="",
    properties={
        "for k = 1 the winner alone is left": agrees(BEST),
        "for k = q nobody is out": agrees(ALL),
        "2, 4, 8 and more members are counted right": agrees(POWERS),
        "so are numbers of members that are no power of two": agrees(OTHERS),
        "of 1000 members, 56 are left for the top 5": agrees(LARGE),
    },
    mistakes={
        "ones compared with k": Instead("2**bits - 1 < k", "bits < k"),
        "beaten k times and still in": Instead("2**bits - 1 < k", "2**bits - 1 <= k"),
        "the minus one forgotten": Instead("2**bits - 1 < k", "2**bits < k"),
        "the losers counted": Instead("2**bits - 1 < k", "2**bits - 1 >= k"),
        "numbered from 1": Instead("range(q)", "range(1, q + 1)"),
    },
)
