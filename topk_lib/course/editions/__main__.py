"""The command line: ``python -m topk_lib.course.editions {student,instructor,slides,html} [--out DIR] [LESSON …]``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from .build import EDITIONS, build
from .lesson import lessons

PROGRAM = "python -m topk_lib.course.editions"
ABOUT = """\
Make an edition of the lessons: student (stubs, nothing computed), instructor (exercises worked, lecturer's notes),
slides (a deck per lesson, speaker notes on key n) or html (pages that need neither a kernel nor a network).
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes one edition.

    Args:
        arguments: as typed after the program's name; those of this process if None.

    Returns:
        The exit code: 0, or 2 where a lesson is asked for that does not exist, or a file cannot be written.
    """
    parser = argparse.ArgumentParser(prog=PROGRAM, description=ABOUT)
    parser.add_argument("edition", choices=EDITIONS)
    parser.add_argument("lessons", nargs="*", metavar="LESSON", help="numbers or names of lessons (default: all)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to put the files (default: build/EDITION)")
    options = parser.parse_intermixed_args(arguments)
    out = options.out or Path("build") / options.edition
    try:
        chosen = lessons(options.lessons)
    except ValueError as error:
        return _refuse(error)
    try:
        made = build(options.edition, chosen, out)
    except OSError as error:
        return _refuse(error)
    print(f"{len(made)} files in {out}, from {made[0].name} to {made[-1].name}")
    return 0


def _refuse(error: Exception) -> int:
    print(f"{PROGRAM}: {error}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
