"""The command line of the benchmarks: `make bench`."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from topk_lib.experiments.data.writing import check_writable, write_whole
from topk_lib.experiments.report.bench_tables import RECORD_TABLES
from topk_lib.experiments.report.pictures import BENCH_PICTURES, write_picture

from .allocator import keep_memory
from .peers import PEERS, installed
from .record import QUICK, Plan, make_record

PROGRAM = "python -m tests.benchmarks"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the tables, write the record and its figures."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = _parser()
    options = parser.parse_args(arguments)
    figures = {options.figures / name: draw for name, draw in BENCH_PICTURES.items()} if options.figures else {}
    try:
        check_writable(options.out, *figures)
    except OSError as error:
        parser.error(str(error))
    plan = QUICK if options.quick else Plan()
    plan = replace(plan, rounds=options.rounds or plan.rounds)
    began, found, kept = time.perf_counter(), installed(), keep_memory()
    for name, how in PEERS.items():
        print(f"{name} {found[name]}" if name in found else f"{name} is not installed and left out; {how}")
    record = {"command": f"{PROGRAM} {shlex.join(arguments)}", **make_record(plan, _say), "memory_kept": kept}
    write_whole(options.out, lambda file: file.write(f"{json.dumps(record, indent=1)}\n".encode()))
    for name, make in RECORD_TABLES.items():
        print(f"\n{name}\n\n{make(record)}")
    for path, draw in figures.items():
        write_picture(path, *draw(record))
    print(f"\n{time.perf_counter() - began:.0f} s: {options.out}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Time the top-k loss against its peers and a floor.")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the record goes (JSON)")
    parser.add_argument("--figures", type=Path, metavar="DIR", help="where bench.png and growth.png go; none otherwise")
    parser.add_argument("--rounds", type=int, metavar="N", help="at most so many turns of everyone in a case")
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds: a try-out, no result")
    return parser


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
