"""What the paper claims, and the evidence for each claim in this kit: claims.toml says it, findings.py computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ... import _validate
from ..reading import read_toml
from . import findings

REPRODUCED, APPROXIMATED, NOT_ATTEMPTED = TAGS = ("reproduced here", "approximated", "not attempted")


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        id: a word.
        text: the claim, in our words.
        where: the part of the paper that makes it, as a topic.
        tag: one of `TAGS`.
        finding: computes one sentence: what is seen here. None where nothing was done.
        records: names of files in data/results that it rests on.
        tests: test files that it rests on.
        command: repeats the evidence, or would make it.
    """

    id: str
    text: str
    where: str
    tag: str
    finding: Callable[[], str] | None
    records: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    command: str = ""

    @property
    def evidence(self) -> str:
        """What the claim rests on, in words."""
        parts = [f"data/results/{name}.json" for name in self.records] + list(self.tests)
        if not parts and self.finding is not None:
            parts = ["computed when this is read"]
        return ", ".join(parts) or "none"


@dataclass(frozen=True)
class Quoted:
    """Accuracies in percent, with the digits that somebody else printed.

    Attributes:
        data, method: what was trained, on what.
        top1, top5: None where that number is not verified.
        source: who printed them.
    """

    data: str
    method: str
    top1: str
    source: str
    top5: str | None = None


def claim(id: str) -> Claim:
    """The claim of that id.

    Raises:
        ValueError: there is none.
    """
    found = {each.id: each for each in CLAIMS}
    return found[_validate.choice("id", id, found)]


def _claim(finding: str = "", **said: Any) -> Claim:
    """Of a table in the file."""
    for name, each in said.items():
        said[name] = " ".join(each.split()) if isinstance(each, str) else tuple(each)
    return Claim(**said, finding=getattr(findings, finding) if finding else None)


_FILE = read_toml(Path(__file__).with_name("claims.toml"))
CLAIMS = tuple(_claim(**each) for each in _FILE["claims"])
QUOTED = tuple(Quoted(**each) for each in _FILE["quoted"])
PAPER_COMMAND, BASELINE_COMMAND = claim("cifar100").command, _FILE["baseline_command"]
SLOTS = {"cross-entropy": "cifar100-paper-ce", "top-k loss": "cifar100-paper"}
"""Records that do not exist yet: the paper's CIFAR-100 protocol, run with this kit."""
