"""The loss under torch's machinery: compile, vmap, func.grad, and devices that are not the CPU."""

import subprocess
import sys

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from topk_lib import SORTERS, TopKCrossEntropyLoss, make_sorter

OPTIONS = [{}, {"m": 8}, {"label_smoothing": 0.1}]
COMPILED = [(name, {}) for name in SORTERS] + [("bitonic", options) for options in OPTIONS[1:]]  # compiling is slow
UPLOADS = (torch.ops.aten.lift_fresh.default,)  # a table written in Python, on its way to the device


def make_loss(name, reduction="none", **options):
    settings = {"max_iterations": 10, "temperature": 4.0} if name == "sinkhorn" else {}
    return TopKCrossEntropyLoss(sorter=make_sorter(name, **settings), reduction=reduction, **options)


def batch(size=5, n=12):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(size, n, generator=generator), torch.randint(0, n, (size,), generator=generator)


class DeviceWatch(TorchDispatchMode):
    """Collects every operation whose result lies on the CPU."""

    def __init__(self, uploads=UPLOADS):
        super().__init__()
        self.on_cpu, self.uploads = [], uploads

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        cpu = any(isinstance(t, torch.Tensor) and t.device.type == "cpu" for t in tree_leaves(out))
        if cpu and func not in self.uploads:
            self.on_cpu.append(func)
        return out


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", SORTERS)
def test_a_cuda_input_stays_on_cuda(name, options):
    loss_fn = make_loss(name, **options)
    with FakeTensorMode(), DeviceWatch() as watch:
        logits, target = torch.empty(4, 12, device="cuda"), torch.empty(4, dtype=torch.long, device="cuda")
        loss = loss_fn(logits, target)
        matrix = loss_fn.sorter(logits, 3)
        assert loss.device.type == matrix.device.type == "cuda"
    assert watch.on_cpu == []
    assert loss_fn.state_dict() == {}
    assert loss_fn(*batch()).isfinite().all()  # no fake table was kept


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", SORTERS)
def test_backward_creates_nothing_on_the_cpu(name, options):
    # autograd refuses a fake cuda where no driver is linked, so the meta device stands in
    loss_fn = make_loss(name, **options)
    with DeviceWatch() as watch:
        logits = torch.empty(4, 12, device="meta", requires_grad=True)
        loss_fn(logits, torch.empty(4, dtype=torch.long, device="meta")).sum().backward()
        loss_fn.sorter(logits, 3).sum().backward()
    assert watch.on_cpu == []
    assert logits.grad.device.type == "meta"


def test_the_watch_sees_a_tensor_on_the_cpu():
    with FakeTensorMode(), DeviceWatch() as watch:
        torch.empty(3, device="cuda").cpu()
    assert watch.on_cpu


@pytest.mark.parametrize("name", [name for name in SORTERS if name != "sinkhorn"])
def test_no_value_is_read_back_inside_a_step(name):
    # under fake tensors reading a value raises; m-selection, gather and loss must get by without
    loss_fn = make_loss(name, m=8)
    with FakeTensorMode():
        loss_fn(torch.empty(4, 12, device="cuda"), torch.empty(4, dtype=torch.long, device="cuda")).sum()


@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")  # torch's own tracer does it
@pytest.mark.parametrize(("name", "options"), COMPILED, ids=str)
def test_compiles_into_one_graph(name, options):
    torch._dynamo.reset()
    loss_fn = make_loss(name, **options)
    logits, target = batch()
    logits.requires_grad_()
    compiled = torch.compile(loss_fn, fullgraph=True, backend="aot_eager")
    values = [fn(logits, target) for fn in (compiled, loss_fn)]
    torch.testing.assert_close(*values)
    gradients = [torch.autograd.grad(value.sum(), logits)[0] for value in values]
    torch.testing.assert_close(*gradients)


@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")
def test_losses_of_several_sizes_compile_in_one_process():
    torch._dynamo.reset()
    for name, size, n in (("splitter_selection", 5, 12), ("bitonic", 5, 12), ("bitonic", 5, 17), ("bitonic", 7, 17)):
        loss_fn = make_loss(name)
        logits, target = batch(size, n)
        compiled = torch.compile(loss_fn, fullgraph=True, backend="aot_eager")
        torch.testing.assert_close(compiled(logits, target), loss_fn(logits, target))


@pytest.mark.parametrize("name", [name for name in SORTERS if name != "sinkhorn"])
def test_a_second_step_could_be_captured_as_a_cuda_graph(name):
    """Nothing is uploaded, read back or sized by values: the meta device has no values and cannot copy any."""
    loss_fn = make_loss(name, "mean", m=8)
    logits = torch.empty(4, 12, device="meta", requires_grad=True)
    target = torch.empty(4, dtype=torch.long, device="meta")
    loss_fn(logits, target).backward()  # leaves the tables on the device
    with DeviceWatch(uploads=()) as watch:
        loss_fn(logits, target).backward()
    assert watch.on_cpu == []


def test_importing_the_kit_leaves_the_compiler_alone():
    code = "import sys, topk_lib; sys.exit('torch._dynamo' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
