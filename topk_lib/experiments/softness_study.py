"""Which diagnostic, at the start or after an epoch, predicts how well a softness will do at the end?

    python -m topk_lib.experiments.softness_study --data-dir data --out data/results/softness.json

Under each condition the same network is trained with several distributions and steepnesses of the sorter, and with
cross-entropy, over the same seeds. `topk_lib.diagnose` looks at some training samples before the first step and
after the first epoch. A condition that is in the file already is left as it is: delete it to run it anew.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..diagnosis import diagnose
from .config import Config
from .data import Data, load
from .data.writing import check_writable, write_whole
from .running import arguments
from .training.loop import fit
from .training.machine import describe_machine, describe_versions

CONDITIONS: dict[str, dict[str, Any]] = {
    "linear head, blobs": {"dataset": "blobs", "model": "linear", "lr": 0.03, "epochs": 10},
    "small MLP, blobs": {"dataset": "blobs", "model": "small_mlp", "lr": 0.01, "epochs": 10},
    "small CNN, CIFAR-10": {"dataset": "cifar10", "train_size": 2000, "test_size": 2000, "epochs": 10},
    "small CNN, CIFAR-100": {"dataset": "cifar100", "train_size": 4000, "test_size": 2000, "epochs": 10},
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


def main(argv: Sequence[str] | None = None) -> int:
    """Run the conditions that the file lacks, writing after each."""
    parser = argparse.ArgumentParser(prog="python -m topk_lib.experiments.softness_study", description=__doc__)
    parser.add_argument("--out", required=True, metavar="FILE")
    parser.add_argument("--data-dir", default="data", metavar="DIR", help="where CIFAR's files lie (default: data)")
    parser.add_argument("--only", nargs="+", choices=list(CONDITIONS), metavar="CONDITION", help="leave out the others")
    options = parser.parse_args(argv)
    path = Path(options.out)
    check_writable(path)
    record = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"conditions": {}}
    for name in options.only or CONDITIONS:
        if name not in record["conditions"]:
            record["conditions"][name] = _condition(CONDITIONS[name], options.data_dir)
            record |= {
                "command": shlex.join(["python", "-m", "topk_lib.experiments.softness_study", *(argv or sys.argv[1:])]),
                "versions": describe_versions(),
                "machine": describe_machine(torch.device("cpu"), "float32"),
            }
            text = json.dumps(record, indent=1).encode()
            write_whole(path, lambda file, text=text: file.write(text))
    return 0


def _condition(settings: dict[str, Any], data_dir: str) -> dict[str, Any]:
    """Every loss and seed under one condition."""
    config = Config(**settings, precision="float32", device="cpu")
    data, rows = load(**config.for_load(), data_dir=data_dir), []
    for loss in losses():
        for seed in SEEDS:
            rows.append({**loss, "seed": seed, **measure(config.replace(**loss, seed=seed), data)})
            print(json.dumps({key: value for key, value in rows[-1].items() if key != "diagnoses"}), flush=True)
    return {"settings": settings, "rows": rows}


if __name__ == "__main__":
    sys.exit(main())
