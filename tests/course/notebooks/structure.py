"""What a lesson file must look like: each rule takes a notebook and yields its problems as sentences.

nbval compares outputs, but some faults it never sees (a cell stored without a count is not compared at all),
and it does not look at the text. These rules do, and need no kernel.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat

from .lesson_file import (
    WIDGET,
    Notebook,
    cells,
    headings,
    is_caption,
    markers,
    output_texts,
    shows_picture,
    text_of,
)

Rule = Callable[[Notebook], Iterator[str]]

MAX_BYTES = 1_000_000
MAX_CODE_LINES = 12
MAX_WORDS = 2500
MIN_COMPARED_CELLS = 5

INSTALL_OR_DOWNLOAD = re.compile(
    r"^[ \t]*[!%]*[ \t]*(?:\S+ -m |uv )?(?:pip3?|conda|mamba|apt|apt-get|brew)\s+(?:install|download)\b"
    r"|^[ \t]*[!%]+[ \t]*(?:wget|curl)\b"
    r"|\b(?:urlopen|urlretrieve|requests\.get)\(|\bdownload=True\b",
    re.MULTILINE,
)
UNCOMPARABLE = re.compile(
    r"\b(?:clear_output|interact|interactive|interactive_output|update_display)\(|\bdisplay_id=|\.Output\("
)
REMOTE_IMAGE = re.compile(r"!\[[^\]]*\]\(\s*<?https?:|<(?:img|script|iframe|link)\b[^>]*(?:src|href)=['\"]?https?:")
PRIVATE_PATH = re.compile(r"(?:/home/|/Users/|/root/|/tmp/|/var/folders/|[A-Za-z]:\\+Users\\+)[\w.-]*")


def valid_format(nb: Notebook) -> Iterator[str]:
    """The file is valid notebook format 4."""
    try:
        nbformat.validate(nbformat.from_dict(nb))
    except nbformat.ValidationError as error:
        yield f"not a valid notebook: {str(error).splitlines()[0]}"


def small_file(nb: Notebook) -> Iterator[str]:
    """The file stays under the size budget, so that it opens quickly and Git keeps it whole."""
    size = len(json.dumps(nb, ensure_ascii=False, indent=1).encode())
    if size >= MAX_BYTES:
        yield f"{size} bytes, the budget is {MAX_BYTES}"


def kernel_named_python3(nb: Notebook) -> Iterator[str]:
    """The kernel is the one every installation has."""
    name = nb["metadata"].get("kernelspec", {}).get("name")
    if name != "python3":
        yield f"kernel name is {name!r}, not 'python3'"


def no_widget_state(nb: Notebook) -> Iterator[str]:
    """No stored widget state: GitHub shows a blank page for it."""
    if "widgets" in nb["metadata"]:
        yield "metadata.widgets is present"


def counts_without_gaps(nb: Notebook) -> Iterator[str]:
    """Cells were run once, in order, from a fresh kernel; nbval compares no cell that has no count."""
    counts = [cell["execution_count"] for _, cell in cells(nb, "code")]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are {counts}, not 1..{len(counts)}"


def no_stored_errors(nb: Notebook) -> Iterator[str]:
    """No cell ended in an exception."""
    for i, cell in cells(nb, "code"):
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                yield f"cell {i} stores an error: {output['ename']}"


def no_stderr(nb: Notebook) -> Iterator[str]:
    """No warnings and no progress bars are stored."""
    for i, cell in cells(nb, "code"):
        if any(output.get("name") == "stderr" for output in cell["outputs"]):
            yield f"cell {i} stores text on stderr"


def no_semicolon_ending(nb: Notebook) -> Iterator[str]:
    """No cell ends in a semicolon: it hides the value from a reader but not from nbval."""
    for i, cell in cells(nb, "code"):
        if text_of(cell["source"]).rstrip().endswith(";"):
            yield f"cell {i} ends in a semicolon"


def markers_have_outputs(nb: Notebook) -> Iterator[str]:
    """An nbval marker stands only where there is an output, and none skips a cell altogether."""
    for i, cell in cells(nb, "code"):
        if "nbval-skip" in markers(cell):
            yield f"cell {i} is skipped by nbval, so nothing checks it"
        elif markers(cell) and not cell["outputs"]:
            yield f"cell {i} is marked {sorted(markers(cell))} but stores no output"


def enough_is_compared(nb: Notebook) -> Iterator[str]:
    """Enough cells store text that nbval compares, so that a changed result cannot pass unseen."""
    compared = [
        cell
        for _, cell in cells(nb, "code")
        if "nbval-ignore-output" not in markers(cell) and any(any(output_texts(o)) for o in cell["outputs"])
    ]
    if len(compared) < MIN_COMPARED_CELLS:
        yield f"only {len(compared)} cells store text to compare, at least {MIN_COMPARED_CELLS} are needed"


def one_title(nb: Notebook) -> Iterator[str]:
    """Exactly one first-level heading."""
    titles = [title for level, title in headings(nb) if level == 1]
    if len(titles) != 1:
        yield f"{len(titles)} first-level headings {titles}, there must be one"


def heading_order(nb: Notebook) -> Iterator[str]:
    """Headings go down one level at a time, starting from the title."""
    previous = 0
    for level, title in headings(nb):
        if level > previous + 1:
            yield f"heading {title!r} jumps from level {previous} to {level}"
        previous = level


def figures_have_captions(nb: Notebook) -> Iterator[str]:
    """A cell that shows a picture also shows a sentence with a number in it."""
    for i, cell in cells(nb, "code"):
        captions = [text for o in cell["outputs"] for text in output_texts(o) if is_caption(text)]
        if any(map(shows_picture, cell["outputs"])) and not captions:
            yield f"cell {i} shows a picture without a computed caption"


def panels_work_on_paper(nb: Notebook) -> Iterator[str]:
    """Where there is no kernel, a panel is still a picture and a sentence."""
    for i, cell in cells(nb, "code"):
        for output in cell["outputs"]:
            if WIDGET in output.get("data", {}) and not (
                shows_picture(output) and any(map(is_caption, output_texts(output)))
            ):
                yield f"cell {i} shows a widget without a picture and a sentence for readers without a kernel"


def comparable_outputs(nb: Notebook) -> Iterator[str]:
    """No output is cleared, updated in place or drawn by `interact`: nbval cannot compare those."""
    for i, cell in cells(nb, "code"):
        if found := UNCOMPARABLE.search(text_of(cell["source"])):
            yield f"cell {i} uses {found.group()!r}, whose output cannot be compared"


def no_remote_images(nb: Notebook) -> Iterator[str]:
    """Nothing on the page is fetched from elsewhere."""
    for i, cell in enumerate(nb["cells"]):
        shown = [t for o in cell.get("outputs", []) for t in output_texts(o)]
        texts = [text_of(cell["source"]), *shown] if cell["cell_type"] != "code" else shown
        if any(REMOTE_IMAGE.search(text) for text in texts):
            yield f"cell {i} shows an image or script from another host"


def no_installs(nb: Notebook) -> Iterator[str]:
    """No cell installs or downloads anything."""
    for i, cell in cells(nb, "code"):
        if found := INSTALL_OR_DOWNLOAD.search(text_of(cell["source"])):
            yield f"cell {i} installs or downloads: {found.group().strip()!r}"


def first_cell_sets_up(nb: Notebook) -> Iterator[str]:
    """The first code cell holds imports and one call, nothing else."""
    code = [text_of(cell["source"]) for _, cell in cells(nb, "code")]
    try:
        body = ast.parse(code[0] if code else "").body
    except SyntaxError:
        body = []
    others = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)]
    calls = [node for node in others if isinstance(getattr(node, "value", None), ast.Call)]
    if len(others) == len(body) or len(others) != 1 or len(calls) != 1:
        yield "the first code cell must hold imports and one set-up call, nothing else"


def short_code_cells(nb: Notebook) -> Iterator[str]:
    """Code cells are short enough to be read from a projector; an import is one line, however long its list."""
    for i, cell in cells(nb, "code"):
        code = re.sub(r"import \([^)]*\)", "import (...)", text_of(cell["source"]))
        lines = sum(bool(line.strip()) for line in code.splitlines())
        if lines > MAX_CODE_LINES:
            yield f"cell {i} has {lines} lines of code, at most {MAX_CODE_LINES}"


def few_words(nb: Notebook) -> Iterator[str]:
    """The prose can be read in the time that the lesson promises."""
    words = sum(len(text_of(cell["source"]).split()) for _, cell in cells(nb, "markdown"))
    if words >= MAX_WORDS:
        yield f"{words} words of prose, fewer than {MAX_WORDS} are allowed"


def no_private_paths(nb: Notebook) -> Iterator[str]:
    """No output tells where its author's home or this copy of the kit lies."""
    here = str(Path(__file__).resolve().parents[3])
    for i, cell in cells(nb, "code"):
        for text in (t for o in cell["outputs"] for t in output_texts(o)):
            if found := PRIVATE_PATH.search(text):
                yield f"cell {i} prints a path of one machine: {found.group()!r}"
            elif here in text:
                yield f"cell {i} prints where its author's copy lies: {here!r}"


RULES: tuple[Rule, ...] = (
    valid_format,
    small_file,
    kernel_named_python3,
    no_widget_state,
    counts_without_gaps,
    no_stored_errors,
    no_stderr,
    no_semicolon_ending,
    markers_have_outputs,
    enough_is_compared,
    one_title,
    heading_order,
    figures_have_captions,
    panels_work_on_paper,
    comparable_outputs,
    no_remote_images,
    no_installs,
    first_cell_sets_up,
    short_code_cells,
    few_words,
    no_private_paths,
)


def problems(nb: Notebook) -> list[str]:
    """All problems of a notebook, each prefixed with the name of its rule."""
    return [f"{rule.__name__}: {problem}" for rule in RULES for problem in rule(nb)]
