"""Several processes that train one network, the way torchrun starts them.

Every process holds the whole network and draws the same batches, crops and flips; it computes its own share of each
batch, and DistributedDataParallel averages the gradients. As the shares are of one size, the average is the gradient
of the whole batch, and a run follows the same curve with any number of processes, but for rounding. The exception is
batch normalization, which is left as it is: it normalizes by the statistics of a share, and the first process's
running statistics are the ones that count. Such a network trains as well, but along another curve.

    torchrun --standalone --nproc-per-node 2 -m topk_lib train --dataset cifar10 --loss ce --out runs/two
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from .machine import pick_device

TIMEOUT = timedelta(minutes=5)
"""How long one process waits for another before it gives up. In training they meet at every step."""
PATIENCE = timedelta(hours=3)
"""The same while one of them downloads."""


@dataclass(frozen=True)
class Processes:
    """The processes of a run, as one of them sees them. By default it is alone, and nothing is ever sent.

    Attributes:
        size: how many they are.
        rank: which one this is, from 0 to ``size`` - 1.
        local_rank: the same among those on this machine; it chooses the GPU.
    """

    size: int = 1
    rank: int = 0
    local_rank: int = 0

    @property
    def is_main(self) -> bool:
        """Whether this is the one that prints and writes."""
        return self.rank == 0

    def device(self, name: str = "auto") -> torch.device:
        """The device of this process: as `pick_device` has it for one alone, else its own GPU or the CPU.

        Raises:
            ValueError: there is no such device, or not one for each process.
        """
        if self.size == 1:
            return pick_device(name)
        if name not in ("auto", "cpu", "cuda"):
            raise ValueError(f"device must be auto, cpu or cuda for {self.size} processes, got {name!r}")
        gpus = torch.cuda.device_count()
        if name == "cpu" or (name == "auto" and gpus == 0):
            return torch.device("cpu")
        if self.local_rank >= gpus:
            raise ValueError(f"device must be cpu for more processes than this machine has GPUs ({gpus}), got {name!r}")
        return torch.device("cuda", self.local_rank)

    def share(self, count: int) -> slice:
        """Which of ``count`` rows are this process's own; all shares together are all rows, each once."""
        return slice(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def share_of_batch(self, batch_size: int) -> slice:
        """The same for the images of a batch, whose shares have to be of one size.

        Raises:
            ValueError: they are not.
        """
        if batch_size % self.size:
            raise ValueError(f"batch_size must be a multiple of {self.size}, the number of processes, got {batch_size}")
        return self.share(batch_size)

    def parallel(self, model: nn.Module) -> nn.Module:
        """The network to train with: its gradients are the mean over the processes, its buffers the first one's."""
        return model if self.size == 1 else DistributedDataParallel(model)

    def copy_buffers(self, model: nn.Module) -> None:
        """Give every process the first one's buffers, as each step of `parallel` does before, not after, it runs."""
        if self.size > 1:
            for buffer in model.buffers():
                dist.broadcast(buffer, src=0)

    def total(self, counts: Tensor) -> Tensor:
        """The sum of the processes' counts, on the CPU, the same for each of them."""
        if self.size > 1:
            dist.all_reduce(counts)
        return counts

    def mean(self, value: Tensor) -> Tensor:
        """The mean of the processes' values, on their device, the same for each of them. Nothing waits for a GPU."""
        if self.size > 1:
            value = value / self.size
            dist.all_reduce(value)
        return value

    def largest(self, value: int) -> int:
        """The largest of the processes' values. They are compared on the CPU, so that nothing waits for a GPU."""
        if self.size > 1:
            values = torch.tensor(value)
            dist.all_reduce(values, dist.ReduceOp.MAX)
            value = int(values)
        return value

    def any(self, flag: bool) -> bool:
        """Whether one of the processes says so."""
        return self.largest(int(flag)) > 0

    @contextmanager
    def one_first(self) -> Iterator[None]:
        """Within the ``with``, one process per machine goes ahead and the others follow when it is done."""
        if self.size == 1:
            yield
            return
        group = dist.new_group(backend="gloo", timeout=PATIENCE)
        meet = partial(dist.barrier, group)  # pyright: ignore[reportArgumentType]  # all processes are of this group
        if self.local_rank > 0:
            meet()
        yield
        if self.local_rank == 0:
            meet()


ALONE = Processes()


def started() -> Processes:
    """The processes that torchrun has started, by this one's environment; one alone without torchrun."""
    if "LOCAL_RANK" not in os.environ:
        return ALONE
    return Processes(*(int(os.environ[name]) for name in ("WORLD_SIZE", "RANK", "LOCAL_RANK")))


def refuse_several(what: str) -> None:
    """Raise a ValueError where torchrun has started several processes for what one of them has to do alone."""
    if (processes := started()).size > 1:
        raise ValueError(f"{what} runs in one process, but torchrun has started {processes.size}")


@contextmanager
def joined(device: str = "auto") -> Iterator[Processes]:
    """Those that torchrun has started, connected with each other within the ``with``: gloo, and NCCL between GPUs.

    Args:
        device: "auto", "cpu" or "cuda"; the name of any device for one process alone.

    Raises:
        ValueError: see `Processes.device`.
    """
    processes = started()
    if processes.size == 1:
        yield processes
        return
    on = processes.device(device)
    if on.type == "cuda":
        torch.cuda.set_device(on)
    dist.init_process_group("cpu:gloo,cuda:nccl" if on.type == "cuda" else "gloo", timeout=TIMEOUT)
    ended_well = False
    try:
        yield processes
        ended_well = True
    finally:
        # NCCL's farewell waits for the others, who only learn of an error when this process has ended.
        if ended_well or on.type == "cpu":
            dist.destroy_process_group()
