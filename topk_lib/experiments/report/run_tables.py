"""Tables of trained networks: single runs, grids, the sweep over blobs, and the slot for the paper's protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..grids.grid_results import SHAPE as OF_GRID
from ..grids.grid_results import GridResults
from ..results import has_record, read_result
from ..running import duration
from ..training.recipes import RECIPES
from .claims import BASELINE_COMMAND, PAPER_COMMAND, SLOTS
from .markdown import TITLES, loss_name, mean_percent, percent, table

KS = ("top1", "top2", "top3", "top5")
HEAD = ("top-1", "top-2", "top-3", "top-5")
RUNS = ("cifar10-ce", "cifar10-topk", "synthetic100-ce", "synthetic100-topk")
OF_RUN = {"config": {"loss": str}, "data": {"name": str}, "train_seconds": float, "final": dict.fromkeys(KS, float)}
EPOCH = "resnet18-epoch"
"""One epoch of the paper's network and recipe on CIFAR-10, which has as many images as CIFAR-100."""
OF_EPOCH = {"train_seconds": float, "epochs": list, "machine": {"device_name": str}}
SWEEP, RELAXED = "when-it-helps", "even"
"""The recorded grid on blobs, and the loss of it that the tables are about."""
OF_SWEEP = {
    "P_K = [.2, .2, .2, .2, .2]": RELAXED,
    "the same, m = 16": f"{RELAXED}, m = 16",
    "cross-entropy, m = 16": "cross-entropy, m = 16",
}


def single_runs() -> str:
    """A line per record with final accuracies and training time, and the best possible where it is known."""
    rows, best = [], {}
    for name in RUNS:
        record = read_result(name, OF_RUN)
        data = TITLES.get(record["data"]["name"], record["data"]["name"])
        accuracies = [percent(record["final"][k]) for k in KS]
        rows.append((f"{data}, {loss_name(record['config'])}", *accuracies, f"{record['train_seconds']:.0f} s"))
        if known := record["data"].get("best_possible"):
            best[data] = (f"{data}, best possible", *(percent(known[k]) for k in KS), "")
    return table(("images, loss", *HEAD, "training"), [*rows, *best.values()])


def grid(name: str, losses: Sequence[str] | None = None) -> str:
    """A line per condition and loss, or some of the losses; without a record, the command that makes it."""
    if not has_record(name):
        files = f"--grid data/grids/{name}.toml --out runs/{name} --collect data/results/{name}.json"
        return table((name, *HEAD), [(f"not run; `python -m topk_lib compare {files}`", "", "", "", "")])
    results = GridResults(read_result(name, OF_GRID))
    rows = []
    for condition in results.conditions:
        for loss in losses or results.losses:
            if loss == results.baseline:
                cells = [mean_percent(results.accuracy(condition, loss, k)) for k in KS]
            else:
                cells = [str(results.gain(condition, loss, k)) for k in KS]
            rows.append((f"{condition}, {loss}", *cells))
    return table((f"{results.baseline}: accuracy; others: points gained", *HEAD), rows)


def when_it_helps() -> str:
    """What the even P_K and the control with few scores gain, with the least and the most capacity."""
    results = GridResults(read_result(SWEEP, OF_GRID))
    rows = []
    for network in ("linear", "larger MLP"):
        for name, loss in OF_SWEEP.items():
            gains = results.gains(f"{network}, spread 0.7", loss)
            rows.append((network, name, str(gains[0]), str(gains[-1])))
    return table(("network", "loss", "top-1", "top-5"), rows)


def sweep_size() -> str:
    """How many runs the grid has."""
    return str(len(read_result(SWEEP, OF_GRID)["rows"]))


def every_condition() -> str:
    """What the even P_K gains in every condition, top-1 to top-5."""
    results = GridResults(read_result(SWEEP, OF_GRID))
    rows = []
    for name, settings in results.record["grid"]["conditions"].items():
        rate = settings.get("noise_rate", 0.0)
        noise = f"{100 * rate:.0f} % {settings['noise']}" if rate else "none"
        gains = map(str, results.gains(name, RELAXED))
        rows.append((name.partition(",")[0], f"{settings['spread']:g}", noise, *gains))
    return table(("network", "spread", "noise", *(f"top-{k}" for k in range(1, 6))), rows)


def paper_slot() -> str:
    """The paper's CIFAR-100 table: a line for each loss with what a record says, or how to make it and in what time."""
    rows = []
    for loss, name in SLOTS.items():
        if has_record(name):
            record = read_result(name, OF_EPOCH | {"final": dict.fromkeys(KS, float)})
            hours = f"{record['train_seconds'] / 3600:.1f} h, {record['machine']['device_name']}"
            rows.append((loss, *(percent(record["final"][k]) for k in KS), hours))
        else:
            record = read_result(EPOCH, OF_EPOCH)
            known = f"{record['machine']['device_name']}, from one epoch of CIFAR-10"
            rows.append((loss, "", "", "", "", f"not run; {duration(expected_seconds(record))} expected on {known}"))
    head = ("CIFAR-100, ResNet-18, the paper's protocol", *HEAD, "training on one GPU")
    return f"{table(head, rows)}\n\n```\n{BASELINE_COMMAND}\n{PAPER_COMMAND}\n```"


def expected_seconds(record: Mapping) -> float:
    """Seconds of a run of the recipe "paper", evaluation not counted, from the record of a shorter one."""
    return RECIPES["paper"].epochs * record["train_seconds"] / len(record["epochs"])
