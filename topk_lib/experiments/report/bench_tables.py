"""What `make bench` measured, as tables: speed, memory, losses, selection, ranks, torch.compile, training, growth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from topk_lib.sorters.thresholds import THRESHOLDS

from ..drawing.bench_times import fastest
from ..drawing.quantities import amount, duration, times
from ..drawing.style import in_words, methods
from ..reading import require
from ..results import has_record, read_result
from .markdown import percent, table

RECORD, COMMAND = "bench", "make bench"
FLOOR, SELECTION, TORCH_TOPK = "cross-entropy", "m-selection", "torch.topk"
PEERS, RANKS = ("difftopk", "difftopk, dense", "diffsort"), ("torchsort", "softtorch")
OF_LOSSES = ("pytopk",)
SORTERS = {name: in_words(name) for name in (*methods(), FLOOR)}
CASE = {"sorter": str, "batch": int, "classes": int}
SIZE = {"way": str, "classes": int, "seconds": float, "peak_bytes": float}
SHAPE = {
    "settings": {"rounds": int},
    "machine": {"threads": int, "processor": str},
    "versions": dict,
    "variants": [str],
    "rows": [CASE | {"seconds": dict, "ratios": dict, "saved_bytes": dict, "launches": int, "left_out": dict}],
    "growth": {"rows": [SIZE], "slopes": dict, "ends": dict},
    "training": [{"classes": int, "batch": int, "images_per_second": dict, "loss_seconds": dict, "ratio": dict}],
    "compiling": [CASE],
}
LOSS = {"loss": str, "settings": dict, "peer": str, "batch": int, "classes": int}
Record = Mapping[str, Any]


def from_record(name: str) -> str:
    """The table of this name in `RECORD_TABLES`, from data/results; without a record, the command that makes it."""
    if not has_record(RECORD):
        return table((name,), [(f"not run; `{COMMAND}`",)])
    return RECORD_TABLES[name](read_result(RECORD, SHAPE))


def speed(record: Record) -> str:
    """A line per case: time of this library, of the peers and of the floor, and how it was measured."""
    head = ("whole loss, forward and backward", *own_names(record), *PEERS, FLOOR)
    rows = []
    for row in record["rows"]:
        own = [duration(row["seconds"][name]) if name in row["seconds"] else "" for name in record["variants"]]
        rows.append((case_name(row), *own, *(other_time(row, name) for name in (*PEERS, FLOOR))))
    left_out = ((name, row, reason) for row in record["rows"] for name, reason in row["left_out"].items())
    reasons = (f"{name}, {case_name(row)}: {reason}." for name, row, reason in left_out)
    return "\n\n".join([table(head, rows), *reasons, _how(record)])


def memory(record: Record) -> str:
    """Bytes per sample that autograd keeps, and how many kernels a step would be on an accelerator."""
    names = (*PEERS, FLOOR)
    rows = []
    for row in record["rows"]:
        kept, own = row["saved_bytes"], fastest(row)
        others = [f"{amount(kept[name])}, {times(kept[name] / kept[own])}" if name in kept else "" for name in names]
        rows.append((case_name(row), amount(kept[own]), *others, f"{row['launches']:,}"))
    return table(("kept for the backward pass, per sample", "this library", *names, "kernels of a step on a GPU"), rows)


def losses(record: Record) -> str:
    """A line per loss: at every size its time as a multiple of cross-entropy's, and the bytes per sample it keeps."""
    if "losses" not in record:
        return table(("every loss",), [(f"not in the record; `{COMMAND}`",)])
    found = record["losses"]
    require(found, [LOSS], "losses")
    sizes = list(dict.fromkeys(_batch_name(row) for row in found))
    at = {(_loss_name(row), _batch_name(row)): row for row in found}
    names = list(dict.fromkeys(name for name, _ in at))
    rows = [(name, *(_loss_cell(at.get((name, size))) for size in sizes)) for name in names]
    reasons = (f"{_loss_name(row)}, {_batch_name(row)}: {row['left_out']}." for row in found if "left_out" in row)
    how = (
        f"× is the median of the rounds' ratios to {FLOOR}'s time; bytes are what is kept for the backward pass, per "
        f"sample. Every loss has its default settings. {_rounds(record)}."
    )
    head = ("forward and backward", *sizes)
    return "\n\n".join([table(head, rows), *reasons, how])


def _loss_name(row: Mapping) -> str:
    settings = row["settings"]
    threshold = settings.get("threshold", "")
    parts = [in_words(row["loss"]), in_words(settings["sorter"]) if "sorter" in settings else ""]
    parts.append(THRESHOLDS.display_name(threshold) if threshold in THRESHOLDS else threshold)
    return ", ".join(filter(None, parts)) + (f": {row['peer']}" if row["peer"] else "")


def _batch_name(row: Mapping) -> str:
    return f"B = {row['batch']}, n = {row['classes']}"


def _loss_cell(row: Mapping | None) -> str:
    if row is None:
        return ""
    if "left_out" in row:
        return "left out"
    time = duration(row["seconds"]) if row["loss"] == "ce" else times(row["ratio"])
    return f"{time}, {amount(row['saved_bytes'])}"


def compiling(record: Record) -> str:
    """torch.compile: a step, the first one, and after how many it is earned back."""
    rows = [_compiled(row) for row in record["compiling"]]
    head = ("torch.compile", "first step", "a later step", "a step without it", "earned back after")
    return table(head, rows or [("not tried", "", "", "", "")])


