"""What `python -m topk_lib report` does with its options."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from ..commands.commands import blaming_input
from ..data.writing import check_writable, write_whole
from ..reading import read_text
from ..results import REPOSITORY
from .markdown import fill
from .pictures import caption_of, pictures, write_picture
from .registry import TABLES, table_text

PAGES = (Path("README.md"), Path("docs/benchmarks.md"), Path("docs/evidence.md"))
"""What has tables between markers."""


@blaming_input()
def report(options: argparse.Namespace) -> int:
    """Print tables, or bring pages and pictures up to date, or say what is not.

    Returns:
        The exit code: 1 if something differs under --check.

    Raises:
        InputError: a record or a file is missing, or a marker has no partner or an unknown name.
    """
    wanted = list(options.table or ())
    wanted += [name for name, each in TABLES.items() if set(options.lesson or ()) & set(each.lessons)]
    if options.lesson and not wanted:
        raise ValueError(f"--lesson must be one that has tables, got {options.lesson}")
    if wanted:
        print("\n\n".join(f"{name}\n\n{table_text(name)}" for name in dict.fromkeys(wanted)))
        return 0
    root = options.root or REPOSITORY
    if options.check:
        differences = list(differing(root))
        print("\n".join(differences) or "pages and pictures agree with the records")
        return int(bool(differences))
    update(root)
    return 0


def differing(root: Path) -> Iterator[str]:
    """What differs from the records: lines of a diff of each page, and a sentence for each picture."""
    for page, old, new in _filled(root):
        yield from unified_diff(old.splitlines(), new.splitlines(), page.as_posix(), "the records", n=0, lineterm="")
    for path, _, caption in pictures():
        if caption_of(root / path) != caption:
            yield f"{path.as_posix()} shows other numbers than the records; redraw it with: python -m topk_lib report"


def update(root: Path) -> None:
    """Rewrite pages between their markers and redraw pictures; a file that is up to date is not touched."""
    rewritten = {page: new for page, old, new in _filled(root) if new != old}
    stale = [shown for shown in pictures() if caption_of(root / shown[0]) != shown[-1]]
    check_writable(*(root / path for path in (*rewritten, *(path for path, *_ in stale))))
    for page, text in rewritten.items():
        write_whole(root / page, lambda file, text=text: file.write(text.encode()))
        print(f"rewritten: {page.as_posix()}")
    for path, figure, caption in stale:
        write_picture(root / path, figure, caption)
        print(f"redrawn: {path.as_posix()}")


def _filled(root: Path) -> Iterator[tuple[Path, str, str]]:
    """Every page, as it is and as the records have it."""
    for page in PAGES:
        text = read_text(root / page)
        yield page, text, fill(text, table_text)
