"""Lesson 05: its plain versions are the library's, its counts are right, and it says what the cost record says."""

import json
import re
import statistics
from pathlib import Path

import pytest
import torch

from topk_lib import SortingNetwork
from topk_lib.course.figures import cost_curves
from topk_lib.course.figures.costs import ratios
from topk_lib.course.lesson_05 import measure as measuring
from topk_lib.course.lesson_05.measure import main, measure
from topk_lib.course.lesson_05.needed import count_needed
from topk_lib.course.lesson_05.pull import pull_weights
from topk_lib.course.lesson_05.selection import cascade_ranks, cascades
from topk_lib.course.lesson_05.storage import peak_bytes, stored_numbers
from topk_lib.course.lesson_05.survivors import count_survivors
from topk_lib.course.lesson_05.ways import COMPARATOR, WAYS
from topk_lib.experiments.report.gpu import gpu_times
from topk_lib.experiments.results import read_result
from topk_lib.networks import KINDS, bitonic, odd_even, splitter_selection, top_k_network

ROOT = Path(__file__).resolve().parents[2]
RECORD = json.loads((ROOT / "data" / "results" / "cost.json").read_text(encoding="utf-8"))
NOTEBOOK = json.loads((ROOT / "notebooks" / "05_selection_networks.ipynb").read_text(encoding="utf-8"))


def batch(n, size=3, dtype=torch.double):
    generator = torch.Generator().manual_seed(0)
    scores = torch.randn(size, n, dtype=dtype, generator=generator, requires_grad=True)
    return scores, torch.randint(n, (size,), generator=generator)


def markdown_outputs():
    outputs = (output for cell in NOTEBOOK["cells"] for output in cell.get("outputs", []))
    return ["".join(output["data"]["text/markdown"]) for output in outputs if "text/markdown" in output.get("data", {})]


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 2), (6, 3), (16, 5), (37, 4), (100, 5), (100, 1)])
def test_cascades_are_those_of_the_library(n, k):
    """Built from the lesson's cascades alone, the network has the same comparators, in the same order on each lane."""
    pairs = []
    for lanes, _ in cascades(n, k):
        h = 1 << max(0, (len(lanes) - 1).bit_length() - 1)
        while h:
            pairs += [(lanes[j + h], lanes[j]) for j in range(len(lanes) - h) if not j & h]
            h //= 2
    built = [tuple(pair) for layer in splitter_selection(n, k).layers for pair in layer.tolist()]
    for lane in range(n):
        assert [pair for pair in pairs if lane in pair] == [pair for pair in built if lane in pair]


@pytest.mark.parametrize("q", [1, 2, 6, 8, 11])
def test_minimum_ranks_hold_for_every_order_and_are_reached(q):
    """4000 random orders respect the bounds, and some order reaches each: none could be larger."""
    generator = torch.Generator().manual_seed(0)
    orders = torch.stack([torch.randperm(q, generator=generator) for _ in range(4000)])
    h = 1 << max(0, (q - 1).bit_length() - 1)
    while h:
        for j in range(q - h):
            if not j & h:
                pair = orders[:, [j, j + h]]
                orders[:, j], orders[:, j + h] = pair.max(dim=1).values, pair.min(dim=1).values
        h //= 2
    beaten = q - 1 - orders
    assert beaten.min(dim=0).values.tolist() == cascade_ranks(q)


@pytest.mark.parametrize("k", [1, 2, 5, 16])
@pytest.mark.parametrize("kind", ["odd_even", "bitonic", "splitter_selection"])
def test_plain_pruning_keeps_as_many_as_the_library(kind, k):
    network = {"odd_even": odd_even(16), "bitonic": bitonic(16), "splitter_selection": splitter_selection(16, k)}[kind]
    layers = [layer.tolist() for layer in network.layers]
    assert count_needed(layers, 16, k) == network.prune(k).size


@pytest.mark.parametrize(("q", "k"), [(6, 3), (16, 5), (100, 5), (1000, 5)])
def test_survivors_are_those_of_the_first_cascade(q, k):
    assert count_survivors(q, k) == sum(rank < k for rank in cascades(q, k)[0][1])


