"""Everything that trains, measures and keeps records.

- `data`: data sets as tensors; `models`: networks by name
- `config`, `training`: what a run is asked to do, and the loop that does it
- `record`, `results`, `reading`: what is kept of a run, and what the repository has recorded
- `grids`: comparisons of losses over conditions and seeds
- `commands`: the command line; `report`: from records to tables; `drawing`: the figures of measurements

config = Config(dataset="synthetic100", loss="topk", train_size=5000, test_size=1000)
data = topk_lib.experiments.data.load(config.dataset, train_size=config.train_size, test_size=config.test_size)
model, record = run(config, data)
record["final"]["top5"]
"""

from .config import Config
from .data import load
from .embedding import embed
from .record import load_model, read_record, save_run
from .running import build_model, compare, comparison_table, predict_seconds, run
from .training.batches import every_window, random_crop, random_flip, reflect_pad
from .training.checkpoint import Checkpoint
from .training.evaluate import evaluate, expected_accuracy, predict_logits
from .training.loop import BatchInfo, FitResult, StopTraining, fit
from .training.recipes import HEAD_RECIPES, RECIPES, Recipe

__all__ = [
    "HEAD_RECIPES",
    "RECIPES",
    "BatchInfo",
    "Checkpoint",
    "Config",
    "FitResult",
    "Recipe",
    "StopTraining",
    "build_model",
    "compare",
    "comparison_table",
    "embed",
    "evaluate",
    "every_window",
    "expected_accuracy",
    "fit",
    "load",
    "load_model",
    "predict_logits",
    "predict_seconds",
    "random_crop",
    "random_flip",
    "read_record",
    "reflect_pad",
    "run",
    "save_run",
]
