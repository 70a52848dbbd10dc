"""What `python -m topk_lib compare` does where it is asked for a grid."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

import torch

from ..data import load
from .commands import InputError, blaming_input
from .compare_options import grid_from
from .estimate import duration, predict_seconds
from .grid import Grid
from .grid_results import GridResults, summarize, write_summary
from .grid_runs import GridFolder, images_of, run_all, run_in_processes
from .grid_table import grid_caveat, grid_table
from .progress import Progress
from .record import write_whole

FIGURE, SUMMARY = "comparison.png", "summary.json"
