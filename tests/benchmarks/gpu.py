"""The benchmarks on a GPU: python -m tests.benchmarks.gpu --out data/results/bench-gpu.json

What a step costs there is mostly the number of kernels, which Python starts one by one. So besides time the record has
kernels as the profiler counts them, and the ways that start fewer: machine code, torch.compile, a CUDA graph. Every way
is compared with the CPU's float64 first, and no step may make the processor wait for the GPU.
"""

from __future__ import annotations

import argparse
import gc
import json
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.profiler import ProfilerActivity, profile

from topk_lib import backend
from topk_lib.experiments.data.writing import check_writable, write_whole
from topk_lib.experiments.report.gpu import GRAPH
from topk_lib.experiments.training.machine import describe_commit, describe_machine, describe_versions, pick_device

from .cases import CASES, DISTRIBUTION, NETWORKS, P_K, SEED, STEEPNESS, Case
from .contestants import DENSE, FLOOR
from .growth import batch_of
from .peers import DENSE_METHODS, DIFFTOPK_METHODS, difftopk_loss, installed, quiet
from .steps import Contestant
from .timing import interleaved, median, ratio
from .training import training

PROGRAM = "python -m tests.benchmarks.gpu"
PLAIN, COMPILED, TRANSLATED = "plain", "compiled", "torch.compile"
TRANSLATED_CASES = (Case("splitter_selection", 128, 100),)
GROWTH_CASES = tuple(
    Case(sorter, batch_of(n), n)
    for sorter, most in (("bitonic", 10**5), ("splitter_selection", 10**6))
    for n in (10**3, 10**4, 10**5, 10**6)
    if n <= most
)
TRAINING = {"device": "cuda", "model": "resnet18", "recipe": "paper"}
PARTS = ("rows", "growth", "training", "translated")
Step = Callable[[], object]
Data = tuple[Tensor, Tensor]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the record after each part of it."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        device = pick_device(options.device)
        check_writable(options.out)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    found = installed()
    record = {
        "command": f"{PROGRAM} {shlex.join(arguments)}",
        "settings": {"p_k": list(P_K), "steepness": STEEPNESS, "distribution": DISTRIBUTION, "seed": SEED},
        "versions": describe_versions() | {name: found[name] for name in ("difftopk",) if name in found},
        "machine": describe_machine(device, "float32"),
        "commit": describe_commit(),
    }
    cases = [case for case in CASES if case.batch * case.classes <= options.largest]
    grown = [case for case in GROWTH_CASES if case.classes <= options.largest]
    parts = {
        "rows": lambda: [measured(case, device, "difftopk" in found, options.seconds) for case in cases],
        "growth": lambda: [measured(case, device, False, options.seconds, False) for case in grown],
        "training": lambda: _training(device, options.seconds),
        "translated": lambda: [translated(case, device, options.seconds) for case in TRANSLATED_CASES],
    }
    for name, measure in parts.items():
        if name not in options.without:
            record[name] = measure()
            write_whole(options.out, lambda file: file.write(f"{json.dumps(record, indent=1)}\n".encode()))


def measured(case: Case, device: torch.device, difftopk: bool, budget: float, check: bool = True) -> dict[str, object]:
    """One case: by way "seconds", "kernels", "peak_bytes" of a step; "left_out" and why.

    With ``check`` also the relative "error" of the gradient, by comparison with the CPU's in float64.
    "ratios" are to "compiled" where there is compiled code, else to "plain": the median of the rounds' ratios.
    """
    data = _on(device, case)
    steps, left_out, errors = {}, {}, {}
    exact = (
        _gradient(Contestant(case.loss(), lambda: backend("plain")), case.sample(), torch.float64) if check else None
    )
    for name, contestant in _contestants(case, difftopk).items():
        try:
            with quiet():
                if check and name != FLOOR:
                    errors[name] = _distance(_gradient(contestant, data), exact)
                steps[name] = contestant.step(*data)
                steps[name]()
        except (RuntimeError, ValueError, AssertionError) as error:  # too little memory, or not made for this
            left_out[name] = str(error).splitlines()[0][:200]
            steps.pop(name, None)
    if device.type == "cuda" and case.sorter in NETWORKS:
        try:
            steps[GRAPH] = captured(Contestant(case.loss(), lambda: backend("compiled")), case, device)
        except RuntimeError as error:
            left_out[GRAPH] = str(error).splitlines()[0][:200]
    with quiet():
        turns = interleaved(steps, 64, budget, lambda: _now(device))
    base = COMPILED if COMPILED in steps else PLAIN
    own = [name for name in (PLAIN, COMPILED, FLOOR) if name in steps]
    row = case.describe() | {
        "seconds": {name: median(turns, name) for name in steps},
        "ratios": {name: ratio(turns, name, base) for name in steps},
        "kernels": {name: kernels(steps[name], device) for name in own},
        "peak_bytes": {name: peak_bytes(steps[name], device) for name in steps if name != GRAPH},
        "error": errors,
        "waits": {name: waits(steps[name], device) for name in own},
        "left_out": left_out,
    }
    print(json.dumps(row), file=sys.stderr, flush=True)
    return row


