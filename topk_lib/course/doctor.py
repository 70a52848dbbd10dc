"""Is everything there that the lessons need? `python -m topk_lib doctor` answers line by line.

Each check is a function that returns a `Finding`; a new check is one function and its name in CHECKS. Nothing beyond
torch and numpy is imported at the top, since the doctor is called when something is missing.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from .. import __version__

PYTHONS = (3, 10), (3, 13)
KIT = "topk-lib"
NEEDED = ("train", "notebooks")
"""The extras of pyproject.toml that lessons and training need; what only the tests need is not asked for."""

INSTALL = 'run  pip install -e ".[notebooks]"  in the folder of the kit'
KERNEL_SECONDS = 60
REQUIREMENT = re.compile(r"\s*([\w.-]+)(?:\[[^\]]*\])?\s*([^;]*)(?:;\s*(.*))?")
BOUND = re.compile(r"(>=|==|<)\s*([\d.]+)")


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        text: what was found.
        fix: what to do about it; empty if all is well.
    """

    text: str
    fix: str = ""

    def __str__(self) -> str:
        return f"[fix: {self.fix}] {self.text}" if self.fix else f"[ok] {self.text}"


def doctor() -> int:
    """Print a line per check, as soon as it is known.

    Returns:
        The exit code: 0 if all is well, 1 if something has to be fixed.
    """
    wrong = 0
    for check in CHECKS:
        for finding in examine(check):
            print(finding, flush=True)
            wrong += bool(finding.fix)
    print(f"{wrong} to fix." if wrong else "Everything that the lessons need is there.")
    return int(wrong > 0)


