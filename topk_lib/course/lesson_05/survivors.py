"""Exercise 5.2: how many members of a cascade can still be among the top k."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..attempt import Attempt
from ..comparing import difference, imitates
from ..grading import Exercise, Mistake, Property


def count_survivors(q: int, k: int) -> int:
    """How many of q members are beaten by fewer than k others, as far as a cascade can tell."""
    survivors = 0
    for j in range(q):
        bits = bin(j).count("1")
        if 2**bits - 1 < k:
            survivors += 1
    return survivors


def _counted(cases: Iterable[tuple[int, int]]) -> Callable[[Attempt], str | None]:
    def test(attempt: Attempt) -> str | None:
        for q, k in cases:
            wanted = count_survivors(q, k)
            if difference(got := attempt.number(q, k), wanted):
                return f"q = {q}, k = {k}: your count is {got:g}, expected {wanted}"
        return None

    return test


BEST = [(q, 1) for q in (1, 2, 6, 100)]
ALL = [(8, 8), (16, 16), (6, 6)]
POWERS = [(8, 2), (16, 3), (16, 4), (64, 5)]
OTHERS = [(6, 2), (11, 3), (100, 5)]
LARGE = [(1000, 5)]


def _cases() -> list[tuple[int, int]]:
    return [*BEST, *ALL, *POWERS, *OTHERS, *LARGE]


def _mistaken(survives: Callable[[int, int], bool], start: int = 0) -> Callable[[int, int], int]:
    return lambda q, k: sum(survives(bin(j).count("1"), k) for j in range(start, q + start))


SURVIVORS = Exercise(
    id="5.2",
    title="Who is left after a cascade?",
    difficulty="easy",
    minutes=8,
    task=(
        "A cascade has run on `q` members, numbered 0 … q-1, with the winner as number 0. Write "
        "`count_survivors(q, k)`: how many of them can still be among the top `k`?"
    ),
    requirements=(
        "Member `j` is beaten by at least $2^b - 1$ others, where $b$ is the number of ones in `j` written in binary.",
        "Whoever is beaten by `k` or more others is out.",
        "`bin(6)` is `'0b110'`.",
    ),
    why="This count is why selection is cheap: after one cascade nearly everybody is out.",
    hints=(
        "Go through the members one by one, and count those that stay.",
        'The number of ones in j is bin(j).count("1").',
        "Rank k is beaten by k - 1 others. So a member stays while 2**bits - 1 is smaller than k.",
    ),
    takeaway="Of 1000 members 56 are left for the top 5: those whose number has at most two ones.",
    reference=count_survivors,
    imports="",
    properties=(
        Property("for k = 1 the winner alone is left", _counted(BEST)),
        Property("for k = q nobody is out", _counted(ALL)),
        Property("2, 4, 8 and more members are counted right", _counted(POWERS)),
        Property("so are numbers of members that are no power of two", _counted(OTHERS)),
        Property("of 1000 members, 56 are left for the top 5", _counted(LARGE)),
    ),
    mistakes=(
        Mistake(
            "ones compared with k",
            "You compare the number of ones itself with k. With b ones a member is beaten by 2**b - 1 others.",
            imitates(_mistaken(lambda bits, k: bits < k), _cases),
        ),
        Mistake(
            "beaten k times and still in",
            "You keep a member that is beaten by k others. Rank k is beaten by only k - 1.",
            imitates(_mistaken(lambda bits, k: 2**bits - 1 <= k), _cases),
        ),
        Mistake(
            "the minus one forgotten",
            "You count a member among those that beat it. Subtract one from 2**bits.",
            imitates(_mistaken(lambda bits, k: 2**bits < k), _cases),
        ),
        Mistake(
            "the losers counted",
            "You return how many are out. Count those that are left.",
            imitates(_mistaken(lambda bits, k: 2**bits - 1 >= k), _cases),
        ),
        Mistake(
            "numbered from 1",
            "Your members are 1 … q. The winner is number 0, which has no ones.",
            imitates(_mistaken(lambda bits, k: 2**bits - 1 < k, start=1), _cases),
        ),
    ),
)
