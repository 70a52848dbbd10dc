"""Losses, one per file."""

from .topk import TopKCrossEntropyLoss, topk_cross_entropy

__all__ = ["TopKCrossEntropyLoss", "topk_cross_entropy"]
