"""From records to the tables and pictures of README, docs and lessons, so that no number is typed by hand.

A new table is one function and one line in `topk_lib.experiments.report.registry`; a new page is one line in `command`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

DESCRIPTION = """\
Bring the tables of README.md, docs/benchmarks.md and docs/evidence.md and the pictures in docs up to date with the
records in data/results, or print the tables that belong to a lesson. A table stands between the markers
<!-- report: NAME --> and <!-- /report -->.
"""


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """All options of the command."""
    parser.add_argument("--check", action="store_true", help="change nothing; say what differs, and exit with 1 then")
    parser.add_argument("--lesson", nargs="+", type=int, metavar="N", help="print the tables of these lessons instead")
    parser.add_argument("--table", nargs="+", metavar="NAME", help="print these tables instead; a wrong name lists all")
    parser.add_argument("--root", type=Path, metavar="DIR", help="folder of README.md and docs (default: the project)")
