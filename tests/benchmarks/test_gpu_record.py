"""The GPU's benchmarks can be tried out without a GPU; what is counted there needs one."""

import json

import pytest
import torch

from .contestants import FLOOR
from .gpu import COMPILED, GRAPH, PLAIN, main


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    path = tmp_path_factory.mktemp("bench") / "new" / "bench-gpu.json"
    small = [
        "--device",
        "cpu",
        "--seconds",
        "0.02",
        "--largest",
        "12800",
        "--without",
        "growth",
        "training",
        "translated",
    ]
    main(["--out", str(path), *small])
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_way_is_timed_and_compared_with_float64(record):
    assert [row["sorter"] for row in record["rows"][:3]] == ["odd_even", "bitonic", "splitter_selection"]
    for row in record["rows"]:
        assert row["seconds"].keys() >= {PLAIN, FLOOR} and min(row["seconds"].values()) > 0
        base = COMPILED if COMPILED in row["seconds"] else PLAIN
        assert row["ratios"][base] == 1
        assert row["error"].keys() >= {PLAIN, base} and all(0 < error < 1e-4 for error in row["error"].values())
        assert GRAPH not in row["seconds"] and set(row["kernels"].values()) == {None}


def test_it_says_what_made_it(record):
    assert record["command"].startswith("python -m tests.benchmarks.gpu --out ")
    assert record["machine"]["device"] == "cpu" and record["versions"]["torch"] == torch.__version__
    assert set(record) == {"command", "settings", "versions", "machine", "commit", "rows"}


def test_a_device_that_is_not_there_is_named(capsys):
    with pytest.raises(SystemExit):
        main(["--out", "never.json", "--device", "cuda:99"])
    assert "device must be auto or one that this machine has" in capsys.readouterr().err


def test_the_recorded_run_was_on_a_gpu_and_has_every_case():
    from topk_lib.experiments.results import read_result

    from .cases import CASES

    recorded = read_result("bench-gpu")
    cases = [{name: row[name] for name in ("sorter", "batch", "classes", "m")} for row in recorded["rows"]]
    assert cases == [case.describe() for case in CASES] and recorded["machine"]["device"] == "cuda"
    for row in recorded["rows"]:
        assert all(row["kernels"].values()) and not any(row["waits"].values())
