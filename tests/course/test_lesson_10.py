"""Lesson 10: evidence exists, commands can be typed, numbers come from records, and only verified ones are quoted."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
import torch

from topk_lib.__main__ import build_parser
from topk_lib.course.lesson_10 import oracle
from topk_lib.course.lesson_10.recomputed import recomputed
from topk_lib.course.lesson_10.tables import EMPTY, claims_table, dossier, quoted_table
from topk_lib.experiments import results as records
from topk_lib.experiments.commands.options import config_from
from topk_lib.experiments.report import findings
from topk_lib.experiments.report.claims import (
    APPROXIMATED,
    BASELINE_COMMAND,
    CLAIMS,
    NOT_ATTEMPTED,
    PAPER_COMMAND,
    QUOTED,
    TAGS,
    claim,
)

from .grid_names import condition

ROOT = Path(__file__).parents[2]
RUNS = ("cifar10-ce", "cifar10-topk", "synthetic100-ce", "synthetic100-topk")
IDS = [each.id for each in CLAIMS]


def config_of(command):
    words = shlex.split(command)
    assert words[:4] == ["python", "-m", "topk_lib", "train"]
    return config_from(build_parser().parse_args(words[3:]))


@pytest.fixture
def own_results(tmp_path, monkeypatch):
    """A results folder that holds copies, to be changed at will."""
    folder = tmp_path / "data" / "results"
    folder.mkdir(parents=True)
    for path in (ROOT / "data" / "results").glob("*.json"):
        (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def change(folder, name, edit):
    path = folder / f"{name}.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    edit(record)
    path.write_text(json.dumps(record), encoding="utf-8")


@pytest.mark.parametrize("id", IDS)
def test_evidence_of_a_claim_exists(id):
    found = claim(id)
    assert found.tag in TAGS and found.text.endswith(".") and found.command
    assert all((ROOT / test).is_file() for test in found.tests)
    assert all((ROOT / "data" / "results" / f"{name}.json").is_file() for name in found.records)
    assert (found.tag == NOT_ATTEMPTED) == (not found.tests and not found.records)


def test_claims_that_were_not_attempted_have_no_finding():
    assert all(found.finding is None for found in CLAIMS if found.tag == NOT_ATTEMPTED)
    assert all(found.finding is not None for found in CLAIMS if found.tag == APPROXIMATED)
    assert len(set(IDS)) == len(IDS)
    with pytest.raises(ValueError, match=r"id must be one of 'cross-entropy', .*, got 'cifar'"):
        claim("cifar")


@pytest.mark.parametrize("id", [found.id for found in CLAIMS if found.finding])
def test_dossiers_say_what_is_seen(id, capsys):
    dossier(id)
    printed = capsys.readouterr().out
    assert "seen: " in printed and "repeat: " in printed and "nan" not in printed
    assert all(len(line) <= 96 for line in printed.splitlines())


def test_the_table_names_every_claim_under_its_tag():
    parts = claims_table().split("\n" + NOT_ATTEMPTED.upper())
    assert len(parts) == 2
    for found in CLAIMS:
        assert f"  {found.id}: " in parts[found.tag == NOT_ATTEMPTED]


@pytest.mark.parametrize("name", RUNS)
def test_the_command_of_a_record_makes_the_same_run(name):
    asked = json.loads((ROOT / "data" / "results" / f"{name}.json").read_text(encoding="utf-8"))["config"]
    config = config_of(records.command_of(name)).resolved()
    assert {setting: config[setting] for setting in asked} == asked
    came_later = {setting: value for setting, value in config.items() if setting not in asked and value is not None}
    as_before = {"label_smoothing": 0.0} | ({"eps": 1e-7} if config["loss"] == "topk" else {})
    assert came_later == as_before


def test_the_command_of_the_empty_slot_is_the_papers_protocol():
    """200 epochs, Adam at a constant 1e-3 without weight decay, batches of 128, crops and flips, 2 500 held out."""
    topk, plain = config_of(PAPER_COMMAND), config_of(BASELINE_COMMAND)
    recipe, loss = topk.make_recipe(), topk.make_loss()
    assert recipe == plain.make_recipe() and (topk.model, topk.dataset) == (plain.model, "cifar100")
    assert (recipe.epochs, recipe.optimizer, recipe.schedule, recipe.lr) == (200, "adam", "constant", 1e-3)
    assert (recipe.weight_decay, recipe.batch_size, recipe.flip, recipe.val_fraction) == (0, 128, True, 0.05)
    sorter = loss.sorter
    assert (sorter.distribution, sorter.art_lambda, sorter.steepness) == ("logistic_phi", 0.5, 0.5)
    assert (loss.m, loss.top1_mode, plain.loss) == (None, "smce", "ce")


@pytest.mark.parametrize("name", records.record_names())
def test_every_record_tells_where_it_comes_from(name):
    text = records.origin_text(name)
    record = records.read_result(name)
    assert text.startswith(f"data/results/{name}.json\n")
    for part in ("settings: ", "software: topk_lib ", "machine: ", "holds: ", "repeat: python -m "):
        assert part in text
    assert record["versions"]["torch"] in text and all(len(line) <= 96 for line in text.splitlines())


def test_runs_of_two_machines_are_told_of_both():
    machines = records.read_result("cifar10-resnet18")["machine"]
    text = " ".join(records.origin_text("cifar10-resnet18").split())
    assert len(machines) == 2
    assert (
        " or ".join(f"{machine['device_name']}, threads: {machine['threads']}, bfloat16" for machine in machines)
        in text
    )


def test_an_unknown_record_is_refused_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"name must be one of .*'cifar10-ce', .*, got 'imagenet'"):
        records.read_result("imagenet")


def test_no_folder_of_records_is_said_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert records.results_folder() == ROOT / "data" / "results"
    monkeypatch.setattr(records, "REPOSITORY", tmp_path)
    with pytest.raises(FileNotFoundError, match="no folder data/results here or above"):
        records.results_folder()


def test_findings_follow_the_record(own_results):
    change(own_results, "cifar10-topk", lambda record: record["final"].update(top1=0.9155))
    assert "cifar10 top-1 +10.00 ± " in findings.from_scratch()
    name = "holds: top-1 91.55 %"
    assert name in records.origin_text("cifar10-topk")

    def slower(record):
        for row in record["rows"]:
            row["seconds"] = 1.0 if row["network"] == "bitonic" else 0.5

    change(own_results, "cost", slower)
    assert "0.50 of the bitonic network's time" in findings.cost()


def test_verdicts_are_counted_by_condition(own_results):
    losses = {"cross-entropy": [1.0], "even": [0.2] * 5, "never tried": [0.0, 1.0]}
    rows = []
    for seed in range(3):
        for rate, ahead in ((0.0, 0.02), (0.1, -0.5)):
            for loss, gain in (("cross-entropy", 0.0), ("even", ahead)):
                top = [0.5 + 0.01 * seed, 0.6, 0.7, 0.8, 0.9 + gain / 10 + 0.001 * seed * (gain > 0)]
                named = {"condition": condition("linear", 0.4, "uniform", rate), "loss": loss, "role": "test"}
                accuracies = {f"top{k}": value for k, value in enumerate(top, 1)}
                rows.append({**named, "seed": seed, "lr": 0.1, **accuracies})
    conditions = dict.fromkeys(row["condition"] for row in rows)
    grid = {"conditions": {name: {} for name in conditions}, "losses": losses, "seeds": [0, 1, 2], "metric": "top5"}
    record = {"grid": grid, "baseline": "cross-entropy", "best_possible": {}, "rows": rows}
    path = own_results / "when-it-helps.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    counts = findings.verdicts()
    assert counts == {"even": {"top-1": {"open": 1}, "top-5": {"gain": 1}}}
    assert "even, 1 conditions: top-1 0 gains, 0 losses, 1 open, top-5 1 gains" in findings.varied_p_k()
    path.unlink()
    assert findings.varied_p_k() == "There is no finished record data/results/when-it-helps.json yet."


def test_what_the_text_says_of_p_k_is_what_the_record_says():
    """No P_K keeps top-1 anywhere; each gains in top-5 in some conditions, and loses in more."""
    counts = findings.verdicts()
    assert len(counts) == 5
    for by_k in counts.values():
        assert set(by_k["top-1"]) == {"loss"} and by_k["top-1"].total() == by_k["top-5"].total() == 9
        assert 0 < by_k["top-5"]["gain"] < by_k["top-5"]["loss"]


def test_what_the_text_says_of_few_scores_is_what_the_record_says():
    text = findings.accuracy_with_m()
    for loss in ("even", "cross-entropy"):
        low, high = (float(value) for value in re.search(rf"{loss} (\S+) to (\S+) in 11 conditions", text).groups())
        assert low < -1 and high > 1


def test_slots_are_empty_until_there_is_a_record(own_results):
    assert quoted_table().count(EMPTY) == 4
    run = json.loads((own_results / "cifar10-topk.json").read_text(encoding="utf-8"))
    run["final"] = {"top1": 0.6123, "top5": 0.8765}
    (own_results / "cifar100-paper.json").write_text(json.dumps(run), encoding="utf-8")
    table = quoted_table()
    assert table.count(EMPTY) == 2 and "top-k loss" in table and " 61.23    87.65  this kit" in table


def test_only_verified_numbers_are_quoted():
    printed = {(quoted.top1, quoted.top5) for quoted in QUOTED}
    verified = {("61.89", "86.94"), ("62.00", "86.73"), ("64.53", "88.51"), ("75.6", "93.1")}
    assert printed == verified | {("40.22", "70.88"), ("88.37", None)}
    assert all(quoted.source for quoted in QUOTED)


def test_distances_to_the_authors_code_are_those_of_the_oracle_test():
    found = oracle.distances()
    assert len(found.ours) == len(found.theirs) == 240
    assert found.ours.max() < 1e-5 and int((found.theirs < 1e-5).sum()) == 221


def test_a_wrong_loss_would_be_seen_in_the_distances(monkeypatch):
    class Doubled(oracle.TopKCrossEntropyLoss):
        def forward(self, logits, target):
            return 1.01 * super().forward(logits, target)

    monkeypatch.setattr(oracle, "TopKCrossEntropyLoss", Doubled)
    assert np.median(oracle.distances().ours) > 1e-4


def test_worked_solution_reads_what_the_finding_prints():
    topk, ce = (records.read_result(name) for name in ("cifar10-topk", "cifar10-ce"))
    for k in (1, 5):
        assert recomputed(topk, ce, k)[1] == pytest.approx(findings.difference_in_points(topk, ce, f"top{k}")[0])


def test_standard_error_of_a_difference_is_that_of_two_samples():
    a, b = ({"final": {"top1": x}, "data": {"test_images": 10_000}} for x in (0.5, 0.8))
    gap, error = findings.difference_in_points(a, b, "top1")
    assert gap == pytest.approx(-30) and error == pytest.approx(100 * (0.25 / 1e4 + 0.16 / 1e4) ** 0.5)
    hits = (torch.rand(2000, 10_000, generator=torch.Generator().manual_seed(0)) < 0.5).float().mean(1)
    assert hits.std().item() == pytest.approx((0.25 / 1e4) ** 0.5, rel=0.05)
