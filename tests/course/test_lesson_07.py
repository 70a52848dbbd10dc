"""Lesson 07: what it computes equals the library, and what it says of the sweep comes from the record."""

import itertools
import json
import re
from pathlib import Path

import pytest
import torch

from topk_lib.course.figures import gain_forest, paired_gains
from topk_lib.course.lesson_07 import mechanism, recorded
from topk_lib.course.lesson_07.noisy import noisy_probabilities
from topk_lib.course.lesson_07.posterior import mixture_posterior
from topk_lib.course.lesson_07.reachable import reachable_accuracy
from topk_lib.experiments.data import EmbeddingSplit, best_topk_accuracy, load_blobs
from topk_lib.experiments.data.blobs import blob_mixture, noisy_posterior
from topk_lib.experiments.running import build_model
from topk_lib.experiments.statistics import paired_difference

from .grid_names import condition
from .grid_names import loss as loss_named

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "07_when_does_it_help.ipynb"


@pytest.fixture(scope="module")
def results():
    return recorded.recorded_sweep()


@pytest.fixture(scope="module")
def notebook():
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))


def test_the_solutions_equal_the_library():
    mixture = blob_mixture(5, classes=8, blobs=2, dims=3, spread=0.6, group_size=4)
    points, _ = mixture.draw(10)
    posterior = mixture.posterior(points)
    mine = torch.stack([mixture_posterior(x, mixture.centres, 0.6) for x in points.double()])
    torch.testing.assert_close(mine, posterior, atol=1e-9, rtol=0)
    for groups, kind in ((mixture.groups, "group"), (torch.zeros(8).long(), "uniform")):
        wanted = noisy_posterior(posterior, 0.2, mixture.groups, kind)
        torch.testing.assert_close(torch.stack([noisy_probabilities(p, groups, 0.2) for p in posterior]), wanted)
    assert reachable_accuracy(posterior, posterior, 2) == pytest.approx(best_topk_accuracy(posterior, (2,))[2])


def test_shares_by_rank_count_labels_and_pull_is_minus_the_gradient():
    data = load_blobs(1)
    some = EmbeddingSplit(data.test.features[:400], data.test.labels[:400])
    model = build_model("linear", data, 1)
    scores = model(some.features).detach()
    order = scores.argsort(dim=1, descending=True)
    ranks = 1 + (order == some.labels[:, None]).long().argmax(dim=1)
    assert torch.equal(mechanism.label_ranks(model, some), ranks)
    inside = [(ranks == 1), (ranks > 1) & (ranks <= 5), (ranks > 5) & (ranks <= 10), ranks > 10]
    assert mechanism.rank_shares(model, some) == pytest.approx([rows.double().mean().item() for rows in inside])
    pull = 1 - scores.softmax(dim=1).gather(1, some.labels[:, None])[:, 0]
    wanted = [(pull[rows].sum() / pull.sum()).item() for rows in inside]
    assert mechanism.pull_shares(model, some, [1.0]) == pytest.approx(wanted, abs=1e-5)
    assert sum(mechanism.pull_shares(model, some, [0.2] * 5)) == pytest.approx(1)
    assert mechanism.BUCKETS == ("1", "2 to 5", "6 to 10", "11 to 100")


def test_panels_and_rows_hold_the_gains_of_the_record(results):
    (panel,) = recorded.trade_panel(results).values()
    assert panel["P_K = [.2, .2, .2, .2, .2]"] == results.gains(condition("linear", 0.7), "even")
    assert panel["P_K = [0, 0, 0, 0, 1]"] == results.gains(condition("linear", 0.7), "top-5 alone")
    nine = recorded.capacity_panels(results)
    assert len(nine) == 9
    assert nine["larger MLP, high ambiguity"]["P_K = [.2, .2, .2, .2, .2]"] == results.gains(
        condition("larger MLP", 1.0), "even"
    )
    noise = recorded.noise_panels(results)["linear, 30 % in groups"]
    assert noise["the same, m = 16"] == results.gains(condition("linear", 0.7, "group", 0.3), loss_named("even", 16))
    groups = recorded.answer_rows(results)
    row, few = groups["linear"][1], groups["linear"][3]
    assert (row.name, row.top5) == ("middle ambiguity", results.gains(condition("linear", 0.7), "even")[-1])
    assert row.room == results.room(condition("linear", 0.7), "cross-entropy", "top5")
    assert (few.name, few.top1) == ("middle ambiguity, m = 16", results.gains(condition(), loss_named("even", 16))[0])
    assert sum(map(len, groups.values())) == len(results.conditions) + len(groups)


