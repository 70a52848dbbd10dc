"""Device and precision: what is picked, and what is refused."""

import re
import shutil
import subprocess

import pytest
import torch

from topk_lib.experiments.training import machine
from topk_lib.experiments.training.machine import (
    describe_commit,
    describe_machine,
    describe_versions,
    pick_device,
    pick_precision,
)

CPU = torch.device("cpu")


def pretend(monkeypatch, cuda=0, xpu=0, mps=False):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.xpu, "is_available", lambda: xpu > 0)
    monkeypatch.setattr(torch.xpu, "device_count", lambda: xpu)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)


@pytest.mark.parametrize(
    ("cuda", "xpu", "mps", "picked"),
    [(0, 0, False, "cpu"), (0, 0, True, "mps"), (0, 1, False, "xpu"), (0, 2, True, "xpu"), (1, 1, True, "cuda")],
)
def test_auto_prefers_the_fastest_device(cuda, xpu, mps, picked, monkeypatch):
    pretend(monkeypatch, cuda, xpu, mps)
    assert pick_device("auto") == torch.device(picked)
    assert pick_device("cpu") == CPU


def test_a_numbered_device_is_taken_if_it_is_there(monkeypatch):
    for kind in ("cuda", "xpu"):
        with monkeypatch.context() as patch:
            pretend(patch, **{kind: 2})
            assert pick_device(f"{kind}:1") == torch.device(f"{kind}:1")
            with pytest.raises(ValueError, match=rf"device must be .* \({kind}, cpu\), got '{kind}:2'"):
                pick_device(f"{kind}:2")


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "xpu", "mps", "tpu", "", "cpu:x", "cuda:-1"])
def test_a_device_that_is_not_there_is_refused(name, monkeypatch):
    pretend(monkeypatch)
    with pytest.raises(ValueError, match=r"device must be auto or one that this machine has \(cpu\), got"):
        pick_device(name)


@pytest.mark.parametrize(
    ("avx", "amx", "picked"), [(True, False, "bfloat16"), (False, True, "bfloat16"), (False, False, "float32")]
)
def test_auto_precision_follows_the_processor(avx, amx, picked, monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: avx, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: amx, raising=False)
    assert pick_precision("auto", CPU) == picked
    assert pick_precision("float32", CPU) == "float32" and pick_precision("bfloat16", CPU) == "bfloat16"


def test_a_torch_that_cannot_tell_computes_in_float32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "_is_avx512_bf16_supported", raising=False)
    monkeypatch.delattr(torch.cpu, "_is_amx_tile_supported", raising=False)
    assert pick_precision("auto", CPU) == "float32"


@pytest.mark.parametrize(("capability", "picked"), [((7, 5), "float32"), ((8, 0), "bfloat16"), ((9, 0), "bfloat16")])
def test_auto_precision_follows_the_gpu(capability, picked, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert pick_precision("auto", torch.device("cuda")) == picked


def test_float16_is_for_cuda_alone():
    assert pick_precision("float16", torch.device("cuda")) == "float16"
    for device in ("cpu", "xpu", "mps"):
        with pytest.raises(ValueError, match=rf"precision must be .* on {device}, got 'float16' \(CUDA only\)"):
            pick_precision("float16", torch.device(device))


@pytest.mark.parametrize("device", ["mps", "xpu"])
def test_what_nobody_has_tried_computes_in_float32(device):
    assert pick_precision("auto", torch.device(device)) == "float32"


def test_a_wrong_precision_is_named():
    with pytest.raises(ValueError, match=r"precision must be one of 'auto', .*'bfloat16', 'float16', got 'half'"):
        pick_precision("half", CPU)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_commit_is_that_of_the_checkout_and_says_if_it_was_changed(tmp_path, monkeypatch):
    library = tmp_path / "topk_lib" / "experiments" / "training" / "machine.py"
    library.parent.mkdir(parents=True)
    library.write_text("one")
    monkeypatch.setattr(machine, "__file__", str(library))
    assert describe_commit() is None
    who = ["-c", "user.name=me", "-c", "user.email=me@localhost"]
    for words in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True)
    head = subprocess.run(["git", "-C", str(tmp_path), "rev-parse", "HEAD"], capture_output=True, text=True).stdout
    assert re.fullmatch(r"[0-9a-f]{12}", describe_commit()) and head.startswith(describe_commit())
    library.write_text("two")
    assert describe_commit() == f"{head[:12]}-dirty"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert describe_commit() is None


def test_the_name_of_an_accelerator_is_asked_where_it_is_known(monkeypatch):
    for kind in (torch.cuda, torch.xpu):
        monkeypatch.setattr(kind, "get_device_name", lambda device: f"some {device.type}")
    for kind in ("cuda", "xpu"):
        assert describe_machine(torch.device(kind), "float32")["device_name"] == f"some {kind}"


def test_the_machine_is_described_in_full():
    found = describe_machine(CPU, "float32")
    assert found["device"] == "cpu" and found["precision"] == "float32"
    assert found["threads"] == torch.get_num_threads()
    assert all(found[name] for name in ("system", "processor", "cores", "device_name"))
    assert describe_versions()["torch"] == torch.__version__
