"""From a number back to the run that it comes from: the files in data/results, and what they say of themselves."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .commands.options import as_typed
from .config import Config
from .reading import Shape, read_json
from .settings import renamed

FOLDER = Path("data", "results")
WIDTH = 96
REPOSITORY = Path(__file__).parents[2]
HIDDEN = ("train_size", "test_size", "device", "precision")  # shown elsewhere, or of no interest where they are None


def results_folder() -> Path:
    """The nearest folder data/results from here upwards, else that of the project which holds this file.

    Raises:
        FileNotFoundError: there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, REPOSITORY):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    raise FileNotFoundError(f"no folder {FOLDER.as_posix()} here or above; it comes with the project's repository")


def record_names() -> tuple[str, ...]:
    """The records that there are, without .json."""
    return tuple(sorted(path.stem for path in results_folder().glob("*.json")))


def has_record(name: str) -> bool:
    """Whether there is a record of this name."""
    return (results_folder() / f"{name}.json").is_file()


def read_result(name: str, shape: Shape = dict) -> dict[str, Any]:
    """The content of data/results/NAME.json.

    Raises:
        ValueError: there is no such record, and the message names those that there are; or it is not of this shape.
    """
    if not has_record(name):
        raise ValueError(f"name must be one of {', '.join(map(repr, record_names()))}, got {name!r}")
    return read_json(results_folder() / f"{name}.json", shape)


def origin(name: str) -> None:
    """Print where a record comes from: its file, its settings, its machine, and the command that repeats it."""
    print(origin_text(name))


def origin_text(name: str) -> str:
    """What `origin` prints."""
    record = read_result(name)
    parts = {
        "settings": _settings(record),
        "software": _each(record["versions"], lambda one: ", ".join(f"{key} {value}" for key, value in one.items())),
        "machine": _each(record["machine"], "{device_name}, threads: {threads}, {precision}".format_map),
        "holds": _holds(record),
        "repeat": command_of(name, record),
    }
    lines = [f"{(FOLDER / name).as_posix()}.json"]
    for key, text in parts.items():
        first, *rest = wrapped(f"{key}: {text}", "  ")
        lines += [first, *wrapped(" ".join(line.strip() for line in rest), "    ")]
    return "\n".join(lines)


def command_of(name: str, record: Mapping[str, Any] | None = None) -> str:
    """The command line that does the recorded run again.

    Raises:
        ValueError: there is no record of this name.
    """
    record = read_result(name) if record is None else record
    if "command" in record:
        return record["command"]
    asked = renamed(record["config"])
    usual = Config(dataset=asked["dataset"], loss=asked["loss"]).resolved()
    words = ["python", "-m", "topk_lib", "train", "--dataset", asked["dataset"], "--loss", asked["loss"]]
    for option, value in asked.items():
        if option not in ("dataset", "loss") and value is not None and value != usual.get(option):
            words += as_typed(option, value)
    return shlex.join([*words, "--out", f"runs/{name}"])


def _each(found: Any, describe: Callable[[Mapping], str]) -> str:
    """Of one, or of the several that the runs of a grid were made with."""
    return " or ".join(map(describe, found if isinstance(found, list) else [found]))


def _settings(record: Mapping[str, Any]) -> str:
    settings = record.get("config") or record.get("settings") or record.get("grid") or {}
    shown = {key: value for key, value in settings.items() if value is not None and key not in HIDDEN}
    return ", ".join(f"{key}={_short(value)}" for key, value in shown.items())


def _short(value: object) -> str:
    if isinstance(value, Mapping):
        return f"({', '.join(map(str, value))})"
    return f"[{', '.join(f'{x:g}' for x in value)}]" if isinstance(value, list) else f"{value}"


def _holds(record: Mapping[str, Any]) -> str:
    if "final" in record:
        shown = ", ".join(f"{k.replace('top', 'top-')} {100 * a:.2f} %" for k, a in record["final"].items())
        return f"{shown} on {record['data']['test_images']:,} test images, after epoch {len(record['epochs'])}"
    return f"{len(record['rows'])} rows"


def wrapped(text: str, indent: str = "") -> list[str]:
    """Lines of at most WIDTH columns; words such as top-k stay whole."""
    return textwrap.wrap(text, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