@pytest.mark.parametrize("capacity", ["linear", "larger MLP"])
def test_the_rows_of_the_knobs_are_all_other_settings_of_the_even_loss_once(results, capacity):
    where = condition(capacity, 0.7)
    rows = [row for group in recorded.knob_rows(results, capacity).values() for row in group]
    wanted = [results.gains(where, loss) for loss in results.losses_in(where) if loss.split(",")[0] == "even"]
    assert sorted((row.top1, row.top5) for row in rows) == sorted((gains[0], gains[-1]) for gains in wanted)
    assert {row.room for row in rows} == {None}


def test_a_row_of_the_knobs_holds_the_gains_of_the_setting_that_it_names(results):
    groups = recorded.knob_rows(results)
    assert list(groups) == [
        "as it comes",
        "other steepness",
        "other distribution",
        "other sorter",
        "few scores",
        "other top-1 mode",
        "other sorter, m = 16",
    ]
    for heading, position, name, loss in (
        ("as it comes", 0, "splitter_selection", loss_named("even")),
        ("other steepness", 0, "0.25", loss_named("even", steepness=0.25)),
        ("other steepness", -1, "8", loss_named("even", steepness=8.0)),
        ("other distribution", 0, "logistic", loss_named("even", distribution="logistic")),
        ("other sorter", 0, "neuralsort", loss_named("even", sorter="neuralsort")),
        ("few scores", 1, "m = 16", loss_named("even", 16)),
        ("other top-1 mode", 0, "smce", loss_named("even", top1_mode="smce")),
        ("other sorter, m = 16", 2, "sinkhorn", loss_named("even", 16, "sinkhorn")),
    ):
        row, gains = groups[heading][position], results.gains(condition(), loss)
        assert row == (name, None, gains[0], gains[-1])


def test_the_record_in_the_nearest_data_folder_comes_first(monkeypatch, tmp_path):
    folder, empty = tmp_path / "data" / "results", {"conditions": {}, "losses": {}, "seeds": [], "metric": "top5"}
    folder.mkdir(parents=True)
    (folder / "when-it-helps.json").write_text(
        json.dumps({"grid": empty, "baseline": "", "best_possible": {}, "rows": []})
    )
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert recorded.recorded_sweep.__wrapped__().conditions == ()


def outputs(notebook):
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            for kind in ("text/plain", "text/markdown"):
                yield "".join(output.get("data", {}).get(kind, ""))
            yield "".join(output.get("text", ""))


def test_every_figure_of_the_sweep_says_the_numbers_of_the_record(results, notebook):
    stored = "\n".join(outputs(notebook))
    for panels in (recorded.trade_panel, recorded.capacity_panels, recorded.noise_panels):
        assert paired_gains(panels(results))[1] in stored, panels.__name__
    for rows in (recorded.answer_rows, recorded.knob_rows):
        assert gain_forest(rows(results))[1] in stored, rows.__name__
    assert f"{len(results.record['rows'])} runs" in stored


def test_the_prose_holds_no_measured_number(notebook):
    """Accuracies, gains and intervals are printed by code; the text may only name settings."""
    settings = {"0.01", "0.03"}  # learning rates
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and not text.startswith(("### Exercise", "**Predict")):
            assert not re.search(r"[±]\s*\d|\d\s*points", text), text
            assert set(re.findall(r"\d+\.\d+", text)) <= settings, text


