"""Which diagnostic, at the start or after an epoch, predicts how well a softness will do at the end?

    python -m topk_lib.experiments.softness_study --data-dir data --out data/results/softness.json

Under each condition the same network is trained with several distributions and steepnesses of the sorter, and with
cross-entropy, over the same seeds. `topk_lib.diagnose` looks at some training samples before the first step and
after the first epoch. A condition that is in the file already is left as it is: delete it to run it anew.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ..diagnosis import diagnose
from .config import Config
from .data import Data, load
from .data.writing import check_writable, write_whole
from .running import arguments
from .training.loop import fit
from .training.machine import describe_machine, describe_versions

PROGRAM = "python -m topk_lib.experiments.softness_study"
CONDITIONS: dict[str, dict[str, Any]] = {
    "linear head, blobs": {"dataset": "blobs", "model": "linear", "lr": 0.03, "epochs": 10},
    "small MLP, blobs": {"dataset": "blobs", "model": "small_mlp", "lr": 0.01, "epochs": 10},
    "small CNN, CIFAR-10": {"dataset": "cifar10", "train_size": 2000, "test_size": 2000, "epochs": 10},
    "small CNN, CIFAR-100": {"dataset": "cifar100", "train_size": 2000, "test_size": 2000, "epochs": 10},
}
DISTRIBUTIONS = ("cauchy", "logistic", "logistic_phi")
STEEPNESSES = (0.125, 0.5, 2.0, 8.0)
SEEDS = (0, 1, 2)
LOOKED_AT = 2000
"""Training samples that are diagnosed."""
NETWORK = {"loss": "topk", "p_k": [0.2] * 5, "sorter": "splitter_selection", "top1_mode": "sm"}


def losses() -> Iterator[dict[str, Any]]:
    """Settings of every loss that is tried; cross-entropy is the first."""
    yield {"loss": "ce"}
    for distribution in DISTRIBUTIONS:
        art = {"art_lambda": 0.5} if distribution == "logistic_phi" else {}
        for steepness in STEEPNESSES:
            yield {**NETWORK, "distribution": distribution, "steepness": steepness, **art}


def measure(config: Config, data: Data) -> dict[str, Any]:
    """Train once: the final accuracies, and the diagnoses at the start and after the first epoch."""
    prepared, found = arguments(config, data), {}
    model, loss = prepared["model"], prepared["loss_fn"]

    def look(when: str) -> None:
        found[when] = asdict(diagnose(*_logits(model, data), loss))

    look("start")
    fitted = fit(**prepared, watch=False, on_epoch=lambda row: look("epoch") if row["epoch"] == 1 else None)
    final = {name: fitted.record["final"][name] for name in ("top1", "top5")}
    return {**final, "train_loss": fitted.record["epochs"][-1]["train_loss"], "diagnoses": found}


@torch.no_grad()
def _logits(model: nn.Module, data: Data) -> tuple[Tensor, Tensor]:
    """Of the first training samples, as they are, on the device of the network."""
    device, training = next(model.parameters()).device, model.training
    samples, labels = data.train.rows(slice(0, LOOKED_AT))
    logits = model.eval()(samples.to(device)).float()
    model.train(training)
    return logits, labels.to(device)


class Outcome(NamedTuple):
    """One setting under one condition, means over the seeds.

    Attributes:
        distribution, steepness: of the sorter.
        top1, top5: points that the accuracy is above cross-entropy's, of the same seeds.
        mass: the part of the first five rows of P that lies on the true top five, after the first epoch.
        pull: the part of the labels' gradients that goes to labels of rank 1, after the first epoch.
        alpha: the certainty at the typical gap, before the first step.
    """

    distribution: str
    steepness: float
    top1: float
    top5: float
    mass: float
    pull: float
    alpha: float


def outcomes(record: Mapping[str, Any]) -> dict[str, list[Outcome]]:
    """What each condition of a record came to, setting by setting."""
    found: dict[str, dict[Any, list[Mapping[str, Any]]]] = {}
    for row in record["rows"]:
        settings = found.setdefault(row["condition"], {})
        settings.setdefault((row.get("distribution"), row.get("steepness")), []).append(row)
    usual = {name: settings.pop((None, None)) for name, settings in found.items()}
    return {
        name: [Outcome(*setting, **_means(rows, usual[name])) for setting, rows in settings.items()]
        for name, settings in found.items()
    }


def _means(rows: list[Mapping[str, Any]], usual: list[Mapping[str, Any]]) -> dict[str, float]:
    pairs = list(zip(rows, usual, strict=True))
    seen = [row["diagnoses"] for row in rows]
    return {
        "top1": 100 * fmean(ours["top1"] - theirs["top1"] for ours, theirs in pairs),
        "top5": 100 * fmean(ours["top5"] - theirs["top5"] for ours, theirs in pairs),
        "mass": fmean(each["epoch"]["top_mass"] for each in seen),
        "pull": fmean(each["epoch"]["pull"][0] for each in seen),
        "alpha": fmean(each["start"]["alpha"] for each in seen),
    }


def rank_correlation(a: Sequence[float], b: Sequence[float]) -> float:
    """Spearman's: 1 where the same things are large in both, -1 where they are small."""
    ranks = [torch.tensor(values).argsort().argsort().double() for values in (a, b)]
    return torch.corrcoef(torch.stack(ranks))[0, 1].item()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the conditions that the file lacks, writing after each."""
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__)
    parser.add_argument("--out", required=True, metavar="FILE")
    parser.add_argument("--data-dir", default="data", metavar="DIR", help="where CIFAR's files lie (default: data)")
    parser.add_argument("--only", nargs="+", choices=list(CONDITIONS), metavar="CONDITION", help="leave out the others")
    options = parser.parse_args(argv)
    path = Path(options.out)
    check_writable(path)
    rows = json.loads(path.read_text(encoding="utf-8"))["rows"] if path.exists() else []
    for name in options.only or CONDITIONS:
        if name not in {row["condition"] for row in rows}:
            rows += _condition(name, options.data_dir)
            record = {
                "command": f"{PROGRAM} --out data/results/softness.json",
                "versions": describe_versions(),
                "machine": describe_machine(torch.device("cpu"), "float32"),
                "settings": CONDITIONS,
                "rows": rows,
            }
            text = json.dumps(record, indent=1).encode()
            write_whole(path, lambda file, text=text: file.write(text))
    return 0


def _condition(name: str, data_dir: str) -> list[dict[str, Any]]:
    """Every loss and seed under one condition."""
    config = Config(**CONDITIONS[name], precision="float32", device="cpu")
    data, rows = load(**config.for_load(), data_dir=data_dir), []
    for loss in losses():
        for seed in SEEDS:
            rows.append({"condition": name, **loss, "seed": seed, **measure(config.replace(**loss, seed=seed), data)})
            print(json.dumps({key: value for key, value in rows[-1].items() if key != "diagnoses"}), flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
