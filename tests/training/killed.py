"""A training that is killed again and again, as a program: python -m tests.training.killed FOLDER SEED KILLS

Every life is a fork of this process, which has torch in memory already, and ends by SIGKILL some steps and a moment
after its beginning. The last one is left alone. Leaves FOLDER/whole.pt and FOLDER/killed.pt (weights and record of a
run that was never touched, and of the one that was) and prints what happened in each life.
"""

import json
import os
import random
import signal
import struct
import sys
import time
import traceback
from pathlib import Path

import torch
import torch._dynamo  # what the first step of a life would import
import torch._inductor

from topk_lib.training import Config, fit
from topk_lib.training.checkpoint import Checkpoint

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
    changes={"held_out": 0.2},
)
STEPS = 20 * 9  # of 96 images 19 are held out, and 77 make nine batches


def train(result, checkpoint=None, pipe=None):
    """One life, which tells its steps through the pipe and stores what it has come to."""
    tell = None if pipe is None else lambda step, info: os.write(pipe, struct.pack("i", step)) and None
    model, record = fit(CONFIG, tiny_data(), on_batch=tell, checkpoint=checkpoint)
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


def live_and_die(folder, draw):
    """A life that is killed; the steps it was seen to take, and whether it died while it wrote a checkpoint."""
    checkpoint = Checkpoint(folder / "checkpoint.pt", every=0)
    read, write = os.pipe()
    process = in_a_life_of_its_own(train, folder / "killed.pt", checkpoint, write)
    os.close(write)
    steps, pause, since = [], 0.02, time.monotonic()
    for _ in range(draw.randint(0, 5)):
        steps += struct.unpack("i", os.read(read, 4))
        pause, since = time.monotonic() - since if len(steps) > 1 else pause, time.monotonic()
    time.sleep(min(draw.random() * 2 * pause, 0.5))
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    while news := os.read(read, 4):
        steps += struct.unpack("i", news)
    os.close(read)
    return {"steps": steps, "killed": os.WIFSIGNALED(status), "writing": any(folder.glob("*.unfinished"))}


def main(folder, seed, kills):
    """All lives."""
    torch.set_num_threads(1)
    folder, draw = Path(folder), random.Random(seed)
    whole = in_a_life_of_its_own(train, folder / "whole.pt")
    lives = [live_and_die(folder, draw) for _ in range(kills)]
    last = in_a_life_of_its_own(train, folder / "killed.pt", folder / "checkpoint.pt")
    for process in (whole, last):
        assert os.waitpid(process, 0)[1] == 0
    print(json.dumps(lives))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
