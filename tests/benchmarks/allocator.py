"""Memory once had is kept: else large gradients are now and then given back and fetched anew, at anyone's expense."""

from __future__ import annotations

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # glibc's names for them, from malloc.h
PLENTY = 2**30


def keep_memory() -> bool:
    """Ask the C library not to return freed memory to the system; whether it said yes (glibc does)."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):  # no such function here
        return False
    return bool(mallopt(TRIM_THRESHOLD, PLENTY) and mallopt(MMAP_THRESHOLD, PLENTY))
