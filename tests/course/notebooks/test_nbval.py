"""The validation of lessons can fail: a changed number and a fault in the library both turn it red."""

import shutil

import pytest

from .nbval_run import ROOT, SANITIZE, validate, write_executed

ARITHMETIC = ["k = 3\nprint('weights', [round(r / 6, 3) for r in range(1, k + 1)])", "10 * k + 1"]


@pytest.fixture(scope="module")
def arithmetic(tmp_path_factory):
    """The path of a tiny executed notebook that does not need the library."""
    path = tmp_path_factory.mktemp("arithmetic") / "00_tiny.ipynb"
    write_executed(path, ARITHMETIC)
    return path


def test_an_unchanged_notebook_is_green(arithmetic):
    run = validate(arithmetic)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 passed" in run.stdout


@pytest.mark.parametrize(("was", "becomes"), [("0.333", "0.334"), ('"31"', '"32"')], ids=["stream", "value"])
def test_one_changed_stored_number_is_red(arithmetic, tmp_path, was, becomes):
    stored = arithmetic.read_text(encoding="utf-8")
    assert stored.count(was) == 1
    changed = tmp_path / "00_tiny.ipynb"
    changed.write_text(stored.replace(was, becomes), encoding="utf-8")
    run = validate(changed)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Cell outputs differ" in run.stdout
    assert "1 failed, 1 passed" in run.stdout


def test_nbval_reads_every_sanitizing_rule():
    from nbval.plugin import get_sanitize_patterns

    text = SANITIZE.read_text(encoding="utf-8")
    written = sum(line.startswith("regex:") for line in text.splitlines())
    assert len(get_sanitize_patterns(text)) == written > 0


KIT = [
    "import torch\nimport topk_lib\n\nscores = torch.tensor([[2.0, 1.5, 0.5, 0.0, -1.0, -1.5]])",
    "topk_lib.SortingNetwork('odd_even', steepness=2.0)(scores, k=2)",
    "topk_lib.NeuralSort(temperature=2.0)(scores, k=2)",
    "topk_lib.topk_cross_entropy(scores, torch.tensor([1]), p_k=[0.5, 0.0, 0.5])",
]
SWAPPED_COMPARATOR = """
import dataclasses
import topk_lib.propagate.backends as module
right = module.top_k_network
def wrong(kind, n, k):
    network = right(kind, n, k)
    first = network.layers[0].copy()
    first[0] = first[0, ::-1]
    return dataclasses.replace(network, layers=(first, *network.layers[1:]))
module.top_k_network = wrong
"""
DROPPED_NORMALISATION = """
import topk_lib.sorters.base as module
module.SoftmaxSorter.rows = lambda self, scores, k: self.row_logits(scores, k).exp()
"""
SHIFTED_P_K = """
import topk_lib
checks = topk_lib.TopKCrossEntropyLoss.CHECKS
right = checks["p_k"]
checks["p_k"] = lambda name, value: (0.0, *right(name, value))
"""


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """The path of an executed notebook with one cell for each part of the library that gets a fault."""
    path = tmp_path_factory.mktemp("kit") / "00_kit.ipynb"
    write_executed(path, KIT)
    return path


def test_the_library_without_a_fault_is_green(kit):
    run = validate(kit)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize(
    ("fault", "cell"),
    [(SWAPPED_COMPARATOR, 1), (DROPPED_NORMALISATION, 2), (SHIFTED_P_K, 3)],
    ids=["swapped-comparator", "dropped-normalisation", "shifted-P_K"],
)
def test_a_fault_planted_in_the_library_is_red(kit, fault, cell):
    run = validate(kit, fault)
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"Cell {cell}: Cell outputs differ" in run.stdout


@pytest.mark.parametrize(
    ("lesson", "fault"),
    [
        ("00_start_here", SHIFTED_P_K),
        ("02_soft_permutations", DROPPED_NORMALISATION),
        ("03_sorting_networks", SWAPPED_COMPARATOR),
    ],
    ids=["00-shifted-P_K", "02-dropped-normalisation", "03-swapped-comparator"],
)
def test_a_fault_planted_in_the_library_turns_a_real_lesson_red(lesson, fault, tmp_path):
    copy = shutil.copy(ROOT / "notebooks" / f"{lesson}.ipynb", tmp_path)
    run = validate(tmp_path / copy, fault)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Cell outputs differ" in run.stdout
