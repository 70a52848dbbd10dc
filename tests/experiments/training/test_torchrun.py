"""`torchrun -m topk_lib train` with two processes follows the curve of one process."""

import os
import signal
import subprocess
import sys
import time

import pytest

from topk_lib.__main__ import main
from topk_lib.experiments import read_record

from .test_distributed import ONE_THREAD, ROOT

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "topk_lib"]
TEST_IMAGES = 201  # an odd number, so that the shares of the evaluation differ in size
TRAIN = (
    "train --dataset synthetic100 --loss topk --model linear --epochs 3 --lr .01 --batch-size 64 "
    f"--train-size 600 --test-size {TEST_IMAGES} --device cpu --precision float32 --out"
).split()


def torchrun(*arguments):
    """Exit code, stdout, stderr."""
    command, environment = [*TORCHRUN, *map(str, arguments)], os.environ | ONE_THREAD
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The record of one process, that of two, and what two printed."""
    folder = tmp_path_factory.mktemp("runs")
    assert main([*TRAIN, str(folder / "one"), "--quiet"]) == 0
    two = torchrun(*TRAIN, folder / "two")
    assert two.returncode == 0, two.stderr
    return read_record(folder / "one"), read_record(folder / "two"), two.stdout


def test_two_processes_follow_the_curve_of_one(runs):
    one, two, _ = runs
    assert len(one["epochs"]) == 3 and one["epochs"][2]["train_loss"] < 0.8 * one["epochs"][0]["train_loss"]
    for name, tolerance in (("train_loss", 1e-5), ("lr", 0.0), ("images", 0.0)):
        curve = [row[name] for row in one["epochs"]]
        assert [row[name] for row in two["epochs"]] == pytest.approx(curve, rel=tolerance)
    for name, share in one["final"].items():
        assert two["final"][name] * TEST_IMAGES == pytest.approx(share * TEST_IMAGES, abs=2.001)
        # Every image counts once: the share is a whole number of them.
        assert two["final"][name] * TEST_IMAGES == pytest.approx(round(two["final"][name] * TEST_IMAGES), abs=1e-6)


def test_the_record_names_how_many_trained(runs):
    one, two, printed = runs
    assert one["machine"]["processes"] == 1 and two["machine"]["processes"] == 2
    assert "on cpu in 2 processes, float32" in printed


def test_only_one_of_them_speaks(runs):
    *_, printed = runs
    for once in ("Drawing the images", "epoch     loss", "\n    3 ", "Written: "):
        assert printed.count(once) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
def test_ctrl_c_saves_once_and_ends_both(tmp_path):
    command = [*TORCHRUN, *TRAIN, str(tmp_path / "out"), "--epochs", "10000"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | ONE_THREAD, **pipes) as started:
        while not started.stdout.readline().startswith("    2 "):
            assert started.poll() is None, started.stderr.read()
        asked = time.monotonic()
        started.send_signal(signal.SIGINT)
        _, told = started.communicate(timeout=60)
    assert time.monotonic() - asked < 20
    assert (
        told.count("interrupted, and saved. To go on: torchrun --standalone --nproc-per-node 2 -m topk_lib train") == 1
    )
    assert "loop.py" not in told and (tmp_path / "out" / "checkpoint.pt").exists()
