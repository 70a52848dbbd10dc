"""Lesson 07: capacity, ambiguity and label noise, on data whose best answer is known."""

from .mechanism import BUCKETS, pull_shares, rank_shares

__all__ = ["BUCKETS", "pull_shares", "rank_shares"]
