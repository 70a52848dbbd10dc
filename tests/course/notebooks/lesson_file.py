"""Reading a notebook file: its cells, markers, headings, and what its outputs show."""

import json
import re
from collections.abc import Iterator

Notebook = dict

WIDGET = "application/vnd.jupyter.widget-view+json"
OBJECT_REPR = re.compile(r"^<.*>$|^[A-Z]\w*\((?:\w+=.*)?\)$", re.DOTALL)


def text_of(value: str | list[str]) -> str:
    """The text of a source or an output, which the format stores as one string or as a list of lines."""
    return value if isinstance(value, str) else "".join(value)


def cells(nb: Notebook, kind: str) -> list[tuple[int, dict]]:
    """(position, cell) of every cell of one kind that is not blank."""
    return [(i, c) for i, c in enumerate(nb["cells"]) if c["cell_type"] == kind and text_of(c["source"]).strip()]


def markers(cell: dict) -> set[str]:
    """The cell's nbval markers, from tags and from comments, spelled as tags: {"nbval-ignore-output"}."""
    comments = (line.strip("# \t") for line in text_of(cell["source"]).splitlines() if line.strip()[:1] == "#")
    found = [*cell["metadata"].get("tags", []), *(c for c in comments if c.startswith("NBVAL_"))]
    lowered = {f.lower().replace("_", "-") for f in found}
    return {f for f in lowered if f.startswith("nbval-") or f == "raises-exception"}


def output_texts(output: dict) -> Iterator[str]:
    """Every text that an output shows a reader: streams, and all of its data but pictures and widget ids."""
    yield text_of(output.get("text", ""))
    for mime, value in output.get("data", {}).items():
        if not mime.startswith("image/") and mime != WIDGET:
            yield text_of(value) if isinstance(value, str | list) else json.dumps(value)


def shows_picture(output: dict) -> bool:
    """Whether an output holds an encoded picture."""
    return any(mime.startswith("image/") for mime in output.get("data", {}))


def is_caption(text: str) -> bool:
    """Whether a text says something computed: it holds a number and is not the bare name of an object."""
    return bool(re.search(r"\d", text)) and not OBJECT_REPR.match(text.strip())


def headings(nb: Notebook) -> list[tuple[int, str]]:
    """(level, title) of every heading, in order; lines in code fences are not headings."""
    found = []
    for _, cell in cells(nb, "markdown"):
        text = re.sub(r"^(```|~~~).*?^\1", "", text_of(cell["source"]), flags=re.MULTILINE | re.DOTALL)
        found += [(len(marks), title) for marks, title in re.findall(r"^(#{1,6})\s+(.*)", text, flags=re.MULTILINE)]
    return found
