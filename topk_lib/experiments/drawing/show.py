"""Putting a figure and its caption into a notebook."""

from __future__ import annotations

from matplotlib.figure import Figure

from . import style
from .png_file import smaller

PAGE_WIDTH = 960


def show(figure_and_caption: tuple[Figure, str]) -> None:
    """Display an image and, below it, its caption: two outputs, of which nbval compares the second.

    The caption also travels as the image's alternative text, which nbconvert writes into HTML and slides.

    Args:
        figure_and_caption: what any function of `topk_lib.course.figures` returned.
    """
    from IPython.display import display

    figure, caption = figure_and_caption
    width, height = style.size(figure)
    shrink = min(1, PAGE_WIDTH / width)
    metadata = {"width": round(width * shrink), "height": round(height * shrink), "alt": caption}
    image = smaller(style.png(figure))
    display({"image/png": image}, raw=True, metadata={"image/png": metadata})
    display({"text/markdown": caption}, raw=True)
