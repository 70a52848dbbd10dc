"""Who takes part in a case, and who does not and why."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple

from torch import Tensor, nn

from topk_lib.losses.selection import select_m

from .cases import Case
from .peers import DENSE_METHODS, DIFFSORT_KINDS, DIFFTOPK_METHODS, diffsort_loss, difftopk_loss, quiet, soft_rank
from .reach import out_of_reach
from .steps import Compute, Contestant
from .timing import seconds_of
from .variants import variants_of

FLOOR, TORCH_TOPK, SELECT_M = "cross-entropy", "torch.topk", "m-selection"
DENSE = "difftopk, dense"
SOFT_RANKS = ("torchsort", "softtorch")


class Field(NamedTuple):
    """All who are looked at for a case.

    Attributes:
        running: contestants by name.
        left_out: reasons by name.
        tried: seconds of one step by difftopk's method, where there was a choice.
    """

    running: dict[str, Contestant]
    left_out: dict[str, str]
    tried: dict[str, float]


def contestants(case: Case, peers: Collection[str]) -> Field:
    """This library in every variant, the floor, and of the peers those that have this loss and are within reach."""
    own = variants_of(case.sorter)
    running = {name: Contestant(case.loss(), inside) for name, inside in own.items()}
    running[FLOOR] = Contestant(nn.CrossEntropyLoss())
    if case.m is not None:
        running |= _selections(case.m)
    field = Field(running, {}, {})
    if "difftopk" in peers:
        methods = DIFFTOPK_METHODS[case.sorter]
        _enter_fastest(field, case, "difftopk", {name: _difftopk(case, name) for name in methods})
    if "difftopk" in peers and case.sorter in DENSE_METHODS:
        _enter_fastest(field, case, DENSE, {name: _difftopk(case, name) for name in [DENSE_METHODS[case.sorter]]})
    if "diffsort" in peers and case.sorter in DIFFSORT_KINDS:
        _enter_fastest(field, case, "diffsort", {case.sorter: lambda: diffsort_loss(case)})
    if case.sorter == "splitter_selection" and case.m is None:
        for name in set(SOFT_RANKS) & set(peers):
            _enter_fastest(field, case, name, {"soft rank": _soft_rank(name)})
    return field


def _enter_fastest(field: Field, case: Case, name: str, methods: dict[str, Callable[[], Compute]]) -> None:
    """Of the methods that are within reach let the one run that is fastest in one step of the whole batch."""
    reasons, found = {}, {}
    for method, build in methods.items():
        with quiet():
            contestant = Contestant(build(), method=method)
            reasons[method] = out_of_reach(case, contestant)
            if not reasons[method]:
                found[method] = contestant, _second_step(case, contestant)
    if len(methods) > 1:
        field.tried.update({method: seconds for method, (_, seconds) in found.items()})
    if found:
        field.running[name] = min(found.values(), key=lambda pair: pair[1])[0]
    else:
        field.left_out[name] = "; ".join(f"{method}: {reason}" for method, reason in reasons.items())


def _second_step(case: Case, contestant: Contestant) -> float:
    step = contestant.step(*case.sample())
    step()
    return seconds_of(step)


def _selections(m: int) -> dict[str, Contestant]:
    """What choosing m of the classes takes, without the loss."""

    def torch_topk(logits: Tensor, labels: Tensor) -> Tensor:
        return logits.detach().topk(m, dim=1).indices

    def own(logits: Tensor, labels: Tensor) -> Tensor:
        return select_m(logits, labels, m)

    return {TORCH_TOPK: Contestant(torch_topk, backward=False), SELECT_M: Contestant(own, backward=False)}


def _difftopk(case: Case, method: str) -> Callable[[], Compute]:
    return lambda: difftopk_loss(case, method)


def _soft_rank(name: str) -> Callable[[], Compute]:
    return lambda: soft_rank(name)
