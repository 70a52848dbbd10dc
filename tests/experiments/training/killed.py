"""A training that is killed again and again, as a program: python -m tests.experiments.training.killed
KIND FOLDER SEED KILLS

KIND is "images", or "head" for a linear head on stored embeddings.

Every life is a fork of this process, which has torch in memory already. It takes a few steps, each when it is told to,
and ends by SIGKILL: a moment after the last one, or, every fourth life, while it writes a checkpoint. The last life is
left alone. Leaves FOLDER/whole.pt and FOLDER/killed.pt (weights and record of a run that was never touched, and of the
one that was) and prints what happened in each life.
"""

import json
import os
import random
import signal
import socket
import struct
import sys
import time
import traceback
from pathlib import Path

import torch
import torch._dynamo  # what the first step of a life would import
import torch._inductor

from topk_lib import TopKCrossEntropyLoss
from topk_lib.experiments import Config, run
from topk_lib.experiments.data import draw_embeddings
from topk_lib.experiments.training.checkpoint import Checkpoint

from .heads import fit_head
from .tiny import tiny_data

CONFIG = Config(
    dataset="tiny",
    loss="topk",
    model="linear",
    recipe="paper",
    epochs=20,
    batch_size=8,
    lr=0.003,
    device="cpu",
    precision="float32",
    **{"val_fraction": 0.2},
)
HEAD = {"epochs": 20, "batch_size": 8, "lr": 0.003, "device": "cpu"}
GO_ON, DIE_WRITING = b"g", b"w"
STEPS = 20 * 9  # of 96 images 19 are held out, and 77 make nine batches


def fit_images(**more):
    return run(CONFIG, tiny_data(), **more)


def fit_a_head(**more):
    data = draw_embeddings(20, 77, 23, dimensions=6).data
    return fit_head(data, TopKCrossEntropyLoss(m=8), **HEAD, **more)


KINDS = {"images": fit_images, "head": fit_a_head}


def train(kind, result, checkpoint=None, told=None):
    """One life, which stores what it comes to; with a socket it says each step's number there and waits for a word."""

    def ask(step, info):
        told.send(struct.pack("i", step))
        if told.recv(1) == DIE_WRITING:
            os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)

    model, record = KINDS[kind](on_batch=told and ask, checkpoint=checkpoint)
    torch.save({"weights": model.state_dict(), "record": record}, result)


def in_a_life_of_its_own(function, *arguments):
    """The number of a new process that does this and nothing else."""
    process = os.fork()
    if process == 0:
        try:
            function(*arguments)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return process


def live_and_die(kind, folder, draw, writing):
    """A life that is killed; the steps it took, and whether a file lay there half written when it was over."""
    ours, theirs = socket.socketpair()
    checkpoint = Checkpoint(folder / "checkpoint.pt", every=0)
    process = in_a_life_of_its_own(train, kind, folder / "killed.pt", checkpoint, theirs)
    theirs.close()
    steps, pauses, since = [], [0.02], time.monotonic()
    for left in reversed(range(draw.randint(int(writing), 5))):
        steps += struct.unpack("i", ours.recv(4))
        pauses, since = [*pauses, time.monotonic() - since], time.monotonic()
        ours.send(DIE_WRITING if writing and not left else GO_ON)
    if not writing:
        time.sleep(draw.random() * 2 * min(pauses))
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    ours.close()
    return {"steps": steps, "killed": os.WIFSIGNALED(status), "writing": any(folder.glob("*.unfinished"))}


def main(kind, folder, seed, kills):
    """All lives."""
    torch.set_num_threads(1)
    folder, draw = Path(folder), random.Random(seed)
    whole = in_a_life_of_its_own(train, kind, folder / "whole.pt")
    lives = [live_and_die(kind, folder, draw, writing=life % 4 == 3) for life in range(kills)]
    last = in_a_life_of_its_own(train, kind, folder / "killed.pt", folder / "checkpoint.pt")
    for process in (whole, last):
        assert os.waitpid(process, 0)[1] == 0
    print(json.dumps(lives))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
