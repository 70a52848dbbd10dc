"""A step never waits for a GPU: it reads no number back from a tensor."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from topk_lib import SORTERS, _validate
from topk_lib.experiments import Config, run
from topk_lib.experiments.running import arguments
from topk_lib.experiments.training.loop import take_step
from topk_lib.experiments.training.state import TrainingState

from .tiny import tiny_data

QUICK = {"dataset": "tiny", "model": "small_cnn", "lr": 0.01, "batch_size": 16, "precision": "float32"}
WAITING = ("_local_scalar_dense", "nonzero", "is_nonzero", "equal", "masked_select", "_unique2", "item", "index_bool")
NEEDS_CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


class NothingIsRead(TorchDispatchMode):
    """Raises where an operation would need the values of a tensor on the host."""

    def __torch_dispatch__(self, function, types, arguments=(), named=None):
        name = function.overloadpacket.__name__
        mask = name in ("index", "index_put_") and any(
            index is not None and index.dtype == torch.bool for index in arguments[1]
        )
        if name in WAITING or mask:
            raise AssertionError(f"a step waits for {function}")
        return function(*arguments, **(named or {}))


def three_steps(run):
    batches = iter(run.batches)
    run.model.train()
    for _ in range(3):
        take_step(run, *next(batches))


@pytest.fixture(autouse=True)
def labels_are_not_read(monkeypatch):
    """Their range is read on the CPU only, where that waits for nothing."""
    monkeypatch.setattr(_validate, "_check_range", lambda *given: None)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("loss", ["ce", *sorted({*SORTERS} - {"sinkhorn"})])
def test_a_step_reads_no_number(loss, precision):
    """Sinkhorn is the exception: it iterates until it has converged, and has to look."""
    settings = {"loss": "ce"} if loss == "ce" else {"loss": "topk", "sorter": loss, "m": 5}
    run = TrainingState(**arguments(Config(**QUICK | {"precision": precision} | settings, device="cpu"), tiny_data()))
    with NothingIsRead():
        three_steps(run)
    assert run.step == 3 and run.mean_loss() > 0


@pytest.mark.parametrize("optimizer", [torch.optim.SGD, torch.optim.Adam])
def test_a_step_with_scaled_gradients_reads_none_either(optimizer):
    """As with float16 on CUDA: the optimizer is fused, and asks itself whether the gradients were finite."""
    run = TrainingState(**arguments(Config(**QUICK, device="cpu"), tiny_data()))
    run.optimizer = optimizer(run.model.parameters(), lr=0.01, fused=True)
    run.schedule = torch.optim.lr_scheduler.ConstantLR(run.optimizer, factor=1.0)
    run.scaler = torch.amp.GradScaler("cpu")
    before = [p.detach().clone() for p in run.model.parameters()]
    with NothingIsRead():
        three_steps(run)
    assert run.mean_loss() > 0 and not torch.equal(before[0], next(run.model.parameters()))


def test_a_number_that_is_read_would_be_seen():
    tensor = torch.ones(2)
    for read in (lambda: tensor.sum().item(), lambda: bool(tensor[0]), lambda: tensor[tensor > 0], tensor.nonzero):
        with pytest.raises(AssertionError, match="waits for"), NothingIsRead():
            read()


@NEEDS_CUDA
@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("recipe", ["fast", "paper", "modern"])
def test_cuda_itself_sees_no_wait(recipe, precision):
    config = Config(**QUICK | {"loss": "topk", "recipe": recipe, "precision": precision}, device="cuda")
    run = TrainingState(**arguments(config, tiny_data(train=192)))
    three_steps(run)  # what is set up at first may wait
    try:
        torch.cuda.set_sync_debug_mode("error")
        three_steps(run)
    finally:
        torch.cuda.set_sync_debug_mode("default")


@NEEDS_CUDA
@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_learns_on_cuda(precision):
    config = Config(**QUICK | {"precision": precision, "lr": 0.05}, epochs=6, device="cuda")
    record = run(config, tiny_data(train=192)).record
    assert record["machine"]["precision"] == precision
    assert record["epochs"][-1]["train_loss"] < 0.5 * record["epochs"][0]["train_loss"]
