"""What is seen here of each claim: sentences computed from the library, or read from a record, when asked for."""

from __future__ import annotations

from collections import Counter
from itertools import product

import torch
import torch.nn.functional as F

from ...losses import TopKCrossEntropyLoss, topk_cross_entropy
from ...networks import top_k_network
from ...sorters import SORTERS, make_sorter
from ..data import draw_embeddings
from ..example import LABEL, scores
from ..grids.grid_results import GridResults
from ..kept import what_m_keeps
from ..results import has_record, read_result
from ..statistics import standard_error

SWEEP, SIZES, SETTINGS = "when-it-helps", "cifar10-sizes", "cifar10-sensitivity"


def cross_entropy() -> str:
    """P_K = [1] against torch's own loss on random scores."""
    generator = torch.Generator().manual_seed(10)
    logits, target = torch.randn(64, 100, generator=generator), torch.randint(100, (64,), generator=generator)
    gap = (topk_cross_entropy(logits, target, p_k=[1.0]) - F.cross_entropy(logits, target)).abs().item()
    return f"On 64 random samples of 100 classes the two differ by {gap:.6f}."


def selection() -> str:
    """Sizes of the networks for the best 5 of 1000."""
    kinds = (("splitter_selection", "selecting the best 5"), ("bitonic", "sorting all"))
    found = [(words, top_k_network(kind, 1000, 5 if kind != "bitonic" else 1000)) for kind, words in kinds]
    parts = (f"{words} takes {network.depth} layers and {network.size:,} comparators" for words, network in found)
    return f"Of 1,000 scores, {', '.join(parts)}."


def relaxations() -> str:
    """The label's loss by every sorter, and that its gradient has the right sign."""
    s, parts = scores(torch.double), []
    for kind in SORTERS:
        leaf = s.clone().requires_grad_()
        loss = topk_cross_entropy(leaf, torch.tensor(LABEL), sorter=make_sorter(kind))
        (gradient,) = torch.autograd.grad(loss, leaf)
        parts.append(f"{kind} {loss.item():.2f} ({'up' if gradient[LABEL] < 0 else 'down'})")
    return f"Loss of the six scores, and where it moves the label's: {', '.join(parts)}."


def few_scores() -> str:
    """The share of the push on wrong classes that 16 and 50 of 10 000 classes hold, and what m did in lesson 07."""
    drawn = draw_embeddings(10_000, test_size=32)
    late, labels = drawn.best_scores(drawn.data.test.features), drawn.data.test.labels
    found = {}
    for name, s in (("sure", late), ("unsure", 0.1 * late)):
        rows = what_m_keeps(s, labels, lambda m: TopKCrossEntropyLoss(m=m), (16, 50))
        found[name] = ", ".join(f"{row.share:.0%} with m = {row.m}" for row in rows)
    pushed = f"Of the push on 9,999 wrong classes a sure head keeps {found['sure']}; an unsure one {found['unsure']}."
    return f"{pushed} {accuracy_with_m()}"


def accuracy_with_m() -> str:
    """From the record of lesson 07: top-5 of runs with m = 16 less that of the same runs with all classes."""
    if not has_record(SWEEP):
        return missing(SWEEP)
    results, parts = GridResults(read_result(SWEEP)), []
    for loss in ("even", results.baseline):
        varied = [name for name in results.conditions if f"{loss}, m = 16" in results.losses_in(name)]
        few, all_classes = (
            [results.gain(name, each, "top5").mean for name in varied] for each in (f"{loss}, m = 16", loss)
        )
        gaps = [a - b for a, b in zip(few, all_classes, strict=True)]
        parts.append(f"{loss} {min(gaps):+.1f} to {max(gaps):+.1f} in {len(gaps)} conditions")
    return f"Mean top-5 with m = 16 less that with all 100 classes, in points: {'; '.join(parts)}."


