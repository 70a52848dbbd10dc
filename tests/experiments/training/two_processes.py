"""What two processes do in test_distributed: `python -m tests.experiments.training.two_processes TASK FOLDER`."""

import shutil
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist

from topk_lib.experiments import Config, run
from topk_lib.experiments.training import distributed
from topk_lib.experiments.training.checkpoint import Checkpoint
from topk_lib.experiments.training.interrupts import Interrupted, Interrupts

from .tiny import tiny_data

WITH_BATCH_NORM = Config(epochs=4, batch_size=16, lr=0.02, precision="float32", device="cpu")
WITHOUT = Config(model="linear", epochs=3, batch_size=16, lr=0.01, precision="float32", device="cpu")
IMAGES = torch.arange(24.0).reshape(8, 3).sin()


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4, affine=False).eval(), torch.nn.Tanh())


def meet(processes, folder):
    """Use everything that a run uses, and tell what came of it."""
    model = network()
    trained = processes.parallel(model)
    trained(IMAGES[processes.share_of_batch(8)]).square().mean().backward()
    norm = torch.nn.BatchNorm1d(3, momentum=1.0)
    norm(IMAGES[processes.share(8)])
    own_mean = norm.running_mean.clone()
    processes.copy_buffers(norm)
    with processes.one_first():
        seen = (folder / "download").exists()
        time.sleep(0.0 if seen else 0.5)
        (folder / "download").touch()
    return {
        "processes": (processes.size, processes.rank, processes.local_rank, processes.is_main),
        "device": str(processes.device("auto" if not torch.cuda.is_available() else "cpu")),
        "gradients": [p.grad for p in model.parameters()],
        "own_mean": own_mean,
        "running_mean": norm.running_mean,
        "total": processes.total(torch.tensor([processes.rank + 1, 10])),
        "mean": processes.mean(torch.tensor(processes.rank + 1.0)),
        "nan": processes.mean(torch.tensor(float("nan") if processes.rank else 0.0)),
        "any": (processes.any(False), processes.any(processes.rank == 1), processes.any(processes.is_main)),
        "seen": seen,
        **learn(processes, folder),
        **go_on(processes, folder),
    }


def learn(processes, folder):
    """Train with batch normalization; train once more until one of the two stops."""
    model, record = run(WITH_BATCH_NORM, tiny_data(train=192), processes=processes)
    alone = run(WITH_BATCH_NORM, tiny_data(train=192)).record["epochs"]
    stop = lambda step, info: not (processes.rank == 1 and step == 5)  # noqa: E731
    own = folder / f"of-{processes.rank}.pt"
    quick = WITH_BATCH_NORM.replace(model="linear", epochs=2)
    stopped = run(quick, tiny_data(), on_batch=stop, processes=processes, checkpoint=Checkpoint(own, every=0)).record
    return {
        "weights": model.state_dict(),
        "epochs": record["epochs"],
        "alone": alone,
        "wrote": own.exists(),
        "stopped": stopped["epochs"],
    }


def go_on(processes, folder):
    """One of the two gets a signal in the second epoch; then both go on from what was kept."""
    interrupts, data, steps = Interrupts(), tiny_data(), []

    def on_batch(step, info):
        steps.append(step)
        interrupts.number = signal.SIGTERM if step == 8 and processes.rank == 1 else None
        interrupts.check(processes)

    try:
        run(WITHOUT, data, on_batch=on_batch, checkpoint=folder / "run.pt", processes=processes)
    except Interrupted as stop:
        code = stop.code
    if processes.is_main:
        shutil.copy(folder / "run.pt", folder / "kept.pt")
    record = run(WITHOUT, data, checkpoint=folder / "run.pt", processes=processes).record
    missed = ""
    try:  # the second of them sees no file
        name = "run.pt" if processes.is_main else "missed.pt"
        run(WITHOUT, data, checkpoint=folder / name, processes=processes)
    except OSError as error:
        missed = str(error)
    return {"interrupted": (code, steps[-1]), "resumed": record["epochs"], "missed": missed}


def fail(processes, folder):
    """One has an error while the other waits for it."""
    if processes.rank == 1:
        raise KeyError("lost")
    processes.any(False)


def sleep(processes, folder):
    """One is stuck: the other gives up."""
    if processes.rank == 1:
        time.sleep(60)
    processes.any(False)


def main(task, folder):
    if task == "sleep":
        distributed.TIMEOUT = timedelta(seconds=2)
    try:
        with distributed.joined("cpu") as processes:
            report = globals()[task](processes, Path(folder))
    finally:
        assert not dist.is_initialized()
    torch.save(report, Path(folder) / f"{processes.rank}.pt")


if __name__ == "__main__":
    main(*sys.argv[1:])
