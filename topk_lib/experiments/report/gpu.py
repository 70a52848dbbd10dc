"""What the benchmarks measured on a GPU, as lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GRAPH = "compiled, CUDA graph"


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
