"""What the README shows works as shown."""

import json
import re
from pathlib import Path

import pytest
import torch

from topk_lib.course.lessons import LESSONS, notebook_name
from topk_lib.training.blob_runs import Condition
from topk_lib.training.sweep_results import SweepResults

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_python_samples_run_and_have_the_shapes_they_claim():
    samples = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
    assert len(samples) == 2
    names: dict[str, object] = {}
    for sample in samples:
        exec(compile(sample, "README.md", "exec"), names)
    assert names["logits"].grad.shape == (128, 100)
    assert names["P"].shape == (128, 5, 100)
    assert names["q"].shape == (128, 5)
    assert names["loss_fn"](names["logits"], names["target"]).isfinite()
    assert set(names["accuracy"]) == {1, 5}
    torch.testing.assert_close(names["P"].sum(-1), torch.ones(128, 5))


def test_every_file_that_is_linked_exists():
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert len(links) > 10
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)\b(?= +#)", README))
    assert {"lab", "test", "train"} <= named <= targets


@pytest.mark.parametrize("name", ["cifar10-ce", "cifar10-topk", "synthetic100-ce", "synthetic100-topk"])
def test_measured_numbers_are_those_of_the_records(name):
    record = json.loads((ROOT / "data" / "results" / f"{name}.json").read_text(encoding="utf-8"))
    accuracies = " | ".join(f"{100 * record['final'][f'top{k}']:.1f} %" for k in (1, 2, 3, 5))
    assert f"| {accuracies} | {record['train_seconds']:.0f} s |" in README


def test_best_possible_accuracy_is_that_of_the_record():
    record = json.loads((ROOT / "data" / "results" / "synthetic100-ce.json").read_text(encoding="utf-8"))
    best = record["data"]["best_possible"]
    assert " | ".join(f"{100 * best[f'top{k}']:.1f} %" for k in (1, 2, 3, 5)) in README


def test_the_top_k_loss_did_not_lengthen_the_recorded_run():
    seconds = [
        json.loads((ROOT / "data" / "results" / f"cifar10-{name}.json").read_text(encoding="utf-8"))["train_seconds"]
        for name in ("ce", "topk")
    ]
    assert seconds[0] <= 100
    assert seconds[1] < seconds[0]


def test_gains_are_those_of_the_recorded_sweep():
    results = SweepResults.from_file(ROOT / "data" / "results" / "when-it-helps.json")
    assert f"{len(results.record['rows'])} small runs" in README
    for capacity in ("linear", "larger MLP"):
        gains = results.gains(Condition(capacity, 0.7), "even")
        assert f"| {capacity} | {gains[0]} | {gains[4]} |" in README


def test_lessons_are_listed_with_the_minutes_of_the_guide():
    guide = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\d\d) .+?\]\(notebooks/(.+?)\) \|.*\| (\d+) \| (\d+) \|$", README, flags=re.MULTILINE)
    assert len(listed) == len(LESSONS)
    for number, name, minutes, exercises in listed:
        assert name == notebook_name(int(number)) and int(exercises) == len(LESSONS[int(number)].EXERCISES)
        assert re.search(rf"\({name}\) \| {minutes} \|", guide), name
