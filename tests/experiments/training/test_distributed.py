"""Two processes do together what one does alone, and none waits long for one that is lost."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest
import torch
import torch.distributed as dist

from topk_lib.experiments import run
from topk_lib.experiments.training import distributed
from topk_lib.experiments.training.distributed import ALONE, Processes, joined, started

from .tiny import tiny_data
from .two_processes import IMAGES, WITHOUT, network

ROOT = Path(__file__).parents[3]
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def start_two(task, folder):
    """Two processes with the environment that torchrun gives them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(probe.getsockname()[1]), "WORLD_SIZE": "2"}
    command = [sys.executable, "-m", "tests.experiments.training.two_processes", task, str(folder)]
    ranks = [{"RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(2)]
    return [
        subprocess.Popen(command, cwd=ROOT, env=os.environ | ONE_THREAD | place | rank, stderr=subprocess.PIPE)
        for rank in ranks
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("two")


@pytest.fixture(scope="module")
def reports(folder):
    both = start_two("meet", folder)
    errors = [process.communicate(timeout=60)[1].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], "\n".join(errors)
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in range(2)]


def test_each_knows_which_it_is(reports):
    assert [report["processes"] for report in reports] == [(2, 0, 0, True), (2, 1, 1, False)]
    assert [report["device"] for report in reports] == ["cpu", "cpu"]


def test_the_gradient_is_that_of_the_whole_batch(reports):
    model = network()
    model(IMAGES).square().mean().backward()
    for report in reports:
        torch.testing.assert_close(report["gradients"], [p.grad for p in model.parameters()])


def test_buffers_are_the_first_ones(reports):
    first, second = reports
    assert not torch.equal(first["own_mean"], second["own_mean"])
    for report in reports:
        assert torch.equal(report["running_mean"], first["own_mean"])


def test_counts_are_added(reports):
    for report in reports:
        assert report["total"].tolist() == [3, 20]


def test_all_hear_the_same_numbers(reports):
    for report in reports:
        assert report["mean"] == 1.5 and report["nan"] != report["nan"]
        assert report["any"] == (False, True, True)


def test_the_second_waits_for_what_the_first_fetches(reports):
    assert [report["seen"] for report in reports] == [False, True]


def test_a_network_with_batch_normalization_learns_as_well(reports):
    """Along a curve of its own, as each process normalizes by its share, but about as fast as one process."""
    first, second = reports
    alone = first["alone"]
    assert first["epochs"][-1]["train_loss"] == pytest.approx(alone[-1]["train_loss"], abs=0.15)
    assert alone[0]["train_loss"] > 1 and first["epochs"][-1]["top1"] > 0.8
    for name, value in first["weights"].items():
        assert torch.equal(value, second["weights"][name]), name
    for key in ("train_loss", "top1", "top5"):
        assert [row[key] for row in first["epochs"]] == [row[key] for row in second["epochs"]]


def test_one_of_them_stops_all_at_the_same_step(reports):
    for report in reports:
        assert [row["images"] for row in report["stopped"]] == [5 * 16]


def test_only_the_first_writes_checkpoints(reports):
    assert [report["wrote"] for report in reports] == [True, False]


def test_a_signal_to_one_of_them_ends_all_after_the_same_step(reports):
    for report in reports:
        assert report["interrupted"] == (128 + signal.SIGTERM, 8)


def test_what_two_have_begun_two_or_one_go_on_with(reports, folder):
    alone = run(WITHOUT, tiny_data()).record["epochs"]
    with pytest.warns(UserWarning, match="was written with processes 2, and this is 1"):
        by_one = run(WITHOUT, tiny_data(), checkpoint=folder / "kept.pt").record["epochs"]
    for rows in (by_one, *(report["resumed"] for report in reports)):
        for name in ("train_loss", "top1", "images", "lr"):
            assert [row[name] for row in rows] == pytest.approx([row[name] for row in alone], rel=1e-5)


def test_a_checkpoint_that_only_some_of_them_see_is_refused(reports):
    for report in reports:
        assert "must be in a folder that all processes see" in report["missed"]


@pytest.mark.parametrize(("task", "reason"), [("fail", rb"Connection (closed|reset)"), ("sleep", b"Timed out")])
def test_none_waits_long_for_one_that_is_lost(task, reason, tmp_path):
    began = time.monotonic()
    waiting, lost = start_two(task, tmp_path)
    _, errors = waiting.communicate(timeout=30)
    lost.kill()
    lost.communicate()
    assert waiting.returncode == 1 and re.search(reason, errors) and b"AssertionError" not in errors
    assert time.monotonic() - began < 25
    assert timedelta(seconds=30) <= distributed.TIMEOUT <= timedelta(minutes=10)


@pytest.mark.parametrize(("size", "count"), [(1, 5), (2, 5), (3, 12), (4, 3), (7, 100)])
def test_shares_are_all_rows_each_once(size, count):
    rows = list(range(count))
    shares = [rows[Processes(size, rank).share(count)] for rank in range(size)]
    assert list(chain.from_iterable(shares)) == rows
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_a_batch_that_cannot_be_shared_evenly_is_refused():
    assert Processes(3, 1).share_of_batch(12) == slice(4, 8)
    with pytest.raises(ValueError, match="batch_size must be a multiple of 3, the number of processes, got 16"):
        Processes(3, 1).share_of_batch(16)


def test_each_process_has_a_gpu_of_its_own(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert [Processes(2, rank, rank).device(name) for rank, name in ((0, "auto"), (1, "cuda"))] == [
        torch.device("cuda:0"),
        torch.device("cuda:1"),
    ]
    assert Processes(4, 2, 0).device() == torch.device("cuda:0")  # the first on the second machine
    assert Processes(2, 1, 1).device("cpu") == torch.device("cpu")
    with pytest.raises(ValueError, match=r"device must be cpu for more processes than this machine has GPUs \(2\)"):
        Processes(3, 2, 2).device("auto")


@pytest.mark.parametrize("name", ["cuda:0", "mps", "tpu"])
def test_a_device_that_all_would_share_is_refused(name):
    with pytest.raises(ValueError, match=f"device must be auto, cpu or cuda for 2 processes, got '{name}'"):
        Processes(2, 0).device(name)


def test_without_gpus_several_processes_compute_on_the_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert Processes(2, 1, 1).device() == torch.device("cpu")
    with pytest.raises(ValueError, match=r"device must be cpu .* \(0\), got 'cuda'"):
        Processes(2, 1, 1).device("cuda")


def test_one_process_is_alone_and_sends_nothing(monkeypatch):
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    monkeypatch.setenv("WORLD_SIZE", "2")  # some clusters say so without having started a second one
    assert started() == ALONE and ALONE.is_main
    model, rows = network(), torch.rand(3)
    with joined("cpu") as processes, processes.one_first():
        assert processes is ALONE and not dist.is_initialized()
        assert processes.parallel(model) is model and processes.total(rows) is rows
        assert processes.mean(rows) is rows and processes.any(True) and not processes.any(False)
        assert rows[processes.share_of_batch(3)].shape == rows.shape
        processes.copy_buffers(model)


def test_what_one_process_does_alone_is_refused_to_several(monkeypatch):
    distributed.refuse_several("compare")
    for name, value in (("WORLD_SIZE", "2"), ("RANK", "1"), ("LOCAL_RANK", "1")):
        monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match="compare runs in one process, but torchrun has started 2"):
        distributed.refuse_several("compare")


def test_a_single_process_under_torchrun_is_alone(monkeypatch):
    for name, value in (("WORLD_SIZE", "1"), ("RANK", "0"), ("LOCAL_RANK", "0")):
        monkeypatch.setenv(name, value)
    with joined("cpu") as processes:
        assert processes == ALONE and not dist.is_initialized()
