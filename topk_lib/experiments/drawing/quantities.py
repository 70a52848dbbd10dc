"""Measured quantities in words: times, bytes, ratios, exponents."""

from __future__ import annotations


def accuracy_name(k: str) -> str:
    """ "top5" as "top-5"."""
    return k.replace("top", "top-")


def duration(seconds: float) -> str:
    """0.0042 as "4.2 ms"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size * 0.9995:
            return f"{three_digits(seconds / size)} {unit}"
    return f"{three_digits(seconds / 1e-6)} µs"


def amount(number: float) -> str:
    """2983 bytes as "2.98 kB"."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= size * 0.9995:
            return f"{three_digits(number / size)} {unit}"
    return f"{number:.0f} B"


def times(ratio: float) -> str:
    """37.6 as "×38", 2.94 as "×2.9", 1.02 as "×1.02", 0.0069 as "×0.0069"."""
    decimals = 0 if ratio >= 9.95 else 1 if ratio >= 1.995 else 2
    return f"×{ratio:.{decimals}f}" if ratio >= 0.995 else f"×{ratio:.2g}"


def three_digits(number: float) -> str:
    """Rounded to about three digits, without an exponent."""
    decimals = 2 if number < 9.995 else 1 if number < 99.95 else 0
    return f"{number:.{decimals}f}"
