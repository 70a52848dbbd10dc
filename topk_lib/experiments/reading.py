"""Reading JSON and TOML that a person may have written or changed: what is wrong has a file and a place in it."""

from __future__ import annotations

import codecs
import io
import json
import pickle
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
NAMES = {dict: "a table of names and values", list: "a list", str: "a text", int: "a whole number", float: "a number"}

DAMAGED = (
    *(pickle.UnpicklingError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError),
    *(LookupError, TypeError, ValueError, AttributeError),
)
"""What `read_tensors` and ``load_state_dict`` raise for a file that is not theirs."""

Shape = type | dict | list
"""A type, of which float takes whole numbers too; a dict of names and shapes, all needed; a list of one shape."""


def read_text(path: str | Path) -> str:
    """The text of a file: UTF-8, or what the mark at its beginning says, as some editors write it.

    Raises:
        OSError: it cannot be read.
        ValueError: it is empty, or no text.
    """
    content = Path(path).read_bytes()
    encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = io.TextIOWrapper(io.BytesIO(content), encoding).read()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path}: no text in {encoding}, from byte {error.start} in line {line} on") from error
    if "\0" in text:
        raise ValueError(f"{path}: no text in UTF-8, it holds zero bytes; save it as UTF-8")
    if not text.strip():
        raise ValueError(f"{path}: the file is empty")
    return text


def read_json(path: str | Path, shape: Shape = dict) -> Any:
    """The content of a JSON file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON, or not of this shape; the text names the place.
    """
    return _parsed(path, "JSON", json.loads, shape)


def read_toml(path: str | Path) -> dict:
    """The content of a TOML file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no TOML; the text names line and column.
        ImportError: Python 3.10 without the package tomli.
    """
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        try:
            import tomli as tomllib  # pyright: ignore[reportMissingImports]  # installed on Python 3.10 alone
        except ModuleNotFoundError as error:
            raise ImportError("on Python 3.10 a TOML file needs a package: pip install tomli") from error
    return _parsed(path, "TOML", tomllib.loads, dict)


def read_tensors(path: str | Path) -> Any:
    """What torch.save wrote, on the CPU. Nothing in it is run, and its check sums are compared, as torch does not.

    Raises:
        OSError: it cannot be read.
        DAMAGED: any of these.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            if archive.testzip() is not None:
                raise zipfile.BadZipFile("a check sum differs")
    return torch.load(path, map_location="cpu", weights_only=True)


def require(found: Any, shape: Shape, place: str = "") -> None:
    """Compare what a file holds with a shape.

    Raises:
        ValueError: something is missing or of another type; the text begins with its place, such as "rows[3].seconds".
    """
    kind = shape if isinstance(shape, type) else type(shape)
    if isinstance(found, bool) or not isinstance(found, (int, float) if kind is float else kind):
        shown = repr(found)
        shown = shown if len(shown) < 60 else f"{shown[:50]}..."
        raise ValueError(f"{place or 'the file'} must hold {NAMES[kind]}, got {shown}")
    if isinstance(shape, dict):
        for name, inner in shape.items():
            where = f"{place}.{name}" if place else name
            if name not in found:
                raise ValueError(f"{where} is missing")
            require(found[name], inner, where)
    if isinstance(shape, list):
        for number, each in enumerate(found):
            require(each, shape[0], f"{place}[{number}]")


def _parsed(path: str | Path, language: str, parse: Callable[[str], object], shape: Shape) -> Any:
    text = read_text(path)
    try:
        found = parse(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path}: no {language}, or cut short: {error}") from error
    try:
        require(found, shape)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    return found
