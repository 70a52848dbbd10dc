"""Splitter selection, cascade by cascade, in its plainest form."""

from __future__ import annotations


def cascade_ranks(q: int) -> list[int]:
    """By how many each of q members is beaten at least behind a cascade: 2^popcount(j) - 1 for member j."""
    return [2 ** bin(j).count("1") - 1 for j in range(q)]


def cascades(n: int, k: int) -> list[tuple[list[int], list[int]]]:
    """For every cascade of `topk_lib.networks.splitter_selection` its lanes, and all n minimum ranks behind it.

    Written after the part on splitter selection networks of "Differentiable Top-k Classification Learning" (ICML
    2022). Member 0 of a cascade is its highest lane: lane n-1 receives the largest score.
    """
    minimum, rounds = [0] * n, []
    settled, changed = -1, True
    while changed:
        changed = False
        for rank in range(k - 1, settled, -1):
            lanes = [lane for lane in reversed(range(n)) if minimum[lane] == rank]
            if len(lanes) < 2:
                continue
            changed = True
            for lane, beaten in zip(lanes, cascade_ranks(len(lanes)), strict=True):
                minimum[lane] += beaten
            rounds.append((lanes, list(minimum)))
        settled += 1
    return rounds
