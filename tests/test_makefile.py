"""The Makefile's set-up: what it refuses, what it does again, and which torch it asks for."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(MAKE is None or sys.platform == "win32", reason="needs GNU make and a POSIX shell")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has separate CPU builds")

# Stands in for Python: notes how it is called, makes a .venv out of itself, and fails where it is told to.
FAKE_PYTHON = """#!/bin/sh
echo "$*" | tr '\\n' ' ' >> calls.log; echo >> calls.log
case "$*" in
    *"-m venv "*) mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
    *importlib.metadata*) exit {half_installed} ;;
    *"import sys, torch"*) exit {no_torch} ;;
    *+cpu*) exit {no_wheel} ;;
    *--index-url*) exit {no_index} ;;
esac
"""
WHEEL, PLAIN = "torch==2.13.0+cpu", "torch==2.13.0"
KIT = "-q -e .[test,lint]"


def make(*arguments, cwd=ROOT, **variables):
    """Runs make as if from a shell of its own, although these tests are run by `make test`."""
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON", "TORCH"}
    env = {name: value for name, value in os.environ.items() if name not in outer} | variables
    return subprocess.run([MAKE, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=60, check=False)


def script(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


def fake_python(path, half_installed=1, no_torch=1, no_wheel=0, no_index=0):
    text = FAKE_PYTHON.format(half_installed=half_installed, no_torch=no_torch, no_wheel=no_wheel, no_index=no_index)
    return script(path, text)


def installs(folder, gpu, python):
    """What `pip install` is asked for, in order, when `folder` is set up with a fake Python."""
    tool = script(folder / "tools" / "nvidia-smi", f"#!/bin/sh\nexit {0 if gpu else 1}\n")
    path = f"{tool.parent}{os.pathsep}{os.environ['PATH']}"
    run = make(".venv/.ready", f"PYTHON={python}", cwd=folder, PATH=path)
    assert run.returncode == 0, run.stderr
    calls = (folder / "calls.log").read_text(encoding="utf-8").splitlines()
    return [call.split("pip install ")[1].strip() for call in calls if "pip install" in call]


@pytest.fixture
def fresh(tmp_path):
    """A folder with the two files that decide about the set-up, and no .venv."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.mark.parametrize("version", ["3.9.18", "3.14.0"])
def test_an_unsuitable_python_is_refused_in_words(fresh, version):
    numbers = version.replace(".", ", ")
    fake = f"import sys; sys.version_info = ({numbers}); sys.version = '{version} (fake)'"
    python = script(fresh / "python", f'#!/bin/sh\nexec {sys.executable} -c "{fake}\n$2"\n')
    run = make("lab", f"PYTHON={python}", cwd=fresh)
    assert run.returncode != 0
    assert f"Python 3.10 to 3.13 is needed, {python} is {version}" in run.stderr
    assert not (fresh / ".venv").exists()


def test_a_python_without_venv_gets_a_hint(fresh):
    fake = "import sys; sys.modules['ensurepip'] = None"
    python = script(fresh / "python", f'#!/bin/sh\nexec {sys.executable} -c "{fake}\n$2"\n')
    run = make("lab", f"PYTHON={python}", cwd=fresh)
    assert run.returncode != 0
    assert "apt install python3-venv" in run.stderr


def test_a_missing_python_is_named(fresh):
    run = make("lab", "PYTHON=no-such-python", cwd=fresh)
    assert run.returncode != 0
    assert "no no-such-python found" in run.stderr


def pretend_ready(folder, path):
    script(folder / ".venv" / ".ready", f"{path}\n")


def test_a_finished_set_up_hands_over_at_once(fresh):
    pretend_ready(fresh, fresh)
    (line,) = make("-n", "lab", cwd=fresh).stdout.strip().splitlines()
    assert line.startswith("exec .venv/bin/python -m jupyterlab")
    assert "notebooks/00_start_here.ipynb" in line and "app_settings_dir=.jupyter " in line
    assert "fetchNews" in (ROOT / ".jupyter" / "overrides.json5").read_text(encoding="utf-8")


def test_a_changed_requirement_is_installed(fresh):
    pretend_ready(fresh, fresh)
    later = (fresh / ".venv" / ".ready").stat().st_mtime + 5
    os.utime(fresh / "pyproject.toml", (later, later))
    assert "pip install" in make("-n", "lab", cwd=fresh).stdout


def test_a_moved_folder_is_set_up_again(fresh):
    pretend_ready(fresh, "/elsewhere")
    assert "pip install" in make("-n", "lab", cwd=fresh).stdout


@on_linux
def test_without_a_gpu_the_cpu_build_is_tried_first(fresh):
    assert installs(fresh, gpu=False, python=fake_python(fresh / "python")) == [WHEEL, KIT]


@on_linux
def test_without_any_cpu_build_the_plain_one_is_taken(fresh):
    python = fake_python(fresh / "python", no_wheel=1, no_index=1)
    wheel, index, plain, kit = installs(fresh, gpu=False, python=python)
    assert (wheel, plain, kit) == (WHEEL, PLAIN, KIT)
    assert re.fullmatch(rf"--retries 1 --timeout 15 --index-url \S+/cpu {PLAIN}", index)


def test_with_a_gpu_the_plain_build_is_taken(fresh):
    assert installs(fresh, gpu=True, python=fake_python(fresh / "python")) == [PLAIN, KIT]


def test_a_torch_that_is_there_stays(fresh):
    assert installs(fresh, gpu=False, python=fake_python(fresh / "python", no_torch=0)) == [KIT]


@pytest.mark.parametrize(
    ("files", "whole"),
    [
        (["pip.py", "kit-1.dist-info/METADATA", "kit-1.dist-info/INSTALLER"], True),
        (["pip.py", "kit-1.dist-info/METADATA"], False),
        (["kit-1.dist-info/METADATA", "kit-1.dist-info/INSTALLER"], False),
    ],
    ids=["whole", "interrupted", "without-pip"],
)
def test_an_interrupted_installation_is_recognised(tmp_path, files, whole):
    for name in files:
        script(tmp_path / name, "" if name == "pip.py" else "Name: kit\n")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    check = re.search(r"^define CHECK_VENV\n(.*?)^endef", makefile, re.MULTILINE | re.DOTALL).group(1)
    # -S hides what is installed for this Python, so that only the planted package counts.
    run = subprocess.run([sys.executable, "-S", "-c", check], env={"PYTHONPATH": str(tmp_path)}, check=False)
    assert (run.returncode == 0) == whole


@pytest.mark.parametrize("half_installed", [0, 1])
def test_only_a_half_installed_environment_is_made_anew(fresh, half_installed):
    left_over = script(fresh / ".venv" / "left-over", "")
    python = fake_python(fresh / ".venv" / "bin" / "python", half_installed)
    installs(fresh, gpu=True, python=shutil.copy(python, fresh / "python"))
    assert left_over.exists() == (not half_installed)


def test_every_target_is_explained():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE).group(1).split()
    explained = re.findall(r"^  make (\w+)", make("help").stdout, re.MULTILINE)
    assert sorted(explained) == sorted(targets)
    assert {"lab", "test", "train", "lint", "format", "clean", "help"} <= set(explained)