def cost() -> str:
    """From the record of lesson 05, seconds by network, with the payload; from the recorded runs, of training."""
    if not has_record("cost"):
        return missing("cost")
    rows = {(row["n"], row["network"], row["way"]): row["seconds"] for row in read_result("cost")["rows"]}
    n = max(size for size, _, _ in rows)
    full, few = (rows[n, kind, "payload"] for kind in ("bitonic", "splitter_selection"))
    times = []
    for data in ("cifar10", "synthetic100"):
        plain, topk = (read_result(f"{data}-{loss}")["train_seconds"] for loss in ("ce", "topk"))
        times.append(f"{data} {plain:.0f} s and {topk:.0f} s")
    return (
        f"Training with cross-entropy and with the top-k loss, one run each: {', '.join(times)}. "
        f"At n = {n:,} the selection network takes {few / full:.2f} of the bitonic network's time."
    )


def from_scratch() -> str:
    """Differences of two recorded pairs of runs, with the standard error of test samples of that size; then of five."""
    parts = []
    for data in ("cifar10", "synthetic100"):
        topk, ce = (read_result(f"{data}-{loss}") for loss in ("topk", "ce"))
        gaps = [(k, *difference_in_points(topk, ce, f"top{k}")) for k in (1, 5)]
        parts.append(f"{data} {', '.join(f'top-{k} {gap:+.2f} ± {error:.2f}' for k, gap, error in gaps)}")
    said = f"Top-k loss minus cross-entropy in points, one seed, ± one standard error: {'; '.join(parts)}."
    return f"{said} {paired_on_photographs()}"


def paired_on_photographs() -> str:
    """From the recorded grid on CIFAR-10: the paired gains of every loss, by number of training images."""
    if not has_record(SIZES):
        return missing(SIZES)
    results = GridResults(read_result(SIZES))
    cells = product(results.conditions, results.losses[1:])
    parts = (f"{condition}, {loss}, {_gains(results, condition, loss)}" for condition, loss in cells)
    said = f"Five paired seeds, ± 95 % intervals: {'; '.join(parts)}."
    return f"{said} {softer_on_photographs()}"


def softer_on_photographs() -> str:
    """From the recorded grid of settings: what the softest comparators gain in the smallest condition."""
    if not has_record(SETTINGS):
        return missing(SETTINGS)
    results = GridResults(read_result(SETTINGS))
    (condition,), softest = results.conditions, "steepness 0.25"
    return f"With {softest}, 1 000 images, one learning rate for all: {_gains(results, condition, softest)}."


def _gains(results: GridResults, condition: str, loss: str) -> str:
    return ", ".join(f"top-{k} {results.gain(condition, loss, f'top{k}')}" for k in (1, 5))


def difference_in_points(a: dict, b: dict, k: str) -> tuple[float, float]:
    """Accuracy of record a minus that of b in percentage points, and the standard error of the difference.

    The error is that of two independent test samples, which is on the safe side for two networks on the same images.
    """
    images = a["data"]["test_images"]
    errors = [standard_error(record["final"][k], images) for record in (a, b)]
    return 100 * (a["final"][k] - b["final"][k]), 100 * (errors[0] ** 2 + errors[1] ** 2) ** 0.5


def varied_p_k() -> str:
    """From the record of lesson 07: in how many conditions each P_K gains, loses or leaves it open."""
    counts = verdicts()
    if not counts:
        return missing(SWEEP)
    parts = []
    for loss, by_k in counts.items():
        shown = (f"{k} {c['gain']} gains, {c['loss']} losses, {c['open']} open" for k, c in by_k.items())
        parts.append(f"{loss}, {by_k['top-1'].total()} conditions: {', '.join(shown)}")
    return f"With clean labels, intervals over the seeds. {'; '.join(parts)}."


def verdicts() -> dict[str, dict[str, Counter]]:
    """loss -> {"top-1": how many conditions gain, lose or stay open, "top-5": …} over all classes and clean labels.

    A condition counts where that P_K was tried. Empty where there is no record yet.
    """
    counts: dict[str, dict[str, Counter]] = {}
    if not has_record(SWEEP):
        return counts
    results = GridResults(read_result(SWEEP))
    for condition in (name for name in results.conditions if "noise" not in name):
        for loss in results.losses_in(condition):
            if loss != results.baseline and "," not in loss:
                by_k = counts.setdefault(loss, {"top-1": Counter(), "top-5": Counter()})
                for k in (1, 5):
                    by_k[f"top-{k}"][results.gain(condition, loss, f"top{k}").verdict] += 1
    return counts


def missing(name: str) -> str:
    """What to say of a record that is not there."""
    return f"There is no finished record data/results/{name}.json yet."