@pytest.mark.parametrize("kind", KINDS)
def test_plain_pull_equals_the_library(kind):
    scores, _ = batch(9)
    sorter, weights = SortingNetwork(kind, steepness=1.5), torch.tensor([1.0, 0.5, 0.25, 0.1], dtype=torch.double)
    layers = [layer.tolist() for layer in sorter.network(9, 4).layers]
    wanted = sorter.class_probabilities(scores, weights)
    found = torch.stack([pull_weights(row, weights, layers, sorter.comparator.alpha) for row in scores.detach()])
    torch.testing.assert_close(found, wanted.detach(), atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_three_ways_agree_in_value_and_gradient(kind):
    scores, labels = batch(11)
    results = [way.ranks(kind, scores, labels, 4) for way in WAYS.values()]
    gradients = [torch.autograd.grad(ranks[:, :3].sum(1).log().sum(), scores)[0] for ranks in results]
    for ranks, gradient in zip(results[1:], gradients[1:], strict=True):
        torch.testing.assert_close(ranks, results[0])
        torch.testing.assert_close(gradient, gradients[0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [6, 20])
def test_two_numbers_per_comparator_are_stored_against_n_plus_one(kind, n):
    scores, labels = batch(n)
    size = top_k_network(kind, n, 5).size
    stored = {name: stored_numbers(way.ranks, kind, scores, labels, 5)[1] for name, way in WAYS.items()}
    assert stored["payload"] == 3 * 2 * size == 3 * WAYS["payload"].numbers(n, 5, size)
    assert stored["whole matrix"] == 3 * (n + 1) * size == 3 * WAYS["whole matrix"].numbers(n, 5, size)
    assert stored["k rows"] == 3 * n + 5 * 5


def test_stored_numbers_counts_each_number_once():
    x = torch.ones(10, requires_grad=True)
    result, stored = stored_numbers(lambda y: (y * y).sum() + (y * 2).sum(), x)
    assert (result.item(), stored) == (30.0, 10)
    assert stored_numbers(lambda: x.exp().log())[1] == 10


def test_peak_bytes_forgets_what_is_dropped():
    def one_after_the_other():
        for _ in range(5):
            torch.ones(100)

    def together():
        return [torch.ones(100) for _ in range(5)]

    assert (peak_bytes(one_after_the_other), peak_bytes(together)) == (400, 2000)
    assert peak_bytes(lambda: torch.ones(100)[:50].view(5, 10)) == 400


def test_peak_bytes_sees_the_backward_pass():
    x = torch.ones(100, requires_grad=True)
    assert peak_bytes(lambda: (x * x).sum().backward()) > peak_bytes(lambda: (x * x).sum())


@pytest.fixture(scope="module")
def small():
    return measure(sizes=(6, 9), k=2, batch=2, rounds=2)


def test_a_record_names_settings_versions_and_machine(small):
    assert {"sizes", "k", "batch", "rounds", "seed", "most_numbers", *COMPARATOR} == set(small["settings"])
    assert small["versions"]["torch"] == torch.__version__ and small["machine"]["threads"] == 1
    assert len(small["rows"]) == 2 * len(KINDS) * len(WAYS) and all(row["seconds"] > 0 for row in small["rows"])


def test_counts_of_a_record_are_the_same_each_time(small):
    def counts(record):
        return [{key: value for key, value in row.items() if key != "seconds"} for row in record["rows"]]

    assert counts(measure(sizes=(6, 9), k=2, batch=2, rounds=1)) == counts(small)


def test_threads_are_as_before_after_measuring():
    before = torch.get_num_threads()
    measure(sizes=(4,), k=2, batch=1, rounds=1)
    assert torch.get_num_threads() == before


def test_what_would_store_too_much_is_left_out(monkeypatch):
    monkeypatch.setattr(measuring, "MOST_NUMBERS", 2 * 2 * top_k_network("bitonic", 9, 2).size)
    kept = {(row["network"], row["way"]) for row in measure(sizes=(9,), k=2, batch=2, rounds=1)["rows"]}
    assert ("bitonic", "payload") in kept and ("bitonic", "whole matrix") not in kept


def test_the_command_line_writes_a_record_that_begins_with_the_command(tmp_path, capsys):
    path = tmp_path / "new folder" / "cost.json"
    main(["--out", str(path), "--sizes", "6", "--rounds", "1"])
    record = json.loads(path.read_text(encoding="utf-8"))
    assert next(iter(record)) == "command" and record["command"].endswith("cost.json' --sizes 6 --rounds 1")
    assert record["command"].startswith("python -m topk_lib.course.lesson_05.measure --out ")
    assert "9 rows in" in capsys.readouterr().out


def test_the_kept_record_is_complete():
    assert RECORD["command"] == "python -m topk_lib.course.lesson_05.measure --out data/results/cost.json"
    assert RECORD["settings"] == {
        **{"sizes": list(measuring.SIZES), "k": measuring.K, "batch": measuring.BATCH, "rounds": measuring.ROUNDS},
        **{"seed": measuring.SEED, "most_numbers": measuring.MOST_NUMBERS, **COMPARATOR},
    }
    assert set(RECORD["versions"]) == {"topk_lib", "torch", "numpy", "python"}
    assert RECORD["machine"]["processor"] and RECORD["machine"]["threads"] == 1


def test_the_kept_record_counts_as_this_library_does():
    for row in RECORD["rows"]:
        network = top_k_network(row["network"], row["n"], RECORD["settings"]["k"])
        assert (row["comparators"], row["layers"]) == (network.size, network.depth)
        if row["way"] != "k rows":
            wanted = WAYS[row["way"]].numbers(row["n"], RECORD["settings"]["k"], network.size)
            assert row["stored_numbers"] == wanted * RECORD["settings"]["batch"]


def test_the_lesson_shows_the_kept_record():
    assert cost_curves(RECORD)[1] in markdown_outputs()


def test_what_the_lesson_says_of_the_curves_is_so():
    memory, seconds = ratios(RECORD["rows"], "peak_bytes"), ratios(RECORD["rows"], "seconds")
    for kind in KINDS:
        for n, ratio in zip(*memory[kind, "whole matrix"], strict=True):
            assert ratio == pytest.approx((n + 1) / 2, rel=0.15), "the memory follows the dotted line"
        sizes, times = seconds[kind, "whole matrix"]
        assert max(times[:2]) < 1.5, "with few classes other columns ride almost for free"
        assert times[-1] > 2 and sizes[-1] in (128, 256, 512)
        assert 1.5 < statistics.median(seconds[kind, "k rows"][1]) < 2.5, "k rows takes about twice the time"
    assert seconds["splitter_selection", "whole matrix"][1][-1] > 8, "beyond a hundred classes time climbs fast"
    payload = {(r["network"], r["n"]): r["seconds"] for r in RECORD["rows"] if r["way"] == "payload"}
    assert payload["odd_even", 1024] > 20 * payload["splitter_selection", 1024]
    text = " ".join("".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "markdown")
    assert "more than 128 MiB" in text and 4 * RECORD["settings"]["most_numbers"] == 128 * 2**20


def test_what_the_lesson_says_of_pruning_is_so():
    for n, k in ((6, 1), (6, 3), (100, 1), (100, 5), (1000, 5)):
        assert odd_even(n).size < 2 * odd_even(n).prune(k).size
        assert 0.8 * bitonic(n).size < bitonic(n).prune(k).size
    assert 90 < odd_even(1000).size / splitter_selection(1000, 5).size < 110
    assert re.fullmatch(r"5\.\d", f"{splitter_selection(1000, 5).size / 1000:.1f}")


def test_the_gpus_lines_are_those_of_the_record():
    record = read_result("bench-gpu")
    head, names, *lines = gpu_times(record).splitlines()
    assert record["machine"]["device_name"] in head and names.split()[0] == "network" and len(lines) == 5
    row = next(row for row in record["rows"] if row["sorter"] == "bitonic" and row["m"] is None)
    line = next(line for line in lines if line.startswith("bitonic"))
    assert f"{1000 * row['seconds']['compiled']:.2f} {row['kernels']['compiled']:5}" in line
    assert f"{row['kernels']['plain']:,}" in line


def test_what_lesson_05_says_of_the_gpu_holds_in_the_record():
    """Time follows kernels; 1,000 classes take as long as 100; in a graph under a quarter of a millisecond."""
    rows = {
        (row["sorter"], row["classes"]): row
        for row in read_result("bench-gpu")["rows"]
        if row["m"] is None and "compiled, CUDA graph" in row["seconds"]
    }
    for sorter in ("bitonic", "splitter_selection"):
        few, many = (rows[sorter, n]["seconds"]["compiled"] for n in (100, 1000))
        assert many < 1.25 * few
    assert max(row["seconds"]["compiled, CUDA graph"] for row in rows.values()) < 0.25e-3
    assert all(row["kernels"]["compiled"] < row["kernels"]["plain"] / 10 for row in rows.values())