def examine(check: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of a check; a check that fails itself is a finding too."""
    try:
        yield from check()
    except Exception as error:
        subject = check.__name__.replace("_", " ")
        yield Finding(f"{subject}: {type(error).__name__}: {error}", INSTALL)


def python_version() -> Iterator[Finding]:
    """The interpreter."""
    low, high = PYTHONS
    found = f"Python {sys.version.split()[0]}"
    fine = low <= sys.version_info[:2] <= high
    yield Finding(found, "" if fine else f"use Python {low[0]}.{low[1]} to {high[0]}.{high[1]}")


def packages() -> Iterator[Finding]:
    """Every package that the kit names, in a version that it accepts."""
    for name, bounds in requirements():
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(f"{name} is missing", f'run  pip install "{name}{bounds}"')
            continue
        fine = accepts(bounds, version)
        yield Finding(f"{name} {version}", "" if fine else f'run  pip install "{name}{bounds}"')


def library() -> Iterator[Finding]:
    """The loss on six scores: P_K = [1] is cross-entropy, and a soft ranking has a gradient."""
    from .. import SortingNetwork, topk_cross_entropy

    scores = torch.tensor([0.4, 2.0, -1.5, 1.1, -0.8, 1.7], requires_grad=True)
    label = torch.tensor(3)
    same = torch.nn.functional.cross_entropy(scores, label)
    fine = torch.allclose(topk_cross_entropy(scores, label, p_k=[1.0]), same)
    loss = topk_cross_entropy(scores, label, [0.5, 0, 0, 0, 0.5], SortingNetwork("bitonic"))
    loss.backward()
    fine = fine and bool(scores.grad.isfinite().all()) and bool(scores.grad[3] < 0)
    where = Path(__file__).parents[1]
    text = f"topk_lib {__version__} in {where}: loss {loss.item():.3f} on six scores"
    yield Finding(text, "" if fine else "the library computes wrong numbers: install it and torch again")


def devices() -> Iterator[Finding]:
    """What torch computes on, and what runs the networks there. A CPU and torch's own operations are enough."""
    from ..experiments.training.machine import pick_device, pick_precision
    from ..propagate.backends import PACKAGES, compiled_code

    device = pick_device()
    yield Finding(f"training runs on {device} in {pick_precision('auto', device)}, {torch.get_num_threads()} threads")
    machine_code = compiled_code(device.type) is not None
    how = f"machine code, by {PACKAGES[device.type]}" if machine_code else "torch's operations"
    yield Finding(f"comparator networks run in {how}")


def widgets() -> Iterator[Finding]:
    """JupyterLab's half of ipywidgets; without it a panel shows as a line of text."""
    from jupyter_core.paths import jupyter_path

    folders = [Path(folder) / "@jupyter-widgets" / "jupyterlab-manager" for folder in jupyter_path("labextensions")]
    found = next((folder for folder in folders if (folder / "package.json").is_file()), None)
    if found is None:
        yield Finding("JupyterLab's widget manager is missing", 'run  pip install "jupyterlab_widgets>=3"')
        return
    version = json.loads((found / "package.json").read_text(encoding="utf-8"))["version"]
    yield Finding(f"JupyterLab's widget manager {version}")


def kernel() -> Iterator[Finding]:
    """A kernel starts, runs this very Python and finds the library."""
    from jupyter_client.manager import start_new_kernel

    quiet = {"stderr": subprocess.DEVNULL}
    manager, client = start_new_kernel(kernel_name="python3", startup_timeout=KERNEL_SECONDS, **quiet)
    try:
        code = "import sys, topk_lib; print(sys.prefix)"
        printed: list[str] = []

        def listen(message: dict) -> None:
            content = message["content"]
            printed.append(content.get("text") or content.get("evalue") or "")

        client.execute_interactive(code, timeout=KERNEL_SECONDS, output_hook=listen)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    prefix = "".join(printed).strip()
    fine = bool(prefix) and os.path.realpath(prefix) == os.path.realpath(sys.prefix)
    fix = "" if fine else f"run  {sys.executable} -m ipykernel install --sys-prefix --name python3"
    yield Finding(f"the notebooks' kernel runs Python in {prefix or 'no answer'}", fix)


def figures() -> Iterator[Finding]:
    """A figure can be drawn and written."""
    from .figures import permutation_matrix, png

    image = png(permutation_matrix([[0.75, 0.25], [0.25, 0.75]], "ab")[0])
    yield Finding(f"a figure was drawn ({len(image):,} bytes)")


def lessons() -> Iterator[Finding]:
    """The notebooks beside the library, where it is used from its folder."""
    folder = Path(__file__).resolve().parents[2] / "notebooks"
    count = len(list(folder.glob("[0-9][0-9]_*.ipynb")))
    if count:
        yield Finding(f"{count} lessons in {folder}")
    else:
        yield Finding("no lessons beside the library", "get the whole kit, with its folder notebooks")


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python_version,
    packages,
    library,
    devices,
    figures,
    widgets,
    kernel,
    lessons,
)


def requirements() -> Iterator[tuple[str, str]]:
    """(name, bounds) of the packages that the installed kit names for lessons and training."""
    seen = set()
    for line in importlib.metadata.requires(KIT) or ():
        name, bounds, marker = REQUIREMENT.fullmatch(line).groups()
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)", marker or "")
        older = re.search(r"python_version\s*<\s*['\"]([\d.]+)", marker or "")
        if older and _numbers(platform.python_version()) >= _numbers(older[1]):
            continue  # this Python brings what the package gives to older ones
        if name != KIT and name not in seen and (extra is None or extra[1] in NEEDED):
            seen.add(name)
            yield name, bounds.replace(" ", "")


def accepts(bounds: str, version: str) -> bool:
    """Whether a version meets bounds such as ">=4.4,<5"."""
    tests = {">=": lambda a, b: a >= b, "<": lambda a, b: a < b, "==": lambda a, b: a == b}
    return all(tests[sign](_numbers(version), _numbers(bound)) for sign, bound in BOUND.findall(bounds))


def _numbers(version: str) -> tuple[int, ...]:
    """2.13.0+cpu as (2, 13); trailing zeros do not count."""
    found = [int(number) for number in re.match(r"\d+(?:\.\d+)*", version)[0].split(".")]
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)
