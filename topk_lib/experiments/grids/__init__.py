"""Comparisons: every loss in every condition with every seed, and nothing else different.

- `grid`, `grid_file`: what is compared; `grid_samples`: on what
- `grid_runs`: one record per run in a folder, each run once; `locks`: shared by as many processes as there are
- `grid_results`: the runs as rows with names, and what they say; `grid_table`: as a table
"""

from .grid import Cell, Grid, Job
from .grid_file import make_grid, read_grid
from .grid_results import GridResults, Row
from .grid_table import grid_caveat, grid_table

__all__ = ["Cell", "Grid", "GridResults", "Job", "Row", "grid_caveat", "grid_table", "make_grid", "read_grid"]
