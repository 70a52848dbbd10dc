"""Formulas as MathML, which browsers set by themselves: no script, no network."""

from __future__ import annotations

import re
from functools import lru_cache

from latex2mathml.converter import convert

# What browsers know of MathML has no script letters but those of Unicode, and no spaces of negative width.
SCRIPT = re.compile(r'<mi mathvariant="script">([A-Za-z])</mi>')
SCRIPT_EXCEPTIONS = dict(zip("BEFHILMRego", "ℬℰℱℋℐℒℳℛℯℊℴ", strict=True))
# "log b", not "logb": a function's name stands off from a letter, a digit or another name.
NOT_A_BASE = "".join(f"(?<!<{parent}>)" for parent in ("msub", "msup", "msubsup", "munder", "mover", "munderover"))
FUNCTION = re.compile(NOT_A_BASE + r"(<mi>[a-z]{2,}</mi>)(?=<m(?:i|n|sub|sup|subsup|frac|sqrt)>)")
NAMED = re.compile(r"<mo>([A-Za-z]{2,})</mo>")
NEGATIVE_SPACE = re.compile(r'<mspace width="negative\w+" ?/>')


@lru_cache(1024)
def mathml(tex: str, display: bool = False) -> str:
    """The <math> element of a formula.

    Args:
        tex: without dollar signs.
        display: as a line of its own, not within one.

    Raises:
        ValueError: the formula holds something that could not be translated.
    """
    plain = tex.strip().replace("{aligned}", "{align*}")
    made = NEGATIVE_SPACE.sub("", convert(plain, display="block" if display else "inline"))
    made = NAMED.sub(r"<mi>\1</mi>", made)
    made = FUNCTION.sub(r'\1<mspace width="0.167em" />', made)
    if left_over := re.search(r"\\[A-Za-z]+", made):
        raise ValueError(f"no MathML for {left_over[0]} in the formula {tex!r}")
    return SCRIPT.sub(lambda found: f'<mi mathvariant="normal">{_script(found[1])}</mi>', made)


def _script(letter: str) -> str:
    first = "𝒜" if letter.isupper() else "𝒶"
    return SCRIPT_EXCEPTIONS.get(letter) or chr(ord(first) + ord(letter) - ord("A" if letter.isupper() else "a"))