VERDICTS = [
    ("linear", 0.4, "loss", "gain"),
    ("linear", 0.7, "loss", "gain"),
    ("linear", 1.0, "loss", "open"),
    ("small MLP", 0.4, "loss", "open"),
    ("small MLP", 0.7, "loss", "open"),
    ("small MLP", 1.0, "loss", "open"),
    ("larger MLP", 0.4, "loss", "loss"),
    ("larger MLP", 0.7, "loss", "loss"),
    ("larger MLP", 1.0, "loss", "loss"),
]
CONTROL = loss_named("cross-entropy", 16)
FEW = loss_named("even", 16)
NOISE_VERDICTS = [
    ("linear", "uniform", 0.0, loss_named("even"), ("loss", "gain")),
    ("linear", "uniform", 0.3, loss_named("even"), ("loss", "open")),
    ("linear", "group", 0.3, loss_named("even"), ("loss", "gain")),
    ("linear", "uniform", 0.0, FEW, ("open", "gain")),
    ("linear", "uniform", 0.3, FEW, ("open", "gain")),
    ("linear", "group", 0.3, FEW, ("gain", "gain")),
    ("linear", "uniform", 0.0, CONTROL, ("gain", "open")),
    ("linear", "uniform", 0.3, CONTROL, ("loss", "loss")),
    ("linear", "group", 0.3, CONTROL, ("loss", "loss")),
    ("larger MLP", "uniform", 0.0, loss_named("even"), ("loss", "loss")),
    ("larger MLP", "uniform", 0.0, FEW, ("loss", "open")),
    ("larger MLP", "uniform", 0.3, loss_named("even"), ("loss", "loss")),
    ("larger MLP", "uniform", 0.3, FEW, ("open", "loss")),
    ("larger MLP", "group", 0.3, loss_named("even"), ("gain", "gain")),
    ("larger MLP", "group", 0.3, FEW, ("open", "open")),
    ("larger MLP", "group", 0.3, CONTROL, ("gain", "gain")),
    ("small MLP", "uniform", 0.3, loss_named("even"), ("loss", "gain")),
]
KNOB_VERDICTS = [
    ({"steepness": 0.25}, ("loss", "gain")),
    ({"steepness": 0.5}, ("loss", "gain")),
    ({"steepness": 8.0}, ("loss", "gain")),
    ({"distribution": "logistic"}, ("loss", "open")),
    ({"distribution": "logistic_phi"}, ("loss", "open")),
    ({"top1_mode": "smce"}, ("loss", "open")),
    ({"sorter": "neuralsort"}, ("loss", "gain")),
    ({"sorter": "softsort"}, ("loss", "gain")),
    ({"m": 8}, ("gain", "gain")),
]


def ends(gains):
    return gains[0].verdict, gains[-1].verdict


def difference(results, condition, loss, other, k):
    """The paired gain of one relaxed loss over another."""
    return paired_difference(*(results.values(condition, each, f"top{k}") for each in (loss, other)))


@pytest.mark.parametrize(("capacity", "spread", "top1", "top5"), VERDICTS)
def test_what_the_text_says_of_capacity_and_ambiguity_is_what_the_record_says(results, capacity, spread, top1, top5):
    assert ends(results.gains(condition(capacity, spread), "even")) == (top1, top5)


def test_cross_entropy_leaves_most_room_where_the_gain_of_the_linear_network_is_gone(results):
    clean = [name for name in results.conditions if "noise" not in name]
    rooms = {name: results.room(name, "cross-entropy", "top5") for name in clean}
    assert max(rooms, key=rooms.get) == condition("linear", 1.0)


@pytest.mark.parametrize(("capacity", "noise", "rate", "loss", "verdicts"), NOISE_VERDICTS)
def test_what_the_text_says_of_noise_is_what_the_record_says(results, capacity, noise, rate, loss, verdicts):
    assert ends(results.gains(condition(capacity, 0.7, noise, rate), loss)) == verdicts


@pytest.mark.parametrize(("noise", "rate"), [("uniform", 0.0), ("uniform", 0.3), ("group", 0.3)])
def test_with_few_scores_the_relaxed_loss_gains_more_on_the_linear_network(results, noise, rate):
    assert difference(results, condition("linear", 0.7, noise, rate), FEW, "even", 5).verdict == "gain"


