"""The paper's own choices, by name: "Differentiable Top-k Classification Learning" (ICML 2022)."""

from __future__ import annotations

P_K: dict[str, tuple[float, ...]] = {
    "cross-entropy": (1, 0, 0, 0, 0),
    "half and half": (0.5, 0, 0, 0, 0.5),
    "mostly top-5": (0.25, 0, 0, 0, 0.75),
    "nearly top-5": (0.1, 0, 0, 0, 0.9),
    "top-5 alone": (0, 0, 0, 0, 1),
    "even": (0.2, 0.2, 0.2, 0.2, 0.2),
}
"""The six distributions P_K of the paper's experiments."""
