"""Recorded runs side by side: the figure that the training program writes."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from ...experiments.drawing.comparison import Record, comparison_figure


def learning_curves(records: Mapping[str, Record], theme: str = "light") -> tuple[Figure, str]:
    """Top-1 and top-5 while learning, and the final accuracies with their standard errors.

    Args:
        records: contents of result.json by name ("ce" and "topk" are spelled out); up to four runs on the same
            data.
        theme: "light" or "dark".

    Returns:
        The figure and a caption with the final accuracies, as of `comparison_figure`.

    Raises:
        ValueError: there are no records, or more than four.
    """
    if not 1 <= len(records) <= 4:
        raise ValueError(f"records must hold one to four runs, got {len(records)}")
    return comparison_figure(records, theme)