def _compiled(row: Mapping) -> tuple[str, ...]:
    if "reason" in row:
        return case_name(row), row["reason"], "", "", ""
    even = f"{row['break_even']:,} steps" if row["break_even"] else "never"
    seconds = [duration(row["seconds"][name]) for name in ("torch.compile", "plain")]
    return case_name(row), duration(row["compile_seconds"]), *seconds, even


def selection(record: Record) -> str:
    """What choosing the m classes takes, beside torch.topk."""
    rows, seen = [], set()
    for row in record["rows"]:
        size = row["batch"], row["classes"], row["m"]
        if SELECTION in row["seconds"] and size not in seen:
            seen.add(size)
            seconds = row["seconds"]
            cells = duration(seconds[TORCH_TOPK]), duration(seconds[SELECTION]), times(row["selection_ratio"])
            rows.append((size_name(row), *cells))
    return table(("choosing m classes", TORCH_TOPK, "this library's m-selection", "ratio"), rows)


def ranks(record: Record) -> str:
    """Peers without a top-k loss: a soft rank of the same scores, forward and backward."""
    rows = [
        (f"{name}, soft rank, {size_name(row)}", duration(row["seconds"][name]), _ratio(row, name))
        for row in record["rows"]
        for name in RANKS
        if name in row["seconds"]
    ]
    head = ("no loss: a soft rank of every score", "forward and backward", "of splitter selection's whole loss")
    return table(head, rows or [(f"none of {', '.join(RANKS)} was installed", "", "")])


def training(record: Record) -> str:
    """Images per second of the training loop, and the loss's part of a step."""
    names = (FLOOR, *record["variants"])
    own = dict(zip(record["variants"], own_names(record), strict=True))
    rows = []
    for row in record["training"]:
        for name in names:
            ratio = "" if name == FLOOR else times(row["ratio"][name])
            speed, alone = f"{row['images_per_second'][name]:,.0f}", duration(row["loss_seconds"][name])
            said = f"{row['classes']} classes, " + (name if name == FLOOR else f"top-k loss, {own[name]}")
            rows.append((said, speed, ratio, alone, percent(row["loss_share"][name])))
    first = record["training"][0]
    what = f"{first['model']} on 32 × 32 images, batches of {first['batch']}, {first['precision']}"
    return table((what, "images per second", "a step takes", "the loss alone", "its share"), rows)


def growth(record: Record) -> str:
    """Time and memory per sample by number of classes, with the exponents that fit, and what ended a curve."""
    grown = record["growth"]
    sizes = sorted({row["classes"] for row in grown["rows"]})
    at = {(row["way"], row["classes"]): row for row in grown["rows"]}
    rows = []
    for way, slopes in grown["slopes"].items():
        points = (at.get((way, n)) for n in sizes)
        cells = [f"{duration(row['seconds'])}, {amount(row['peak_bytes'])}" if row else "" for row in points]
        exponents = [f"{slope:.2f}" if slope is not None else "" for slope in slopes.values()]
        rows.append((SORTERS[way], *cells, " / ".join(exponents)))
    head = ("time and peak memory per sample", *(f"n = {n:,}" for n in sizes), "exponents of n")
    ends = (f"{SORTERS[way]} ends before n = {end['classes']:,}: {end['rule']}." for way, end in grown["ends"].items())
    return "\n\n".join([table(head, rows), *ends])


def case_name(row: Mapping) -> str:
    """ "bitonic, B = 500, n = 1000, m = 16"."""
    return f"{SORTERS[row['sorter']]}, {size_name(row)}"


def size_name(row: Mapping) -> str:
    """ "B = 500, n = 1000, m = 16"."""
    return _batch_name(row) + (f", m = {row['m']}" if row["m"] else "")


def own_names(record: Record) -> list[str]:
    """What the columns of this library are called."""
    if len(record["variants"]) == 1:
        return ["this library"]
    return [f"this library, {name}" for name in record["variants"]]


def own_time(row: Mapping) -> str:
    """Time of this library's fastest variant."""
    return duration(row["seconds"][fastest(row)])


def other_time(row: Mapping, name: str) -> str:
    """Time of one who is not this library, and its ratio to this library's fastest variant."""
    if name in row["left_out"]:
        return "out of reach"
    if name not in row["seconds"]:
        return ""
    return f"{duration(row['seconds'][name])}, {_ratio(row, name)}"


def _ratio(row: Mapping, name: str) -> str:
    return times(row["ratios"][fastest(row)][name])


def _rounds(record: Record) -> str:
    machine, settings, versions = record["machine"], record["settings"], record["versions"]
    threads = "thread" if machine["threads"] == 1 else "threads"
    software = ", ".join(
        f"{name} {versions[name]}" for name in ("torch", *PEERS, *RANKS, *OF_LOSSES) if name in versions
    )
    return (
        f"Medians of up to {settings['rounds']} interleaved rounds on {machine['threads']} {threads} of "
        f"{machine['processor']}, {software}"
    )


def _how(record: Record) -> str:
    sparse = "" if record["torch_sparse"] else " torch-sparse was not installed: its operation is done by torch's own."
    kept = " Memory once had was kept by the allocator." if record.get("memory_kept") else ""
    return (
        f"{_rounds(record)}. × is the median of the rounds' ratios to this library's faster column."
        f"{sparse if 'difftopk' in record['versions'] else ''}{kept}"
    )


RECORD_TABLES: dict[str, Callable[[Record], str]] = {
    "bench": speed,
    "bench-memory": memory,
    "bench-losses": losses,
    "bench-selection": selection,
    "bench-ranks": ranks,
    "bench-compile": compiling,
    "bench-training": training,
    "growth": growth,
}
"""Every table of the record by its name between markers."""
