"""The study of softness: it runs what its file lacks, and its numbers are those of its rows."""

import json

import pytest

from topk_lib.experiments import softness_study
from topk_lib.experiments.softness_study import main, outcomes, rank_correlation

TINY = {"dataset": "blobs", "model": "linear", "lr": 0.03, "epochs": 2, "train_size": 1000, "test_size": 500}


def test_it_runs_what_the_file_lacks_and_means_are_paired_with_cross_entropy(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(softness_study, "CONDITIONS", {"one": TINY, "two": {**TINY, "epochs": 1}})
    monkeypatch.setattr(softness_study, "DISTRIBUTIONS", ("cauchy", "logistic_phi"))
    monkeypatch.setattr(softness_study, "STEEPNESSES", (1.0,))
    monkeypatch.setattr(softness_study, "SEEDS", (0, 1))
    path = tmp_path / "study.json"
    assert main(["--out", str(path), "--only", "one"]) == 0
    first = json.loads(path.read_text())["rows"]
    assert {row["condition"] for row in first} == {"one"}
    assert main(["--out", str(path)]) == 0
    record = json.loads(path.read_text())
    rows = record["rows"]
    assert rows[:6] == first and [row["condition"] for row in rows[6:]] == ["two"] * 6
    assert [row["loss"] for row in first] == ["ce"] * 2 + ["topk"] * 4 and rows[4]["art_lambda"] == 0.5
    assert "softness_study" in record["command"]
    found = outcomes(record)
    assert list(found) == ["one", "two"]
    cauchy, art = found["one"]
    assert (cauchy.distribution, art.distribution) == ("cauchy", "logistic_phi")
    assert cauchy.top5 == pytest.approx(50 * sum(rows[2 + i]["top5"] - rows[i]["top5"] for i in (0, 1)))
    assert art.mass == pytest.approx(sum(row["diagnoses"]["epoch"]["top_mass"] for row in rows[4:6]) / 2)
    assert rows[2]["diagnoses"]["start"] != rows[2]["diagnoses"]["epoch"]
    assert len(capsys.readouterr().out.splitlines()) == 12


def test_a_rank_correlation_is_spearmans():
    assert rank_correlation([1.0, 5, 2, 30], [0.1, 0.5, 0.2, 0.9]) == pytest.approx(1)
    assert rank_correlation([1.0, 2, 3], [3.0, 2, 1]) == pytest.approx(-1)
    assert rank_correlation([1.0, 2, 3, 4, 5], [2.0, 1, 4, 3, 5]) == pytest.approx(0.8)
