"""What the paper claims, in our words, and what stands behind each claim in this kit.

Numbers are not written down here. What was found is read from a record, or computed, when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import findings
from .grid_tables import command as repeats

REPRODUCED, APPROXIMATED, NOT_ATTEMPTED = "reproduced here", "approximated", "not attempted"
TAGS = (REPRODUCED, APPROXIMATED, NOT_ATTEMPTED)
PAPER_COMMAND = (
    "python -m topk_lib train --dataset cifar100 --model resnet18 --recipe paper --loss topk --p-k .5 0 0 0 .5 "
    "--sorter odd_even --distribution logistic_phi --art-lambda .5 --steepness .5 --top1-mode smce --out runs/paper"
)
BASELINE_COMMAND = (
    "python -m topk_lib train --dataset cifar100 --model resnet18 --recipe paper --loss ce --out runs/paper-ce"
)


@dataclass(frozen=True)
class Claim:
    """One claim.

    Attributes:
        id: a word.
        text: the claim, in our words.
        where: the part of the paper that makes it, as a topic.
        tag: one of `TAGS`.
        finding: computes one sentence: what is seen here. None where nothing was done.
        records: names of files in data/results that it rests on.
        tests: test files that it rests on.
        command: repeats the evidence, or would make it.
    """

    id: str
    text: str
    where: str
    tag: str
    finding: Callable[[], str] | None
    records: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    command: str = ""

    @property
    def evidence(self) -> str:
        """What the claim rests on, in words."""
        parts = [f"data/results/{name}.json" for name in self.records] + list(self.tests)
        if not parts and self.finding is not None:
            parts = ["computed when this is read"]
        return ", ".join(parts) or "none"


CLAIMS = (
    Claim(
        id="cross-entropy",
        text="Softmax cross-entropy is the special case in which all weight of P_K is on k = 1.",
        where="the definition of the loss",
        tag=REPRODUCED,
        finding=findings.cross_entropy,
        tests=("tests/library/test_loss.py",),
        command="python -m pytest tests/library/test_loss.py",
    ),
    Claim(
        id="selection",
        text="Selecting the best k takes a network of far fewer layers and comparators than sorting all.",
        where="splitter selection networks",
        tag=REPRODUCED,
        finding=findings.selection,
        tests=("tests/library/test_networks.py",),
        command="python -m pytest tests/library/test_networks.py",
    ),
    Claim(
        id="relaxations",
        text="The loss can rest on several relaxations of sorting: networks, NeuralSort, SoftSort and SinkhornSort.",
        where="the overview of differentiable sorting",
        tag=REPRODUCED,
        finding=findings.relaxations,
        tests=("tests/library/test_sorters.py",),
        command="python -m pytest tests/library/test_sorters.py",
    ),
    Claim(
        id="code",
        text="In 240 recorded settings the loss and its gradient are those of the code that the authors released.",
        where="the released code, not the text",
        tag=REPRODUCED,
        finding=None,
        tests=("tests/library/test_oracle.py",),
        command="python -m pytest tests/library/test_oracle.py",
    ),
    Claim(
        id="m",
        text="Only the m largest scores need to enter the loss.",
        where="the part on large numbers of classes",
        tag=APPROXIMATED,
        finding=findings.few_scores,
        records=("when-it-helps",),
        tests=("tests/course/test_lesson_09.py",),
        command="lesson 09, the cells below 'Ten thousand classes'",
    ),
    Claim(
        id="cost",
        text="With a selection network the loss adds little time to training.",
        where="the comparison of run times",
        tag=APPROXIMATED,
        finding=findings.cost,
        records=("cost", "cifar10-ce", "cifar10-topk", "synthetic100-ce", "synthetic100-topk"),
        command="python -m topk_lib.course.lesson_05.measure --out data/results/cost.json",
    ),
    Claim(
        id="scratch",
        text="Trained from scratch with weight on k = 5, a network gains accuracy over cross-entropy.",
        where="the experiments on CIFAR-100",
        tag=APPROXIMATED,
        finding=findings.from_scratch,
        records=(
            "cifar10-ce",
            "cifar10-topk",
            "synthetic100-ce",
            "synthetic100-topk",
            "cifar10-sizes",
            "cifar10-sensitivity",
        ),
        command="python -m topk_lib compare --grid data/grids/cifar10-sizes.toml --jobs 2 --out runs/cifar10-sizes",
    ),
    Claim(
        id="p-k",
        text="P_K decides what improves: weight on k = 5 raises top-5, and some weight on k = 1 keeps top-1.",
        where="the experiments that vary P_K",
        tag=APPROXIMATED,
        finding=findings.varied_p_k,
        records=("when-it-helps",),
        command=repeats("when-it-helps"),
    ),
    Claim(
        id="cifar100",
        text="On CIFAR-100, ResNet-18 from scratch, the loss beats cross-entropy in top-1 and in top-5.",
        where="the table of CIFAR-100",
        tag=NOT_ATTEMPTED,
        finding=None,
        command=PAPER_COMMAND,
    ),
    Claim(
        id="imagenet-1k",
        text="Fine-tuning the head of a strong network on ImageNet-1K with the loss improves top-1 and top-5.",
        where="the experiments on ImageNet-1K",
        tag=NOT_ATTEMPTED,
        finding=None,
        command="python -m topk_lib train --dataset embeddings:FILE --recipe paper --loss topk --out runs/head on the "
        "authors' embeddings, which are not in this kit",
    ),
    Claim(
        id="imagenet-21k",
        text="Fine-tuning a head for the 10 450 classes of ImageNet-21K-P with the loss improves top-1 and top-5.",
        where="the experiments on ImageNet-21K-P",
        tag=NOT_ATTEMPTED,
        finding=None,
        command="the same with the embeddings of ImageNet-21K-P; the recipe then takes m = 50",
    ),
)


@dataclass(frozen=True)
class Quoted:
    """Accuracies in percent, with the digits that somebody else printed.

    Attributes:
        data, method: what was trained, on what.
        top1, top5: None where that number is not verified.
        source: who printed them.
    """

    data: str
    method: str
    top1: str
    top5: str | None
    source: str


_LAPSUM = "quoted in LapSum, ICML 2025"
QUOTED = (
    Quoted("CIFAR-100, ResNet-18", "Top-k SinkhornSort", "61.89", "86.94", _LAPSUM),
    Quoted("CIFAR-100, ResNet-18", "Top-k DiffSortNets", "62.00", "86.73", _LAPSUM),
    Quoted("CIFAR-100, ResNet-18", "LapSum", "64.53", "88.51", "LapSum, same protocol"),
    Quoted("CIFAR-100, ResNet-18", "cross-entropy, good recipe", "75.6", "93.1", "weiaicunzai's table"),
    Quoted("ImageNet-21K-P, ResNeXt-101", "Top-k DiffSortNets", "40.22", "70.88", _LAPSUM),
    Quoted("ImageNet-1K, EfficientNet-L2", "Top-k, fine-tuned head", "88.37", None, "the paper"),
)
SLOTS = {"cross-entropy": "cifar100-paper-ce", "top-k loss": "cifar100-paper"}
"""Records that do not exist yet: the paper's CIFAR-100 protocol, run with this kit."""


def claim(id: str) -> Claim:
    """The claim of that id.

    Raises:
        ValueError: there is none.
    """
    found = {each.id: each for each in CLAIMS}
    if id not in found:
        raise ValueError(f"id must be one of {', '.join(map(repr, found))}, got {id!r}")
    return found[id]
