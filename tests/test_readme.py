"""What the README shows works as shown."""

import re
from pathlib import Path

import torch

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