def test_noisy_validation_labels_chose_the_rates_that_the_text_names(results):
    hard = condition("larger MLP", 0.7, "group", 0.3)
    chosen = [results.rate(hard, loss) for loss in ("cross-entropy", "even", FEW, CONTROL)]
    assert chosen == [0.03, 0.03, 0.03, 0.01]
    gains = {loss: results.gains(hard, loss) for loss in results.losses_in(hard)}
    assert all(max(gains, key=lambda loss: gains[loss][k].mean) == CONTROL for k in range(5))
    assert all(gain.verdict == "gain" for gain in results.gains(hard, "even"))


def test_single_seeds_with_few_scores_went_astray_under_noise(results):
    astray, *others = sorted(results.values(condition("larger MLP", 0.7, "group", 0.3), FEW, "top5"))
    assert others[0] - astray > 2 * (others[-1] - others[0])
    astray, *others = sorted(results.values(condition("larger MLP", 0.7, "uniform", 0.3), FEW, "top5"))
    assert others[0] - astray > 0.015


def test_all_p_k_trade_top_one_for_top_five_and_more_weight_on_five_pays_more_for_less(results):
    gains = {loss: results.gains(condition(), loss) for loss in (*recorded.TRADES, "mostly top-5")}
    for of_one in gains.values():
        means = [gain.mean for gain in of_one]
        assert ends(of_one) == ("loss", "gain") and means == sorted(means) and -means[0] > means[-1]
    for much, little in itertools.product(("nearly top-5", "top-5 alone"), ("even", "half and half")):
        assert {difference(results, condition(), much, little, k).verdict for k in (1, 5)} == {"loss"}
    for k in range(5):  # the P_K that the figure leaves out
        lies = [gains[loss][k].mean for loss in ("nearly top-5", "mostly top-5", "half and half")]
        assert lies == sorted(lies)


@pytest.mark.parametrize(("setting", "verdicts"), KNOB_VERDICTS)
def test_what_the_text_says_of_the_knobs_is_what_the_record_says(results, setting, verdicts):
    assert ends(results.gains(condition(), loss_named("even", **setting))) == verdicts


def test_softer_comparators_pay_less_and_other_sorters_more(results):
    usual = loss_named("even")
    for softer in (0.25, 0.5):
        assert difference(results, condition(), loss_named("even", steepness=softer), usual, 1).verdict == "gain"
    for steeper in (2.0, 4.0, 8.0):
        assert difference(results, condition(), loss_named("even", steepness=steeper), usual, 1).verdict == "loss"
    for sorter in ("neuralsort", "softsort"):
        assert difference(results, condition(), loss_named("even", sorter=sorter), usual, 1).verdict == "loss"
    rows = [row for group in recorded.knob_rows(results).values() for row in group]
    assert max(rows, key=lambda row: row.top1.mean).name == max(rows, key=lambda row: row.top5.mean).name == "m = 8"


def test_gains_of_the_answer_stand_where_the_text_says(results):
    groups = recorded.answer_rows(results)
    gaining = {capacity: [row.name for row in rows if row.top5.verdict == "gain"] for capacity, rows in groups.items()}
    assert gaining["small MLP"] == ["30 % uniform noise"]
    assert gaining["larger MLP"] == ["30 % noise in groups"] == [groups["larger MLP"][-1].name]
    knobs = [row for group in recorded.knob_rows(results, "larger MLP").values() for row in group]
    assert not any("gain" in (row.top1.verdict, row.top5.verdict) for row in knobs)


def test_only_relaxed_losses_on_the_linear_network_chose_a_rate_at_the_edge(results):
    rates = results.record["grid"]["tune"]["lr"]
    chosen = {(c, loss): results.rate(c, loss) for c in results.conditions for loss in results.losses_in(c)}
    assert min(rates) not in chosen.values() and max(rates) in chosen.values()
    for (where, loss), rate in chosen.items():
        assert rate != max(rates) or (where.startswith("linear") and not loss.startswith("cross-entropy"))