def translated(case: Case, device: torch.device, budget: float) -> dict[str, object]:
    """The plain loop under torch.compile: "compile_seconds" of the first step; "seconds", "kernels" of a later one."""
    torch._dynamo.reset()
    data = _on(device, case)
    step = Contestant(torch.compile(case.loss(), fullgraph=True)).step(*data)
    began = _now(device)
    step()
    first = _now(device) - began
    turns = interleaved({TRANSLATED: step}, 64, budget, lambda: _now(device))
    row = case.describe() | {"compile_seconds": first, "seconds": median(turns, TRANSLATED)}
    row |= {"kernels": kernels(step, device)}
    print(json.dumps(row), file=sys.stderr, flush=True)
    return row


def captured(contestant: Contestant, case: Case, device: torch.device) -> Step:
    """A step recorded as a CUDA graph; what plays it back."""
    step, side = contestant.step(*_on(device, case)), torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return lambda keeps=step: graph.replay()  # which reads logits and labels where they lie


def kernels(step: Step, device: torch.device) -> int | None:
    """How many kernels a step starts."""
    if device.type != "cuda":
        return None
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as watched:
        step()
        torch.cuda.synchronize()
    return sum(event.device_type == torch.autograd.DeviceType.CUDA for event in watched.events())


def waits(step: Step, device: torch.device) -> bool | None:
    """Whether a step makes the processor wait for the GPU."""
    if device.type != "cuda":
        return None
    torch.cuda.set_sync_debug_mode("error")
    try:
        step()
    except RuntimeError as error:
        if "synchroniz" not in str(error):
            raise
        return True
    finally:
        torch.cuda.set_sync_debug_mode("default")
    return False


def peak_bytes(step: Step, device: torch.device) -> int | None:
    """The most memory that a step adds to what is there before it."""
    if device.type != "cuda":
        return None
    step()
    gc.collect()
    torch.cuda.synchronize()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    step()
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before


def _contestants(case: Case, difftopk: bool) -> dict[str, Contestant]:
    ways = {FLOOR: Contestant(nn.CrossEntropyLoss()), PLAIN: Contestant(case.loss(), lambda: backend("plain"))}
    if case.sorter in NETWORKS:
        ways[COMPILED] = Contestant(case.loss(), lambda: backend("compiled"))
    if difftopk:
        methods = {"difftopk": DIFFTOPK_METHODS[case.sorter][0], DENSE: DENSE_METHODS.get(case.sorter)}
        for name, method in methods.items():
            if method is not None:
                ways[name] = Contestant(_Late(case, method), nullcontext)
    return ways


class _Late:
    """difftopk's loss, built when it is first asked for: that may need more memory than there is."""

    def __init__(self, case: Case, method: str) -> None:
        self.case, self.method, self.loss = case, method, None

    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        if self.loss is None:
            self.loss = difftopk_loss(self.case, self.method, str(logits.device))
        return self.loss(logits, labels)


def _training(device: torch.device, budget: float) -> list[dict[str, object]]:
    settings = TRAINING if device.type == "cuda" else {"device": "cpu"}
    rows = training(64, 4 * budget, settings=settings, clock=lambda: _now(device))
    print(json.dumps(rows), file=sys.stderr, flush=True)
    return rows


def _gradient(contestant: Contestant, data: Data, dtype: torch.dtype = torch.float32) -> Tensor:
    logits, labels = data[0].detach().to(dtype).requires_grad_(), data[1]
    contestant.step(logits, labels)()
    return logits.grad.double().cpu()


def _distance(gradient: Tensor, exact: Tensor) -> float:
    return float((gradient - exact).norm() / exact.norm())


def _on(device: torch.device, case: Case) -> Data:
    logits, labels = case.sample()
    return logits.detach().to(device).requires_grad_(), labels.to(device)


def _now(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description="Time the top-k loss on a GPU.")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the record goes (JSON)")
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1, …; cpu: a try-out, no result")
    parser.add_argument("--seconds", type=float, default=2.0, metavar="S", help="for the rounds of a case")
    parser.add_argument("--largest", type=int, default=2**40, metavar="N", help="leave out cases of more logits")
    parser.add_argument("--without", nargs="+", default=(), choices=PARTS, help="parts that are not measured")
    return parser


if __name__ == "__main__":
    main()
