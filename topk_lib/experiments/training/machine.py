"""Which device and which precision a run uses, and what its record says about the machine."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ... import __version__, _validate

PRECISIONS = ("auto", "float32", "bfloat16", "float16")


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name, like "cuda:1"; for "auto" CUDA if there is one, else XPU, else MPS, else the CPU.

    Raises:
        ValueError: this machine has no such device.
    """
    there = {"cuda": torch.cuda.is_available(), "xpu": torch.xpu.is_available()}
    there |= {"mps": torch.backends.mps.is_available(), "cpu": True}
    available = [kind for kind in there if there[kind]]
    kind, _, number = name.partition(":")
    counts = {"cuda": torch.cuda.device_count(), "xpu": torch.xpu.device_count()}
    in_range = not number or (number.isdecimal() and int(number) < counts.get(kind, 1))
    if name != "auto" and not (kind in available and in_range):
        raise ValueError(f"device must be auto or one that this machine has ({', '.join(available)}), got {name!r}")
    return torch.device(available[0] if name == "auto" else name)


def pick_precision(name: str, device: torch.device, images: bool = True) -> str:
    """ "float32", "bfloat16" or "float16"; for "auto" bfloat16 where the device has instructions for it.

    Networks on vectors are small, and compute in float32 unless they are told otherwise. Emulated bfloat16 is slower
    than float32, so processors without AVX512-BF16 or AMX compute in float32.

    Raises:
        ValueError: an unknown precision, or float16 without a CUDA device, where its gradients could not be scaled.
    """
    _validate.choice("precision", name, PRECISIONS)
    if name == "float16" and device.type != "cuda":
        raise ValueError(f"precision must be auto, float32 or bfloat16 on {device.type}, got 'float16' (CUDA only)")
    if name != "auto":
        return name
    if not images:
        return "float32"
    if device.type == "cuda":
        native = torch.cuda.get_device_capability(device) >= (8, 0)
    else:
        native = device.type == "cpu" and _cpu_has_bfloat16()
    return "bfloat16" if native else "float32"


def describe_machine(device: torch.device, precision: str, processes: int = 1) -> dict[str, Any]:
    """What a reader of timings needs to know; of the first of several processes."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "processes": processes,
        "threads": torch.get_num_threads(),
        "device": str(device),
        "device_name": _device_name(device),
        "precision": precision,
    }


def describe_commit() -> str | None:
    """The commit of the checkout that this library is run from, "-dirty" behind it where files differ; else None."""
    folder = Path(__file__).resolve().parents[3]
    if not (folder / ".git").exists():
        return None
    described = ("describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
    command = ["git", "--no-optional-locks", "-C", str(folder), *described]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return None


def describe_versions() -> dict[str, str]:
    """Versions of everything that can change a result."""
    return {
        "topk_lib": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def _cpu_has_bfloat16() -> bool:
    # Older versions of torch lack one or both questions; without an answer float32 is the safe choice.
    questions = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(ask() for ask in questions if ask is not None)


def _device_name(device: torch.device) -> str:
    asked = {"cuda": torch.cuda, "xpu": torch.xpu}.get(device.type)
    return asked.get_device_name(device) if asked else _processor()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()
