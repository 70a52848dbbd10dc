"""Time and memory of the label's top-k probability, forward and backward, by three ways and on three networks.

    python -m topk_lib.course.lesson_05.measure --out data/results/cost.json

All is measured in one process with one thread: at every n the ways and networks take turns, round after round, and
the median of the rounds is kept. The clock counts this process's own processor time, since on a shared machine the
time on the wall tells more about the other programs. Even so, trust ratios rather than seconds.
"""

from __future__ import annotations

import argparse
import json
import shlex
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from ...experiments.data.writing import check_writable, write_whole
from ...experiments.training.machine import describe_machine, describe_versions
from ...networks import KINDS, top_k_network
from ...propagate.backends import backend
from .storage import peak_bytes, stored_numbers
from .ways import COMPARATOR, WAYS

PROGRAM = "python -m topk_lib.course.lesson_05.measure"
SIZES = (16, 32, 64, 128, 256, 512, 1024)
K, BATCH, ROUNDS, SEED = 5, 16, 7, 0
MOST_NUMBERS = 2**25
"""A way that would keep more numbers than this (128 MiB) for a batch is left out."""


def loss_step(way: str, kind: str, scores: Tensor, labels: Tensor, k: int) -> Tensor:
    """Forward and backward of -log(probability that the label is among the top k); returns the gradient of scores.

    Args:
        way: a key of `WAYS`.
        kind: a key of `topk_lib.networks.KINDS`.
        scores: shape (B, n).
        labels: shape (B,).
    """
    scores = scores.detach().requires_grad_()
    with backend("plain"):  # compiled code would take part for some ways and sizes, and hide what the way costs
        loss = -WAYS[way].ranks(kind, scores, labels, k).sum(1).log().mean()
        loss.backward()
    return scores.grad


def measure(
    sizes: Sequence[int] = SIZES, k: int = K, batch: int = BATCH, rounds: int = ROUNDS, seed: int = SEED
) -> dict[str, object]:
    """The record: "settings", "versions", "machine" and "rows", one per n, network and way.

    A row holds n, network, way, comparators, layers, seconds (processor time, the median over the rounds),
    stored_numbers (kept for the backward pass) and peak_bytes (the most that lives at once). The two amounts are
    those of the whole batch.
    """
    settings = {"sizes": list(sizes), "k": k, "batch": batch, "rounds": rounds, "seed": seed}
    with one_thread():
        return {
            "settings": {**settings, "most_numbers": MOST_NUMBERS, **COMPARATOR},
            "versions": describe_versions(),
            "machine": describe_machine(torch.device("cpu"), "float32"),
            "rows": [row for n in sizes for row in _rows_of(n, k, batch, rounds, seed)],
        }


@contextmanager
def one_thread() -> Iterator[None]:
    """Inside, torch computes in one thread, so that processor time is the time of the work."""
    usual = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(usual)


def _rows_of(n: int, k: int, batch: int, rounds: int, seed: int) -> list[dict[str, object]]:
    generator = torch.Generator().manual_seed(seed)
    scores, labels = torch.randn(batch, n, generator=generator), torch.randint(n, (batch,), generator=generator)
    steps = {
        (kind, way): partial(loss_step, way, kind, scores, labels, k)
        for kind in KINDS
        for way in WAYS
        if WAYS[way].numbers(n, k, top_k_network(kind, n, k).size) * batch <= MOST_NUMBERS
    }
    amounts = {key: _amounts(*key, scores, labels, k) for key in steps}
    seconds = _interleaved(steps, rounds)
    return [
        {
            "n": n,
            "network": kind,
            "way": way,
            "comparators": top_k_network(kind, n, k).size,
            "layers": top_k_network(kind, n, k).depth,
            "seconds": seconds[kind, way],
            **amounts[kind, way],
        }
        for kind, way in steps
    ]


def _amounts(kind: str, way: str, scores: Tensor, labels: Tensor, k: int) -> dict[str, int]:
    """Also runs the step once, so that no index table is built while the clock runs."""
    leaf = scores.detach().requires_grad_()
    _, stored = stored_numbers(WAYS[way].ranks, kind, leaf, labels, k)
    return {"stored_numbers": stored, "peak_bytes": peak_bytes(loss_step, way, kind, scores, labels, k)}


def _interleaved(steps: dict[tuple[str, str], Callable[[], object]], rounds: int) -> dict[tuple[str, str], float]:
    """Median seconds of every step; the first round is not counted."""
    seconds: dict[tuple[str, str], list[float]] = {key: [] for key in steps}
    for _ in range(rounds + 1):
        for key, step in steps.items():
            began = time.process_time()
            step()
            seconds[key].append(time.process_time() - began)
    return {key: statistics.median(values[1:]) for key, values in seconds.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line; the record that it writes begins with the command itself."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the record goes (JSON)")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="numbers of classes")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="runs of which the median is kept")
    options = parser.parse_args(arguments)
    try:
        check_writable(options.out)
    except OSError as error:
        parser.error(str(error))
    began = time.perf_counter()
    record = {"command": f"{PROGRAM} {shlex.join(arguments)}", **measure(options.sizes, rounds=options.rounds)}
    write_whole(options.out, lambda file: file.write(f"{json.dumps(record, indent=1)}\n".encode()))
    print(f"{len(record['rows'])} rows in {time.perf_counter() - began:.0f} s: {options.out}")


if __name__ == "__main__":
    main()
