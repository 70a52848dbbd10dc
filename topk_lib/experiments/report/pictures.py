"""The pictures that the pages show of records; each file says in words what it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from matplotlib.figure import Figure
from PIL import Image

from ..data.writing import write_whole
from ..drawing.bench_times import bench_times
from ..drawing.comparison import comparison_figure
from ..drawing.growth_curves import growth_curves
from ..results import has_record, read_result
from .bench_tables import RECORD, SHAPE

DOCS = Path("docs")
FIGURE_OF = {"ce": "synthetic100-ce", "topk": "synthetic100-topk"}
OF_RUN = {"epochs": [dict], "epochs_are_on": str, "final": dict, "data": {"test_images": int}}
BENCH_PICTURES: dict[str, Callable[..., tuple[Figure, str]]] = {
    "bench.png": bench_times,
    "growth.png": growth_curves,
}
"""By file name, what draws the record of `make bench`."""


def pictures() -> Iterator[tuple[Path, Figure, str]]:
    """Path in the project, figure and caption of every picture whose record there is."""
    runs = {loss: read_result(name, OF_RUN) for loss, name in FIGURE_OF.items()}
    yield DOCS / "comparison.png", *comparison_figure(runs)
    if has_record(RECORD):
        for name, draw in BENCH_PICTURES.items():
            yield DOCS / name, *draw(read_result(RECORD, SHAPE))


def write_picture(path: Path, figure: Figure, caption: str) -> None:
    """Write the figure as PNG with its caption inside."""
    details = {"Description": caption}
    write_whole(path, lambda file: figure.savefig(file, format="png", metadata=details))


def caption_of(path: Path) -> str | None:
    """The numbers that a picture of ours shows, as it says them itself."""
    if not path.exists():
        return None
    with Image.open(path) as picture:
        return getattr(picture, "text", {}).get("Description")
