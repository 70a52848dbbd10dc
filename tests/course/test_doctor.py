"""The doctor: all is well where the tests run, and each thing that can be wrong is found and told how to mend."""

import importlib.metadata
import subprocess
import sys

import pytest
import torch

import topk_lib
from topk_lib.__main__ import main
from topk_lib.course import doctor


def findings(check):
    return list(doctor.examine(check))


def fixes(check):
    return [finding.fix for finding in findings(check) if finding.fix]


def test_here_everything_is_well_and_the_exit_code_says_so():
    run = subprocess.run(
        [sys.executable, "-m", "topk_lib", "doctor"], capture_output=True, text=True, timeout=120, check=False
    )
    *lines, verdict = run.stdout.splitlines()
    assert run.returncode == 0 and run.stderr == "", run.stdout + run.stderr
    assert all(line.startswith("[ok] ") for line in lines) and verdict.startswith("Everything")
    for word in ("Python 3.", "torch ", "ipykernel ", "jupyterlab ", "ipywidgets ", "kernel runs", "lessons in"):
        assert sum(word in line for line in lines) >= 1, word
    assert f"Python in {sys.prefix}" in run.stdout


def test_something_wrong_makes_the_command_fail_and_says_how_to_mend_it(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "CHECKS", (doctor.python_version,))
    monkeypatch.setattr(doctor, "PYTHONS", ((3, 1), (3, 2)))
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"[fix: use Python 3.1 to 3.2] Python {sys.version.split()[0]}",
        "1 to fix.",
    ]


def test_a_missing_and_an_old_package_are_named_with_the_command_that_installs_them(monkeypatch):
    right = importlib.metadata.version

    def version(name):
        if name == "ipywidgets":
            raise importlib.metadata.PackageNotFoundError(name)
        return "4.3.9" if name == "jupyterlab" else right(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    assert sorted(fixes(doctor.packages)) == [
        'run  pip install "ipywidgets>=8.1"',
        'run  pip install "jupyterlab<5,>=4.4"',
    ]


def test_every_requirement_of_lessons_and_training_is_looked_at_and_none_of_the_tests():
    names = {name for name, _ in doctor.requirements()}
    assert {"torch", "numpy", "matplotlib", "pillow", "tqdm", "ipykernel", "ipywidgets", "jupyterlab"} == names - {
        "tomli"
    }


@pytest.mark.parametrize(("python", "asked"), [("3.10.4", True), ("3.11.0", False), ("3.13.1", False)])
def test_what_only_an_older_python_needs_is_asked_of_no_other(monkeypatch, python, asked):
    lines = ["torch>=2.4", 'tomli>=2; python_version < "3.11" and extra == "train"']
    monkeypatch.setattr(doctor.importlib.metadata, "requires", lambda name: lines)
    monkeypatch.setattr(doctor.platform, "python_version", lambda: python)
    assert [name for name, _ in doctor.requirements()] == ["torch"] + ["tomli"] * asked


def test_a_kit_that_was_never_installed_is_a_finding(monkeypatch):
    monkeypatch.setattr(doctor, "KIT", "no-such-kit")
    (found,) = findings(doctor.packages)
    assert "pip install -e" in found.fix and "PackageNotFoundError" in found.text


@pytest.mark.parametrize(
    ("bounds", "version", "fine"),
    [
        (">=4.4,<5", "4.4.0", True),
        (">=4.4,<5", "4.10", True),
        (">=4.4,<5", "5.0", False),
        (">=4.4,<5", "4.3.9", False),
        (">=2.4", "2.13.0+cpu", True),
        (">=2.4", "2.3.1", False),
        ("==0.17.6", "0.17.6", True),
        ("==0.17.6", "0.17.7", False),
        ("", "0.1", True),
    ],
)
def test_bounds_are_compared_as_numbers(bounds, version, fine):
    assert doctor.accepts(bounds, version) is fine


def test_a_library_that_computes_wrong_numbers_is_found(monkeypatch):
    right = topk_lib.topk_cross_entropy
    monkeypatch.setattr(topk_lib, "topk_cross_entropy", lambda *args, **kwargs: right(*args, **kwargs) + 0.1)
    assert fixes(doctor.library) == ["the library computes wrong numbers: install it and torch again"]


def test_a_missing_widget_manager_is_found(monkeypatch):
    monkeypatch.setattr("jupyter_core.paths.jupyter_path", lambda *_: [])
    assert fixes(doctor.widgets) == ['run  pip install "jupyterlab_widgets>=3"']


def test_a_kernel_of_another_python_is_found(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    (fix,) = fixes(doctor.kernel)
    assert fix.endswith("-m ipykernel install --sys-prefix --name python3")


def test_a_library_without_notebooks_beside_it_is_found(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "__file__", str(tmp_path / "topk_lib" / "doctor.py"))
    assert fixes(doctor.lessons) == ["get the whole kit, with its folder notebooks"]


def test_a_check_that_fails_itself_becomes_a_line_and_the_others_go_on(monkeypatch, capsys):
    def broken():
        raise RuntimeError("out of order")
        yield

    monkeypatch.setattr(doctor, "CHECKS", (broken, doctor.python_version))
    assert doctor.doctor() == 1
    first, second, _ = capsys.readouterr().out.splitlines()
    assert first.startswith("[fix: ") and "broken: RuntimeError: out of order" in first
    assert second.startswith("[ok] Python")


def test_it_leaves_the_random_numbers_alone():
    before = torch.get_rng_state()
    findings(doctor.library)
    findings(doctor.devices)
    assert torch.equal(before, torch.get_rng_state())


def test_it_says_what_runs_the_networks(monkeypatch):
    monkeypatch.setattr("topk_lib.experiments.training.machine.pick_device", lambda: torch.device("cpu"))
    for found, words in ((object(), "machine code, by numba"), (None, "torch's operations")):
        monkeypatch.setattr("topk_lib.propagate.backends.compiled_code", lambda device, found=found: found)
        assert findings(doctor.devices)[1].text == f"comparator networks run in {words}"
