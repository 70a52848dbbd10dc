"""What torch.compile makes of the loss on this machine, and how many steps it takes to earn back its own time."""

from __future__ import annotations

import time

import torch
import torch._inductor.config

from topk_lib import backend

from .cases import Case
from .steps import Contestant
from .timing import interleaved, median

CASES = (Case("splitter_selection", 128, 100), Case("bitonic", 128, 100))


def compiling(rounds: int, budget: float, cases: tuple[Case, ...] = CASES) -> list[dict[str, object]]:
    """A row per case: "compile_seconds" of the first step, "seconds" of a later one compiled and plain.

    "break_even" is the number of steps after which the first one is earned back, None if it never is. A row of a case
    that cannot be compiled, without a C++ compiler for example, has the "reason" instead.
    """
    return [case.describe() | _measured(case, rounds, budget) for case in cases]


def _measured(case: Case, rounds: int, budget: float) -> dict[str, object]:
    torch._dynamo.reset()
    logits, labels = case.sample()
    compiled = Contestant(torch.compile(case.loss(), fullgraph=True)).step(logits, labels)
    plain = Contestant(case.loss(), lambda: backend("plain")).step(logits, labels)
    began = time.perf_counter()
    try:
        with torch._inductor.config.patch(force_disable_caches=True):  # what an earlier run left would flatter
            compiled()
    except Exception as error:  # whatever the compiler of this machine has to say
        return {"reason": str(error).strip().splitlines()[0][:200]}
    first = time.perf_counter() - began
    turns = interleaved({"torch.compile": compiled, "plain": plain}, rounds, budget)
    seconds = {name: median(turns, name) for name in turns}
    saved = seconds["plain"] - seconds["torch.compile"]
    return {"compile_seconds": first, "seconds": seconds, "break_even": round(first / saved) if saved > 0 else None}
