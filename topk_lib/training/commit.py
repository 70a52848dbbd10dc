"""Which commit of the kit made a record."""

from __future__ import annotations

import subprocess
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@lru_cache(maxsize=1)
def describe_commit() -> str | None:
    """The commit of the checkout that this code runs from, with "+" if files of the library differ from it.

    Returns:
        Forty hexadecimal digits and perhaps "+"; None for an installed copy, or without git.
    """
    if not (ROOT / ".git").exists():
        return None
    commit, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--", "topk_lib")
    return None if commit is None else commit + "+" * bool(changes)


def _git(*arguments: str) -> str | None:
    try:
        command = ["git", "-C", str(ROOT), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None
