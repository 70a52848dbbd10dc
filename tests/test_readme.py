"""What README and the other pages show works as shown, and their words are those of the records."""

import importlib.util
import json
import re
import shlex
from pathlib import Path

import pytest
import torch

from topk_lib import LOSSES, SORTERS
from topk_lib.__main__ import build_parser
from topk_lib.course.lessons import LESSONS, notebook_name
from topk_lib.experiments import Config, run
from topk_lib.experiments.data import DATASETS
from topk_lib.experiments.grids.grid_results import GridResults
from topk_lib.experiments.models import MODELS
from topk_lib.experiments.results import read_result

ROOT = Path(__file__).resolve().parents[1]
PAGES = {
    name: (ROOT / name).read_text(encoding="utf-8")
    for name in (
        *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md"),
        *("docs/guide.md", "docs/benchmarks.md", "docs/evidence.md", "docs/alternatives.md"),
    )
}
README, GUIDE, EVIDENCE = PAGES["README.md"], PAGES["docs/guide.md"], PAGES["docs/evidence.md"]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def samples(text, kind):
    return [sample for found, sample in FENCE.findall(text) if found == kind]


def slugs(text):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands():
    """Every command of this package that stands on a line of its own in a page."""
    lines = [line for text in PAGES.values() for sample in samples(text, "") for line in sample.splitlines()]
    words = [shlex.split(line, comments=True) for line in lines if "-m topk_lib" in line or "-m tests." in line]
    return {" ".join(word): word[word.index("-m") + 1 :] for word in words}


def test_readme_is_short():
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("page", ["README.md", "docs/guide.md"])
def test_python_samples_run_and_have_the_shapes_they_claim(page):
    found = samples(PAGES[page], "python")
    assert len(found) == {"README.md": 1, "docs/guide.md": 2}[page]
    names: dict[str, object] = {}
    for sample in found:
        exec(compile(sample, page, "exec"), names)
    assert names["loss"].isfinite() and names["loss"].shape == ()
    if page == "README.md":
        assert names["logits"].grad.shape == (128, 100)
        return
    assert names["P"].shape == (128, 5, 100)
    assert names["q"].shape == names["best"].shape == (128, 5)
    assert names["ranks"].shape == names["p"].shape == (128, 100)
    torch.testing.assert_close(names["p"].sum(-1), torch.full((128,), 2.5))
    assert names["loss_fn"](names["logits"], names["target"]).isfinite()
    assert set(names["accuracy"]) == {1, 5}
    torch.testing.assert_close(names["P"].sum(-1), torch.ones(128, 5))


def test_recipes_make_what_they_say():
    """The samples of CONTRIBUTING: a sorter, a loss, a data set and a model are used, and a figure is drawn."""
    names: dict[str, object] = {"__name__": "recipes"}
    try:
        for sample in samples(PAGES["CONTRIBUTING.md"], "python"):
            exec(compile(sample, "CONTRIBUTING.md", "exec", dont_inherit=True), names)
        config = Config(
            dataset="rings",
            width=0.1,
            train_size=400,
            model="wide_mlp",
            loss="topk",
            p_k=[0.5, 0.5],
            sorter="smoothsort",
        )
        assert run(config.replace(epochs=20, device="cpu")).record["final"]["top1"] > 0.5
        config = Config(dataset="rings", train_size=400, loss="sharp_ce", sharpness=2.0, epochs=1, device="cpu")
        assert run(config).record["config"]["sharpness"] == 2.0
        figure, caption = names["margins"](torch.tensor([[2.0, 1.0], [0.0, 0.5]]), torch.tensor([0, 0]))
        assert figure.axes == [] and caption == "Margins: +1.00, −0.50."
    finally:
        for registry, name in ((SORTERS, "smoothsort"), (LOSSES, "sharp_ce"), (DATASETS, "rings")):
            if name in registry:
                registry.remove(name)
        MODELS.pop("wide_mlp", None)


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_heading_that_is_linked_exists(page):
    links = re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", FENCE.sub("", PAGES[page]))
    assert len(links) > 10 or page != "README.md"
    for file, anchor in links:
        target = (ROOT / page).parent / file if file else ROOT / page
        assert target.exists(), f"{page}: {file}"
        assert not anchor or anchor in slugs(target.read_text(encoding="utf-8")), f"{page}: {file}#{anchor}"


def test_every_picture_is_shown_somewhere():
    shown = {
        (ROOT / page).parent / name for page, text in PAGES.items() for name in re.findall(r"!\[.+?\]\((.+?)\)", text)
    }
    assert set((ROOT / "docs").glob("*.png")) <= shown


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)\b(?= +#)", README))
    assert {"lab", "test", "train"} <= named <= targets
    quoted = {target for text in PAGES.values() for target in re.findall(r"`make ([a-z]+)`", text)}
    assert {"bench", "notebooks", "lint"} <= quoted <= targets


@pytest.mark.parametrize("command", commands())
def test_every_command_that_is_shown_can_be_typed(command):
    module, *words = commands()[command]
    if module == "topk_lib":
        options = build_parser().parse_args(words)
        assert getattr(options, "grid", None) is None or (ROOT / options.grid).is_file()
    else:
        assert importlib.util.find_spec(module)


def test_the_top_k_loss_did_not_lengthen_the_recorded_run():
    seconds = [
        json.loads((ROOT / "data" / "results" / f"cifar10-{name}.json").read_text(encoding="utf-8"))["train_seconds"]
        for name in ("ce", "topk")
    ]
    assert seconds[0] <= 100
    assert seconds[1] < seconds[0]


def test_what_the_text_says_of_the_grid_on_points_is_what_the_record_says():
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
    assert "six P_K" in EVIDENCE and sum("," not in loss for loss in results.losses) == 6
    assert len(results.seeds) == 5


def test_what_the_text_says_of_a_larger_network_is_what_the_record_says():
    results = GridResults(read_result("cifar10-resnet18"))
    losses = [loss for loss in results.losses if loss != results.baseline]
    gains = [results.gain(condition, loss, "top1") for condition in results.conditions for loss in losses]
    assert {gain.verdict for gain in gains} == {"loss"} and all(2.45 < -gain.mean < 5 for gain in gains)
    assert "by 2.5 to 5 points in top-1" in EVIDENCE
    assert len(results.seeds) == 4 and "four seeds" in EVIDENCE


def test_on_a_gpu_difftopk_is_ahead_where_the_text_says_it():
    ahead = {row["sorter"] for row in read_result("bench-gpu")["rows"] if row["ratios"].get("difftopk", 2) < 1}
    assert ahead == {"neuralsort", "softsort"}
    assert "With NeuralSort and\nSoftSort on a GPU, difftopk is faster." in README


def test_lessons_are_listed_with_the_minutes_of_the_guide():
    guide = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\d\d) .+?\]\(notebooks/(.+?)\) \|.*\| (\d+) \| (\d+) \|$", README, flags=re.MULTILINE)
    assert len(listed) == len(LESSONS)
    for number, name, minutes, exercises in listed:
        assert name == notebook_name(int(number)) and int(exercises) == len(LESSONS[int(number)].exercises)
        assert re.search(rf"\({name}\) \| {minutes} \|", guide), name
