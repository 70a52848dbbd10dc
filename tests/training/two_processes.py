"""What each of two processes does in test_distributed: `python -m tests.training.two_processes TASK FOLDER`."""

import sys
import time
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist

from topk_lib.training import distributed

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
    rows = torch.arange(14.0).reshape(7, 2)
    with processes.one_first():
        seen = (folder / "download").exists()
        time.sleep(0.0 if seen else 0.5)
        (folder / "download").touch()
    return {
        "processes": (processes.size, processes.rank, processes.local_rank, processes.leads),
        "device": str(processes.device("auto" if not torch.cuda.is_available() else "cpu")),
        "gradients": [p.grad for p in model.parameters()],
        "own_mean": own_mean,
        "running_mean": norm.running_mean,
        "gathered": processes.gather(rows[processes.share(7)], 7),
        "one_row": processes.gather(rows[:1][processes.share(1)], 1),
        "mean": processes.mean(float(processes.rank + 1)),
        "nan": processes.mean(float("nan") if processes.rank else 0.0),
        "any": (processes.any(False), processes.any(processes.rank == 1), processes.any(processes.leads)),
        "seen": seen,
    }


def fail(processes, folder):
    """One has an error while the other waits for it."""
    if processes.rank == 1:
        raise KeyError("lost")
    processes.mean(0.0)


def sleep(processes, folder):
    """One is stuck: the other gives up."""
    if processes.rank == 1:
        time.sleep(60)
    processes.mean(0.0)


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
