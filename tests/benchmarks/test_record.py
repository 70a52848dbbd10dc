"""The benchmarks measure what they say, leave out what is not there, and their record turns into tables and figures."""

import copy
import itertools
import json
import math
from functools import partial

import numpy as np
import pytest
import torch

from topk_lib import SORTERS, topk_cross_entropy
from topk_lib.course.lesson_05.measure import one_thread
from topk_lib.experiments.drawing import style
from topk_lib.experiments.drawing.bench_times import bench_times, fastest
from topk_lib.experiments.drawing.growth_curves import growth_curves
from topk_lib.experiments.drawing.quantities import amount, duration, times
from topk_lib.experiments.report import bench_tables
from topk_lib.experiments.report.pictures import BENCH_PICTURES, caption_of
from topk_lib.losses import LOSSES, TopKHingeLoss
from topk_lib.sorters.thresholds import THRESHOLDS

from ..course.figures.test_captions import decode
from . import __main__, compiling, contestants, growth, losses, operations, peers, reach, record, timing
from .cases import CASES, P_K, Case, sorter_of
from .compare import compare
from .steps import Contestant
from .variants import VARIANTS

TINY = record.Plan(
    cases=(Case("splitter_selection", 4, 12), Case("bitonic", 4, 30, 8)),
    rounds=2,
    case_seconds=0.05,
    growth_rounds=2,
    growth_seconds=0.05,
    sizes=(16, 64),
    training_seconds=0.1,
    images=256,
    compile_seconds=0.0,
    losses_seconds=0.1,
    loss_sizes=((4, 12), (2, 30)),
)


@pytest.fixture(scope="module", autouse=True)
def single():
    """On a busy machine two threads wait for each other, and these tests want an answer, not speed."""
    with one_thread():
        yield


class FakePeer:
    """A peer whose loss is this library's own, and which can be made to need much."""

    def __init__(self, case, method, weight=0):
        self.case, self.weight = case, weight

    def __call__(self, logits, labels):
        loss = self.case.loss()(logits, labels)
        burden = torch.ones(len(labels), self.weight).exp() if self.weight else torch.zeros(1)
        return loss + 0 * (logits.mean() * burden).sum()


