"""What `python -m topk_lib embed` does with its options."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from torch import nn

from ..config import settings_of_data
from ..data import ImageData, load
from ..embedding import DTYPES, embed, import_module, refuse_existing_file, run_body
from ..models import Normalize
from ..training.distributed import refuse_several
from ..training.machine import pick_device
from .commands import blaming_input
from .options import add_data_options
from .progress import Progress

SUMMARY = "store what a network says about images, to train a head on"
DESCRIPTION = """\
Run a network without its last layer over all training and test images, and store features and labels in one file.
A head is then trained on them with `train --dataset embeddings:FILE`, in seconds and with any loss.
"""
EXAMPLES = """\
examples:
  python -m topk_lib embed --run runs/ce --dataset cifar10 --out data/cifar10.safetensors
  python -m topk_lib embed --module mine.networks:body --weights body.pt --dataset folder:photos --out photos.npz
"""


def add_embed_options(parser: argparse.ArgumentParser) -> None:
    """Everything that `embed` takes."""
    group = parser.add_argument_group("network").add_mutually_exclusive_group(required=True)
    text = "the folder of a run of `train`, or a record of `compare`: its network but the last layer"
    group.add_argument("--run", metavar="RUN", help=text)
    text = "a torch module, or what makes one without arguments, by where Python finds it"
    group.add_argument("--module", metavar="PACKAGE.MODULE:NAME", help=text)
    group = parser.add_argument_group("with --module")
    group.add_argument("--weights", metavar="FILE", help="its state_dict, as torch.save wrote it")
    rgb = {"type": float, "nargs": 3, "metavar": ("R", "G", "B")}
    group.add_argument("--mean", **rgb, help="what it expects pixels, from 0 to 1, to be less by (default: 0 0 0)")
    group.add_argument("--std", **rgb, help="and to be divided by (default: 1 1 1)")
    add_data_options(parser)
    group = parser.add_argument_group("features")
    group.add_argument("--dtype", choices=DTYPES, default="float32", help="how they are stored (default: float32)")
    group.add_argument("--batch-size", type=int, default=256, metavar="B", help="images per step (default: 256)")
    group.add_argument("--seed", type=int, default=0, metavar="N", help="of drawn or chosen images (default: 0)")
    group.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, xpu, mps, ... (default: auto)")
    group = parser.add_argument_group("output")
    group.add_argument("--out", required=True, metavar="FILE", help="its name ends in .safetensors or .npz")
    group.add_argument("--overwrite", action="store_true", help="replace FILE if it exists already")
    group.add_argument("--quiet", action="store_true", help="print nothing but errors")


def embed_images(options: argparse.Namespace) -> None:
    """Write the features of all images to --out.

    Raises:
        InputError: before anything is computed.
        OSError: the file cannot be written.
    """
    with blaming_input():
        refuse_several("embed")
        progress = Progress(quiet=options.quiet)
        refuse_existing_file(Path(options.out).expanduser(), options.overwrite)
        pick_device(options.device)
        module = _network(options)
        data = _images(options)
        count = len(data.train) + len(data.test)
        progress.say(f"Running {options.run or options.module} over {count:,} images of {data.name}")
        bar = progress.tqdm(total=count, unit="image", disable=True if options.quiet else None, leave=False)
        settings = {name: getattr(options, name) for name in ("dtype", "batch_size", "device", "overwrite")}
        with closing(bar):
            path = embed(module, data, options.out, **settings, on_batch=lambda done, _: bar.update(done - bar.n))
    progress.say(f"Written: {path}, {path.stat().st_size / 1e6:,.1f} MB")
    progress.say(f"A head on it: python -m topk_lib train --dataset embeddings:{path} --loss ce --out DIR")


def _network(options: argparse.Namespace) -> nn.Module:
    if options.module:
        mean, std = (options.mean or (0.0, 0.0, 0.0)), (options.std or (1.0, 1.0, 1.0))
        pixels = Normalize([255 * number for number in mean], [255 * number for number in std])
        return nn.Sequential(pixels, import_module(options.module, options.weights))
    for name in ("weights", "mean", "std"):
        if (value := getattr(options, name)) is not None:
            raise ValueError(f"--{name} must be left out unless --module is given, got {value!r} with --run")
    return run_body(options.run)


def _images(options: argparse.Namespace) -> ImageData:
    """The data set, as a run would load it."""
    if options.dataset is None:
        raise ValueError("the following arguments are required: --dataset")
    asked = {name: getattr(options, name) for name in ("train_size", "test_size", "seed", *settings_of_data())}
    data = load(options.dataset, options.data_dir, download=options.download, **asked)
    if not isinstance(data, ImageData):
        raise ValueError(f"dataset must hold images, got {options.dataset!r}, which holds {data.kind}")
    return data
