"""What the README shows works as shown."""

import json
import re
from pathlib import Path

import torch

from topk_lib.course.lessons import LESSONS, notebook_name
from topk_lib.experiments.grids.grid_results import GridResults

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


def test_the_top_k_loss_did_not_lengthen_the_recorded_run():
    seconds = [
        json.loads((ROOT / "data" / "results" / f"cifar10-{name}.json").read_text(encoding="utf-8"))["train_seconds"]
        for name in ("ce", "topk")
    ]
    assert seconds[0] <= 100
    assert seconds[1] < seconds[0]


def test_what_the_text_says_of_the_sweep_is_what_the_record_says():
    """The numbers are checked by `report --check`; these are the words around them."""
    results = GridResults.from_file(ROOT / "data" / "results" / "when-it-helps.json")

    def verdicts(capacity, loss):
        gains = results.gains(f"{capacity}, spread 0.7", loss)
        return gains[0].verdict, gains[-1].verdict

    assert verdicts("linear", "even") == ("loss", "gain")
    few, control = (results.gains("linear, spread 0.7", f"{p_k}, m = 16") for p_k in ("even", "cross-entropy"))
    assert few[0].verdict == "open" and few[-1].low > results.gains("linear, spread 0.7", "even")[-1].high
    assert control[-1].verdict == "open"
    assert verdicts("larger MLP", "even") == ("loss", "loss")
    assert verdicts("larger MLP", "even, m = 16") == ("loss", "open")
    assert "six P_K" in README and sum("," not in loss for loss in results.losses) == 6


def test_lessons_are_listed_with_the_minutes_of_the_guide():
    guide = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\d\d) .+?\]\(notebooks/(.+?)\) \|.*\| (\d+) \| (\d+) \|$", README, flags=re.MULTILINE)
    assert len(listed) == len(LESSONS)
    for number, name, minutes, exercises in listed:
        assert name == notebook_name(int(number)) and int(exercises) == len(LESSONS[int(number)].exercises)
        assert re.search(rf"\({name}\) \| {minutes} \|", guide), name
