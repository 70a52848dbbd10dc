"""Linear heads on embeddings."""

from __future__ import annotations

import copy
from dataclasses import replace

from topk_lib.experiments import HEAD_RECIPES, fit
from topk_lib.experiments.running import build_model


def fit_head(data, loss_fn, *, seed=0, start=None, device="cpu", on_batch=None, checkpoint=None, **changes):
    """Train a new head, or a copy of one to start from, by the recipe for embeddings with these changes."""
    head = build_model("linear", data, seed) if start is None else copy.deepcopy(start)
    recipe = replace(HEAD_RECIPES["fast"], **changes)
    return fit(head, loss_fn, data, recipe, seed=seed, device=device, on_batch=on_batch, checkpoint=checkpoint)
