"""A run that is killed again and again ends as if nobody had touched it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from .killed import KINDS, STEPS

ROOT = Path(__file__).parents[3]
KILLS = 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the lives are forks, which this system does not have")
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_killed_at_twenty_random_moments_ends_like_one_that_was_not(kind, tmp_path):
    seed = int.from_bytes(os.urandom(4), "big")
    print(f"seed of the moments: {seed}")  # shown where the test fails
    command = [sys.executable, "-m", "tests.experiments.training.killed", kind, str(tmp_path), str(seed), str(KILLS)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    lives = json.loads(finished.stdout)
    print(lives)
    assert all(life["killed"] for life in lives)
    resumed = [life["steps"] for life in lives if life["steps"] and life["steps"][0] > 1]
    assert len(resumed) >= 5 and max(map(max, resumed)) < STEPS  # began in the middle, and died before the end
    assert sum(life["writing"] for life in lives) >= KILLS // 4  # a file lay there that was not whole
    assert not list(tmp_path.glob("*.unfinished"))
    whole, killed = (torch.load(tmp_path / f"{name}.pt", weights_only=False) for name in ("whole", "killed"))
    assert without_times(whole["record"]) == without_times(killed["record"])
    for name, weights in whole["weights"].items():
        assert torch.equal(weights, killed["weights"][name]), name


def without_times(record):
    rows = [{name: value for name, value in row.items() if name != "train_seconds"} for row in record["epochs"]]
    return record | {"epochs": rows, "train_seconds": None}
