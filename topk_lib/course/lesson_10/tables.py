"""The tables of lesson 10 as text."""

from __future__ import annotations

from collections.abc import Iterable

from ...experiments.report import claims
from ...experiments.results import has_record, read_result
from ..words import wrapped

EMPTY = "not run"


def claims_table() -> str:
    """Every claim under its tag, with what it rests on."""
    lines = []
    for tag in claims.TAGS:
        chosen = [each for each in claims.CLAIMS if each.tag == tag]
        lines.append(f"{tag.upper()} ({len(chosen)})")
        for each in chosen:
            lines += wrapped(f"{each.id}: {each.text}", "  ")
            lines += wrapped(f"rests on: {each.evidence}", "      ")
    return "\n".join(lines)


def dossier(id: str) -> None:
    """Print all that the kit knows of one claim: where it is made, its tag, what is seen here, and the command.

    Raises:
        ValueError: there is no such claim.
    """
    print("\n".join(_dossier(claims.claim(id))))


def _dossier(found: claims.Claim) -> Iterable[str]:
    yield from wrapped(f"{found.id}: {found.text}")
    yield f"  in the paper: {found.where}"
    yield from _hanging(f"here: {found.tag}; evidence: {found.evidence}")
    if found.finding is not None:
        yield from _hanging(f"seen: {found.finding()}")
    yield from _hanging(f"repeat: {found.command}")


def _hanging(text: str) -> list[str]:
    """Lines of which all but the first stand two columns further in."""
    first, *rest = wrapped(text, "  ")
    return [first, *wrapped(" ".join(line.strip() for line in rest), "    ")]


def quoted_table() -> str:
    """The numbers that others printed, with their sources, and the slots for the paper's protocol in this kit."""
    rows = [(q.data, q.method, q.top1, q.top5 or "–", q.source) for q in claims.QUOTED]
    for method, name in claims.SLOTS.items():
        final = read_result(name)["final"] if has_record(name) else {}
        first, fifth = (f"{100 * final[k]:.2f}" if k in final else EMPTY for k in ("top1", "top5"))
        rows.append(("CIFAR-100, ResNet-18", method, first, fifth, "this kit"))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    head = f"{'':{widths[0]}}  {'':{widths[1]}}  {'top-1':>{widths[2]}}  {'top-5':>{widths[3]}}  printed by"
    lines = (
        f"{data:{widths[0]}}  {method:{widths[1]}}  {first:>{widths[2]}}  {fifth:>{widths[3]}}  {source}"
        for data, method, first, fifth, source in rows
    )
    return "\n".join([head, *lines])
