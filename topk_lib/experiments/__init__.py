"""Everything that trains, measures and keeps records.

- `data`: data sets as tensors; `models`: networks by name
- `config`, `training`: what a run is asked to do, and the loop that does it
- `record`, `results`, `reading`: what is kept of a run, and what the repository has recorded
- `grids`: comparisons of losses over conditions and seeds
- `commands`: the command line; `report`: from records to tables; `drawing`: the figures of measurements

config = Config(dataset="synthetic100", loss="topk", train_size=5000, test_size=1000)
data = topk_lib.experiments.data.load(config.dataset, train_size=config.train_size, test_size=config.test_size)
model, record = fit(config, data)
record["final"]["top5"]
"""

from .config import Config
from .embedding import embed
from .record import load_model, read_record, save_run
from .training.augment import Batches, every_window, random_crop, random_flip, reflect_pad
from .training.checkpoint import Checkpoint
from .training.estimate import predict_seconds
from .training.evaluate import evaluate, predict_logits
from .training.head import evaluate_head, fit_head, load_head
from .training.loop import BatchInfo, StopTraining, Trained, fit
from .training.recipes import RECIPES, Recipe

__all__ = [
    "RECIPES",
    "BatchInfo",
    "Batches",
    "Checkpoint",
    "Config",
    "Recipe",
    "StopTraining",
    "Trained",
    "embed",
    "evaluate",
    "evaluate_head",
    "every_window",
    "fit",
    "fit_head",
    "load_head",
    "load_model",
    "predict_logits",
    "predict_seconds",
    "random_crop",
    "random_flip",
    "read_record",
    "reflect_pad",
    "save_run",
]
