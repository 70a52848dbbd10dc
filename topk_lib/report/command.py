"""What `python -m topk_lib report` does with its options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from PIL import Image

from ..course.records import REPOSITORY, read_result
from ..training.commands import blaming_input
from ..training.figures import comparison_figure
from ..training.record import write_whole
from .markers import fill
from .registry import TABLES, table_text

README, FIGURE = Path("README.md"), Path("docs", "comparison.png")
FIGURE_OF = {"ce": "synthetic100-ce", "topk": "synthetic100-topk"}


def report(options: argparse.Namespace) -> int:
    """Print tables, or bring README and picture up to date, or say what is not.

    Returns:
        The exit code: 1 if something differs under --check.

    Raises:
        InputError: a record or a file is missing, or a marker has no partner or an unknown name.
    """
    with blaming_input():
        return _report(options)


def _report(options: argparse.Namespace) -> int:
    wanted = list(options.table or ())
    wanted += [name for name, each in TABLES.items() if set(options.lesson or ()) & set(each.lessons)]
    if options.lesson and not wanted:
        raise ValueError(f"--lesson must be one that has tables, got {options.lesson}")
    if wanted:
        _say("\n\n".join(f"{name}\n\n{table_text(name)}" for name in dict.fromkeys(wanted)))
        return 0
    root = options.root or REPOSITORY
    if options.check:
        differences = list(differing(root))
        _say("\n".join(differences) or "README and docs/comparison.png agree with the records")
        return int(bool(differences))
    update(root)
    return 0


def differing(root: Path) -> Iterator[str]:
    """What differs from the records: lines of a diff of README, and a sentence for the picture."""
    text = (root / README).read_text(encoding="utf-8")
    new = fill(text, table_text)
    yield from unified_diff(text.splitlines(), new.splitlines(), str(README), "the records", n=0, lineterm="")
    if _caption_of(root / FIGURE) != _comparison()[1]:
        yield f"{FIGURE.as_posix()} shows other numbers than the records; redraw it with: python -m topk_lib report"


def update(root: Path) -> None:
    """Rewrite README between its markers and redraw the picture; a file that is up to date is not touched."""
    text = (root / README).read_text(encoding="utf-8")
    if (new := fill(text, table_text)) != text:
        write_whole(root / README, lambda file: file.write(new.encode()))
        _say(f"rewritten: {README}")
    figure, caption = _comparison()
    if _caption_of(root / FIGURE) != caption:
        details = {"Description": caption}
        write_whole(root / FIGURE, lambda file: figure.savefig(file, format="png", metadata=details))
        _say(f"redrawn: {FIGURE.as_posix()}")


def _comparison() -> tuple:
    return comparison_figure({loss: read_result(name) for loss, name in FIGURE_OF.items()})


def _caption_of(path: Path) -> str | None:
    """The numbers that a picture of ours shows, as it says them itself."""
    if not path.exists():
        return None
    with Image.open(path) as picture:
        return getattr(picture, "text", {}).get("Description")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
