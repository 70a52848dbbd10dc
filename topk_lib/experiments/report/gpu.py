"""What `python -m tests.benchmarks.gpu` measured, as a table and as lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..drawing.quantities import duration, times
from ..results import has_record, read_result
from .bench_tables import CASE, FLOOR, case_name
from .markdown import table

RECORD = "bench-gpu"
COMMAND = "python -m tests.benchmarks.gpu --out data/results/bench-gpu.json --seconds 0.8"
GRAPH = "compiled, CUDA graph"
OWN = ("plain", "compiled", GRAPH)
SHAPE = {
    "machine": {"device_name": str, "processor": str},
    "versions": dict,
    "rows": [CASE | dict.fromkeys(("seconds", "ratios", "kernels", "error", "waits", "left_out"), dict)],
}
PEERS = ("difftopk", "difftopk, dense")


def gpu_speed() -> str:
    """A line per case: time of a step and how many kernels it starts; without a record, the command that makes it."""
    if not has_record(RECORD):
        return table((RECORD,), [(f"not run; `{COMMAND}`",)])
    record = read_result(RECORD, SHAPE)
    head = ("whole loss, forward and backward, on a GPU", *(f"this library, {name}" for name in OWN), *PEERS, FLOOR)
    rows = [
        (case_name(row), *(_own(row, name) for name in OWN), *(other_time(row, name) for name in (*PEERS, FLOOR)))
        for row in record["rows"]
    ]
    return f"{table(head, rows)}\n\n{_how(record)}"


def gpu_times(record: Mapping[str, Any]) -> str:
    """A line per network without m-selection: milliseconds and kernels of a step, plain, compiled and in a graph."""
    lines = [f"{record['machine']['device_name']}: milliseconds of a step of the whole loss, and kernels, batch 128"]
    lines.append(f"{'network':20}classes   {'plain':>15}{'compiled':>15}{'graph':>9}")
    for row in record["rows"]:
        if row["m"] is None and GRAPH in row["seconds"]:
            cells = "".join(
                f"{1000 * row['seconds'][way]:9.2f} {row['kernels'][way]:5,}" for way in ("plain", "compiled")
            )
            lines.append(f"{row['sorter']:20}{row['classes']:7,}   {cells}{1000 * row['seconds'][GRAPH]:9.2f}")
    return "\n".join(lines)


def _own(row: Mapping, name: str) -> str:
    if name not in row["seconds"]:
        return ""
    kernels = f", {row['kernels'][name]:,} kernels" if row["kernels"].get(name) else ""
    return f"{duration(row['seconds'][name])}{kernels}"


def own_time(row: Mapping) -> str:
    """Time of what runs here without being asked for."""
    return duration(row["seconds"]["compiled" if "compiled" in row["seconds"] else "plain"])


def other_time(row: Mapping, name: str) -> str:
    """Time of one who is not this library, and its ratio to what runs here without being asked for."""
    if name not in row["seconds"]:
        return "out of reach" if name in row["left_out"] else ""
    return f"{duration(row['seconds'][name])}, {times(row['ratios'][name])}"


def _how(record: Mapping) -> str:
    machine, versions = record["machine"], record["versions"]
    software = ", ".join(f"{name} {versions[name]}" for name in ("torch", "difftopk") if name in versions)
    errors = [error for row in record["rows"] for name, error in row["error"].items() if name in OWN]
    waits = any(waits for row in record["rows"] for name, waits in row["waits"].items() if name in OWN)
    return (
        f"{machine['device_name']} with {machine['processor']}, {software}, float32, interleaved rounds. × is the "
        "median of the rounds' ratios to this library, compiled, or plain where nothing is compiled. Gradients differ "
        f"from the CPU's in float64 by at most {max(errors):.0e} of their norm; "
        f"{'some steps make' if waits else 'no step makes'} the processor wait for the GPU."
    )