@pytest.fixture(scope="module")
def measured(single):
    """A record of tiny cases with a stand-in for difftopk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contestants, "difftopk_loss", FakePeer)
        patch.setattr(record, "installed", lambda: {"difftopk": "0.0"})
        made = {"command": "…", **record.make_record(TINY, lambda text: None)}
    return json.loads(json.dumps(made))


def test_without_peers_this_library_and_the_floor_are_compared(monkeypatch):
    row = compare(Case("bitonic", 4, 30, 8), {}, 2, 0.05)
    assert set(row["seconds"]) == {*VARIANTS, "cross-entropy", "torch.topk", "m-selection"}
    assert row["left_out"] == {} and set(row["ratios"]["plain"]) == {"cross-entropy"}
    assert min(row["seconds"].values()) > 0 and row["selection_ratio"] > 0


def test_a_peer_that_cannot_be_imported_is_not_installed(monkeypatch):
    monkeypatch.setattr(peers, "PEERS", {"no_such_peer": "pip install it"})
    assert peers.installed() == {}


def test_every_case_has_the_loss_that_the_library_gives():
    for case in CASES[:5]:
        logits, labels = case.sample(3)
        expected = topk_cross_entropy(logits, labels, P_K, sorter_of(case.sorter), case.m)
        torch.testing.assert_close(case.loss()(logits, labels), expected)


def test_a_loss_read_off_a_matrix_is_the_loss():
    case = Case("bitonic", 5, 9)
    logits, labels = case.sample()
    matrix = sorter_of("bitonic")(logits).flip(1).mT  # as diffsort lays it out
    torch.testing.assert_close(peers.loss_of_matrix(matrix, logits, labels), case.loss()(logits, labels))


def test_the_stand_in_multiplies_a_sparse_matrix():
    import sys

    with peers.quiet():
        spmm = sys.modules["torch_sparse"].spmm
    index, value, matrix = torch.tensor([[0, 0, 2], [1, 2, 0]]), torch.tensor([2.0, 3.0, 4.0]), torch.randn(3, 2)
    dense = torch.zeros(3, 3)
    dense[index[0], index[1]] = value
    torch.testing.assert_close(spmm(index, value, 3, 3, matrix), dense @ matrix)


def test_what_needs_too_much_is_left_out_before_it_is_run_and_the_reason_is_foretold(monkeypatch):
    case = Case("bitonic", 1000, 6)
    heavy = Contestant(FakePeer(case, "", weight=1000))
    monkeypatch.setattr(reach, "MOST_BYTES", 2**21)
    reason = reach.out_of_reach(case, heavy)
    assert reason.startswith("one step would keep 0.0 GiB and take") and "samples; the limits are" in reason
    monkeypatch.setattr(reach, "MOST_BYTES", 2**24)
    assert reach.out_of_reach(case, heavy) == ""


def test_difftopk_runs_its_dense_method_beside_the_other_where_it_has_both(monkeypatch):
    monkeypatch.setattr(contestants, "difftopk_loss", FakePeer)
    found = contestants.contestants(Case("bitonic", 8, 12), ["difftopk"])
    assert found.running["difftopk"].method == "bitonic"
    assert found.running["difftopk, dense"].method == "bitonic__non_sparse"
    assert "difftopk, dense" not in contestants.contestants(Case("odd_even", 8, 12), ["difftopk"]).running


def test_of_two_methods_the_faster_one_runs_and_both_times_are_kept():
    case, field = Case("bitonic", 8, 12), contestants.Field({}, {}, {})
    methods = {name: partial(FakePeer, case, name, weight) for name, weight in (("light", 0), ("heavy", 10**6))}
    contestants._enter_fastest(field, case, "peer", methods)
    assert field.running["peer"].method == "light" and set(field.tried) == {"light", "heavy"}


def test_kernels_of_a_step_are_counted_without_views_and_empty_memory():
    few, many = (operations.launches(Case("bitonic", 4, n)) for n in (8, 100))
    assert few < many < operations.operations(Contestant(Case("bitonic", 4, 100).loss()).step(*batch_of(100))).total()


def batch_of(classes):
    return Case("bitonic", 4, classes).sample()


def test_torch_compile_is_timed_with_its_first_step_or_says_why_not(monkeypatch):
    monkeypatch.setattr(torch, "compile", lambda loss, fullgraph: loss)
    (row,) = compiling.compiling(2, 0.05, [Case("bitonic", 4, 12)])
    assert row["compile_seconds"] > 0 and set(row["seconds"]) == {"torch.compile", "plain"}

    def fail(*arguments):
        raise RuntimeError("no compiler found\nstack")

    monkeypatch.setattr(torch, "compile", lambda loss, fullgraph: fail)
    (failed,) = compiling.compiling(2, 0.05, [Case("bitonic", 4, 12)])
    assert failed["reason"] == "no compiler found"
    row["break_even"] = 1234
    text = bench_tables.compiling({"compiling": [row, failed | {"reason": "no compiler found"}]})
    assert "1,234 steps" in text and "no compiler found" in text


def test_a_peer_out_of_reach_is_named_with_its_reason(monkeypatch):
    monkeypatch.setattr(contestants, "difftopk_loss", FakePeer)
    monkeypatch.setattr(reach, "MOST_SECONDS", 0)
    row = compare(Case("splitter_selection", 4, 12), ["difftopk"], 2, 0.05)
    assert "difftopk" not in row["seconds"] and row["left_out"]["difftopk"].startswith("splitter_selection: one step")


def test_turns_are_shared_out_and_ratios_are_taken_round_by_round():
    clock = itertools.count()
    turns = timing.interleaved({"a": lambda: next(clock), "b": lambda: None}, 8, 1.0)
    assert len(turns["a"]) == len(turns["b"]) == 8
    made = {"slow": {0: 10.0, 4: 30.0}, "fast": {0: 1.0, 1: 9.0, 4: 2.0}}
    assert timing.ratio(made, "slow", "fast") == pytest.approx(12.5)
    assert timing.median(made, "fast") == 2.0 and timing.best_ratio(made, "slow", "fast") == 10.0


@pytest.mark.parametrize(
    ("affordable", "rounds", "every"), [(100, 16, 1), (8, 16, 2), (4, 16, 4), (0.1, 16, 4), (1, 2, 1)]
)
def test_who_is_slow_sits_out_but_has_three_turns(affordable, rounds, every):
    assert timing._every(affordable, rounds) == every
    assert len(range(0, rounds, every)) >= min(rounds, 3)


def test_growth_stops_where_a_rule_says_so(monkeypatch):
    monkeypatch.setattr(growth, "MOST_BYTES", 2**20)
    monkeypatch.setattr(growth, "MOST_BUILD", math.inf)
    monkeypatch.setattr(growth, "MOST_STEP", math.inf)
    grown = growth.growth((16, 4096), 2, 0.05)
    assert set(grown["ends"]) == set(growth.WAYS)
    assert all(end["classes"] == 4096 and "GiB" in end["rule"] for end in grown["ends"].values())
    assert {row["classes"] for row in grown["rows"]} == {16} and grown["slopes"]["bitonic"]["seconds"] is None


def test_every_loss_sorter_and_threshold_is_compared_with_cross_entropy(measured):
    rows = [row for row in measured["losses"] if row["classes"] == 12]
    assert {row["loss"] for row in rows} == set(LOSSES)
    assert {row["settings"].get("threshold") for row in rows} == {None, *THRESHOLDS}
    assert {row["settings"].get("sorter") for row in rows} == {None, *SORTERS} - {"odd_even", "bitonic"}
    assert next(row for row in rows if row["loss"] == "ce")["ratio"] == 1
    assert all(row["seconds"] > 0 and row["saved_bytes"] > 0 for row in rows)


def test_a_loss_that_registers_itself_is_compared_and_has_a_line(measured):
    LOSSES.register("new", "new loss")(TopKHingeLoss)
    try:
        made = losses.losses(2, 0.05, sizes=[(4, 12)])
        lines = bench_tables.losses(measured | {"losses": made}).splitlines()
    finally:
        LOSSES.remove("new")
    assert any(line.startswith("| new loss | ×") for line in lines)
    assert bench_tables.losses(measured | {"losses": made}).count("| new | ×") == 1, "a loss of the past keeps its line"


def test_with_many_classes_losses_without_a_sorter_are_compared(monkeypatch):
    monkeypatch.setattr(losses, "MANY", 12)
    rows = losses.losses(2, 0.05, sizes=[(4, 12)])
    assert {row["loss"] for row in rows} == set(LOSSES) - {"topk"}


def test_a_peer_takes_part_if_its_loss_is_the_same(monkeypatch):
    hinges = {"same": lambda classes: TopKHingeLoss(), "other": lambda classes: TopKHingeLoss(kind="beta", k=1)}
    monkeypatch.setattr(losses, "PEER_LOSSES", {"topk_hinge": hinges})
    rows = {row["peer"]: row for row in losses.losses(2, 0.05, ["same", "other"], [(4, 12)]) if row["peer"]}
    assert rows["same"]["ratio"] > 0 and "seconds" not in rows["other"]
    assert rows["other"]["left_out"].startswith("its loss is ") and "this library's" in rows["other"]["left_out"]
    monkeypatch.setattr(reach, "MOST_SECONDS", 0)
    rows = {row["peer"]: row for row in losses.losses(2, 0.05, ["same"], [(4, 12)])}
    assert rows["same"]["left_out"] == "not tried, since this library's is out of reach"


@pytest.mark.parametrize(("of", "peer"), [(of, peer) for of, found in peers.PEER_LOSSES.items() for peer in found])
def test_a_peer_that_is_installed_has_the_same_loss(of, peer):
    pytest.importorskip(peer)
    (entry,) = (each for each in losses.entries([peer]) if each.peer and of in each.name)
    assert losses._unlike(Case("splitter_selection", 8, 20), entry) == ""


def test_the_table_of_losses_says_what_was_left_out_and_copes_with_a_record_without_them(measured):
    changed = copy.deepcopy(measured)
    row = next(row for row in changed["losses"] if row["settings"].get("sorter") == "sinkhorn")
    row["left_out"] = "one step would take 99 s"
    text = bench_tables.losses(changed)
    head, _, first, *_ = text.splitlines()
    assert head == "| forward and backward | B = 4, n = 12 | B = 2, n = 30 |" and first.startswith("| cross-entropy | ")
    assert "| top-k loss, Sinkhorn | left out | ×" in text
    assert "top-k loss, Sinkhorn, B = 4, n = 12: one step would take 99 s." in text
    assert "| top-k loss, soft top-k set, Laplace (LapSum) | ×" in text
    del changed["losses"]
    assert bench_tables.losses(changed) == "| every loss |\n|---|\n| not in the record; `make bench` |"
    with pytest.raises(ValueError, match=r"losses\[0\].loss is missing"):
        bench_tables.losses(changed | {"losses": [{}]})


def test_a_slope_is_the_exponent():
    rows = [{"way": "w", "classes": n, "seconds": 3e-6 * n**1.5} for n in (10, 100, 1000)]
    assert growth._slope(rows, "w", "seconds") == pytest.approx(1.5)


def test_the_record_has_what_other_records_have(measured):
    assert {"command", "settings", "versions", "machine", "rows", "growth", "training", "losses"} <= measured.keys()
    assert measured["versions"]["torch"] == torch.__version__ and measured["versions"]["difftopk"] == "0.0"
    assert measured["settings"]["p_k"] == list(P_K) and measured["machine"]["threads"] == torch.get_num_threads()
    first = measured["rows"][0]
    assert first["loss"]["difftopk"] == pytest.approx(first["loss"]["plain"])


def test_every_record_table_has_a_line_for_what_was_measured(measured):
    tables = {name: make(measured).split("\n\n")[0].splitlines() for name, make in bench_tables.RECORD_TABLES.items()}
    ratio = times(measured["rows"][0]["ratios"][fastest(measured["rows"][0])]["difftopk"])
    assert len(tables["bench"]) == 2 + 2 and f", {ratio} |" in tables["bench"][2]
    assert len(tables["bench-memory"]) == 2 + 2 and len(tables["bench-selection"]) == 2 + 1
    assert "none of torchsort, softtorch was installed" in tables["bench-ranks"][2]
    assert len(tables["bench-losses"]) == 2 + len(list(losses.entries()))
    assert len(tables["bench-training"]) == 2 + 2 * (1 + len(VARIANTS)) and len(tables["growth"]) == 2 + len(
        growth.WAYS
    )
    for lines in tables.values():
        assert len({line.count("|") for line in lines}) == 1


def test_the_table_says_what_is_out_of_reach_and_why(measured):
    changed = copy.deepcopy(measured)
    changed["rows"][1]["left_out"]["diffsort"] = "bitonic: one step would take 99 s"
    text = bench_tables.speed(changed)
    assert (
        "| out of reach |" in text
        and "diffsort, bitonic, B = 4, n = 30, m = 8: bitonic: one step would take 99 s." in text
    )
    assert "torch-sparse was not installed" in text
    assert "diffsort out of reach" in bench_times(changed)[1]


def test_two_variants_have_a_column_each(measured):
    changed = copy.deepcopy(measured)
    changed["variants"] = ["plain", "compiled"]
    for row in changed["rows"]:
        row["seconds"]["compiled"], row["saved_bytes"]["compiled"] = 1e-5, 8
        row["ratios"]["compiled"] = {name: 70.0 for name in row["ratios"]["plain"]}
    for row in changed["training"]:
        for part in ("images_per_second", "loss_seconds", "loss_share", "ratio"):
            row[part]["compiled"] = 0.5
    text = bench_tables.speed(changed)
    assert "| this library, plain | this library, compiled | difftopk |" in text and ", ×70 |" in text
    assert "difftopk ×70" in bench_times(changed)[1]
    assert bench_tables.training(changed).count("compiled") == 2


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("draw", BENCH_PICTURES.values(), ids=BENCH_PICTURES)
def test_a_figure_has_the_paper_of_its_theme_and_a_margin(draw, theme, measured):
    figure, caption = draw(measured, theme)
    pixels = decode(style.png(figure))
    paper = np.array([int(style.THEMES[theme].paper[i : i + 2], 16) for i in (1, 3, 5)])
    marked = (pixels != paper).any(axis=2)
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    assert rows[0] >= 6 and rows[-1] < len(marked) - 6, "cut off above or below"
    assert columns[0] >= 6 and columns[-1] < marked.shape[1] - 6, "cut off at a side"
    assert "nan" not in caption and caption.endswith(".")


def test_figures_say_their_numbers_and_refuse_what_they_cannot_draw(measured):
    row = measured["rows"][0]
    said = bench_times(measured)[1]
    own = fastest(row)
    assert f"{1000 * row['seconds'][own]:.3g}; " in said and times(row["ratios"][own]["difftopk"]) in said
    slope = measured["growth"]["slopes"]["bitonic"]["seconds"]
    assert f"bitonic n^{slope:.2f} and " in growth_curves(measured)[1]
    with pytest.raises(ValueError, match="record must hold at least one row"):
        bench_times(measured | {"rows": []})
    grown = measured["growth"]
    few = grown | {"rows": [row for row in grown["rows"] if row["classes"] == 16]}
    with pytest.raises(ValueError, match=r"record must hold growth at two sizes or more, got \[16\]"):
        growth_curves({"growth": few})
    with pytest.raises(ValueError, match="theme must be one of 'light', 'dark', got 'sepia'"):
        bench_times(measured, "sepia")


def test_the_command_prints_the_tables_and_writes_record_and_figures(tmp_path, monkeypatch, capsys, measured):
    monkeypatch.setattr(__main__, "make_record", lambda plan, say: copy.deepcopy(measured) | {"rounds": plan.rounds})
    monkeypatch.setattr(__main__, "installed", lambda: {"difftopk": "0.0"})
    out = tmp_path / "new" / "bench.json"
    monkeypatch.setattr(__main__, "keep_memory", lambda: True)  # of this process it would stay so
    __main__.main(["--quick", "--rounds", "5", "--out", str(out), "--figures", str(tmp_path)])
    said = capsys.readouterr().out
    assert "difftopk 0.0\n" in said and "diffsort is not installed and left out; pip install" in said
    assert bench_tables.speed(measured) in said and bench_tables.growth(measured) in said
    written = json.loads(out.read_text(encoding="utf-8"))
    assert written["rounds"] == 5 and written["rows"] == measured["rows"]
    for name, draw in BENCH_PICTURES.items():
        assert caption_of(tmp_path / name) == draw(written)[1]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (duration(0.00421), "4.21 ms"),
        (duration(0.156), "156 ms"),
        (duration(2.5e-5), "25.0 µs"),
        (duration(12.34), "12.3 s"),
        (duration(0.9996), "1.00 s"),
        (amount(128), "128 B"),
        (amount(2983), "2.98 kB"),
        (amount(4.386e6), "4.39 MB"),
        (times(37.6), "×38"),
        (times(2.94), "×2.9"),
        (times(1.024), "×1.02"),
        (times(0.0069), "×0.0069"),
    ],
)
def test_quantities_are_short(said, expected):
    assert said == expected


def test_shares_of_the_training_loop_are_fractions(measured):
    for row in measured["training"]:
        assert all(0 < share < 1 for share in row["loss_share"].values())
        assert all(math.isfinite(speed) and speed > 0 for speed in row["images_per_second"].values())
