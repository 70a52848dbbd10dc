"""Lesson 07: what it computes equals the library, and what it says of the sweep comes from the record."""

import json
import re
from pathlib import Path

import pytest
import torch

from topk_lib.course.lesson_07 import mechanism, recorded
from topk_lib.course.lesson_07.noisy import noisy_chances
from topk_lib.course.lesson_07.posterior import mixture_posterior
from topk_lib.course.lesson_07.reachable import reachable_accuracy
from topk_lib.data import best_topk_accuracy
from topk_lib.data.blobs import blob_mixture, noisy_posterior
from topk_lib.plots import gain_forest, paired_gains
from topk_lib.training.blob_runs import Condition, Loss, Points, blob_points, build_network

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
        torch.testing.assert_close(torch.stack([noisy_chances(p, groups, 0.2) for p in posterior]), wanted)
    assert reachable_accuracy(posterior, posterior, 2) == pytest.approx(best_topk_accuracy(posterior, (2,))[2])


def test_shares_by_rank_count_labels_and_pull_is_minus_the_gradient():
    _, _, test = blob_points(Condition(), 1)
    some = Points(*(part[:400] for part in test))
    model = build_network("linear", 1)
    scores = model(some.features).detach()
    order = scores.argsort(dim=1, descending=True)
    ranks = 1 + (order == some.labels[:, None]).long().argmax(dim=1)
    assert torch.equal(mechanism.label_ranks(model, some), ranks)
    inside = [(ranks == 1), (ranks > 1) & (ranks <= 5), (ranks > 5) & (ranks <= 10), ranks > 10]
    assert mechanism.rank_shares(model, some) == pytest.approx([rows.double().mean().item() for rows in inside])
    pull = 1 - scores.softmax(dim=1).gather(1, some.labels[:, None])[:, 0]
    wanted = [(pull[rows].sum() / pull.sum()).item() for rows in inside]
    assert mechanism.pull_shares(model, some, "cross-entropy") == pytest.approx(wanted, abs=1e-5)
    assert sum(mechanism.pull_shares(model, some, "even")) == pytest.approx(1)
    assert mechanism.BUCKETS == ("1", "2 to 5", "6 to 10", "11 to 100")


def test_panels_and_rows_hold_the_gains_of_the_record(results):
    (panel,) = recorded.trade_panel(results).values()
    assert panel["P_K = [.2, .2, .2, .2, .2]"] == results.gains(Condition("linear", 0.7), "even")
    assert panel["P_K = [0, 0, 0, 0, 1]"] == results.gains(Condition("linear", 0.7), "top-5 alone")
    nine = recorded.capacity_panels(results)
    assert len(nine) == 9
    assert nine["larger MLP, high ambiguity"]["P_K = [.2, .2, .2, .2, .2]"] == results.gains(
        Condition("larger MLP", 1.0), "even"
    )
    noise = recorded.noise_panels(results)["linear, 30 % in groups"]
    assert noise["the same, m = 16"] == results.gains(Condition("linear", 0.7, "group", 0.3), Loss("even", 16))
    groups = recorded.answer_rows(results)
    row = groups["linear"][1]
    assert (row.name, row.top5) == ("middle ambiguity", results.gains(Condition("linear", 0.7), "even")[-1])
    assert row.room == results.room(Condition("linear", 0.7))[-1]
    assert sum(map(len, groups.values())) == len(results.conditions)


def test_the_record_in_the_nearest_data_folder_comes_first(monkeypatch, tmp_path):
    folder = tmp_path / "data" / "results"
    folder.mkdir(parents=True)
    (folder / "when-it-helps.json").write_text(json.dumps({"rows": [], "best": []}))
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
    assert gain_forest(recorded.answer_rows(results))[1] in stored
    assert f"{len(results.record['rows'])} runs" in stored


def test_the_prose_holds_no_measured_number(notebook):
    """Accuracies, gains and intervals are printed by code; the text may only name settings."""
    settings = {"0.02"}  # a learning rate
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and not text.startswith(("### Exercise", "**Predict")):
            assert not re.search(r"[±]\s*\d|\d\s*points", text), text
            assert set(re.findall(r"\d+\.\d+", text)) <= settings, text


VERDICTS = [
    ("linear", 0.4, 0, "loss"),
    ("linear", 0.4, 4, "gain"),
    ("linear", 0.7, 0, "loss"),
    ("linear", 0.7, 4, "gain"),
    ("linear", 1.0, 4, "open"),
    ("small MLP", 0.7, 4, "loss"),
    ("larger MLP", 0.7, 4, "loss"),
]
NOISE_VERDICTS = [
    ("linear", "even", None, ("loss", "gain")),
    ("linear", "even", 16, ("loss", "gain")),
    ("linear", "cross-entropy", 16, ("loss", "loss")),
    ("larger MLP", "even", None, ("gain", "gain")),
    ("larger MLP", "even", 16, ("gain", "gain")),
]


@pytest.mark.parametrize(("capacity", "spread", "k", "verdict"), VERDICTS)
def test_what_the_text_says_of_capacity_and_ambiguity_is_what_the_record_says(results, capacity, spread, k, verdict):
    assert results.gains(Condition(capacity, spread), "even")[k].verdict == verdict


@pytest.mark.parametrize("noise", ["uniform", "group"])
@pytest.mark.parametrize(("capacity", "loss", "m", "verdicts"), NOISE_VERDICTS)
def test_what_the_text_says_of_noise_is_what_the_record_says(results, noise, capacity, loss, m, verdicts):
    gains = results.gains(Condition(capacity, 0.7, noise, 0.3), Loss(loss, m))
    assert (gains[0].verdict, gains[-1].verdict) == verdicts


def test_more_weight_on_five_costs_more_top_one(results):
    gains = {loss: results.gains(Condition(), loss)[0] for loss in ("even", "half and half", "top-5 alone")}
    assert gains["top-5 alone"].high < min(gains["even"].low, gains["half and half"].low)
