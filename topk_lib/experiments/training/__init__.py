"""Train a network with one loss or another, and keep a record of it.

config = Config(dataset="synthetic100", loss="topk", train_size=5000, test_size=1000)
data = topk_lib.experiments.data.load(config.dataset, train_size=config.train_size, test_size=config.test_size)
model, record = fit(config, data)
record["final"]["top5"]
"""

from ..config import Config
from ..embed import embed
from ..record import load_model, read_record, save_run
from .augment import Batches, every_window, random_crop, random_flip, reflect_pad
from .checkpoint import Checkpoint
from .estimate import predict_seconds
from .evaluate import evaluate, predict_logits
from .head import evaluate_head, fit_head, load_head
from .loop import BatchInfo, StopTraining, Trained, fit
from .recipes import RECIPES, Recipe

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
