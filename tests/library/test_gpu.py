"""The compiled back end for GPUs gives what the plain loop gives.

Where there is no GPU, Triton's interpreter runs the kernels on the CPU, one program after the other:
TRITON_INTERPRET=1 python -m pytest tests/library/test_gpu.py
"""

import os

import pytest
import torch

from topk_lib import SIGMOIDS, SortingNetwork, TopKCrossEntropyLoss, backend
from topk_lib.networks import KINDS, top_k_network
from topk_lib.propagate import backends, compiled, plain
from topk_lib.sigmoids import Comparator

from .same import assert_equal, batch, results
from .test_oracle import ROWS, distance, ours, theirs

HAS_GPU = torch.cuda.is_available()
if not HAS_GPU and os.environ.get("TRITON_INTERPRET") != "1":
    pytest.skip("no GPU, and TRITON_INTERPRET is not set", allow_module_level=True)
gpu = pytest.importorskip("topk_lib.propagate.gpu", reason="Triton is not installed")

DEVICE = torch.device("cuda" if HAS_GPU else "cpu")
TOLERANCE = 5e-5
on_a_gpu = pytest.mark.skipif(not HAS_GPU, reason="there is no GPU")


@pytest.fixture(autouse=True)
def interpreted(monkeypatch):
    """Without a GPU, "compiled" means these kernels on the CPU as well."""
    if not HAS_GPU:
        monkeypatch.setattr(backends, "compiled_code", lambda device: gpu)


def results_of(name, sorter, scores, *data):
    with backend(name):
        return [t.cpu() for t in results(sorter, scores, *data)]


def both(sorter, scores, labels, k=4):
    """Plain values and gradients in float64 on the CPU, and those of the kernels in float32."""
    exact = results_of("plain", sorter, scores.double(), labels, k)
    fast = results_of("compiled", sorter, scores.float().to(DEVICE), labels.to(DEVICE), k)
    return exact, [t.double() for t in fast]


@pytest.mark.parametrize("distribution", SIGMOIDS)
@pytest.mark.parametrize("kind", KINDS)
def test_values_and_gradients_equal_the_plain_ones(kind, distribution):
    # ART is steep at ties, where rounding makes gaps of 1e-8 out of none
    tolerance = TOLERANCE * (100 if distribution == "logistic_phi" else 1)
    for steepness in (0.5, 6.0):
        sorter = SortingNetwork(kind, steepness, distribution, 0.4)
        assert_equal(*both(sorter, *batch(5, 9)), tolerance)


@pytest.mark.parametrize("distribution", SIGMOIDS)
def test_tails_keep_their_digits(distribution):
    scores = torch.tensor([[8.0, 0.0], [5.0, 0.0], [0.5, 0.25], [0.0, 7.0], [1e-3, 0.0], [9.0, 0.1]])
    sorter, labels = SortingNetwork("odd_even", 1.0, distribution, 0.1), torch.tensor([1, 1, 1, 0, 1, 0])
    with backend("compiled"):
        got = sorter.rank_probabilities(scores.to(DEVICE), labels.to(DEVICE)).double().cpu()
    with backend("plain"):
        exact = sorter.rank_probabilities(scores.double(), labels)
    torch.testing.assert_close(got, exact, rtol=5e-5, atol=0)


@pytest.mark.parametrize(("size", "n", "k"), [(1, 1, 1), (3, 2, 2), (40, 3, 1), (2, 70, 3), (0, 5, 2)])
def test_any_batch_and_any_number_of_classes(size, n, k):
    """Layers narrower and wider than a warp, samples that share a program, programs with samples to spare."""
    scores, labels = batch(max(size, 4), max(n, 5))
    data = scores[:size, :n], labels[:size] % n
    if size:
        assert_equal(*both(SortingNetwork(), *data, k), TOLERANCE)
    else:
        with backend("compiled"):
            assert SortingNetwork().rank_probabilities(*(t.to(DEVICE) for t in data), k).shape == (0, k)


def test_layers_wider_than_a_program_are_done_in_parts(monkeypatch):
    monkeypatch.setattr(gpu, "WIDEST", 4)
    assert_equal(*both(SortingNetwork("bitonic"), *batch(4, 21)), TOLERANCE)


def test_a_gradient_for_the_payload_alone_and_for_many_channels():
    network, comparator = top_k_network("bitonic", 6, 3), Comparator()
    scores = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    payload = torch.rand(5, 6, 4, generator=torch.Generator().manual_seed(1))
    outputs = []
    for run in (lambda s, p: compiled.push(gpu.Run(network, comparator, 4), s, p, 3), plain_push(network, comparator)):
        mine = payload.to(DEVICE).requires_grad_()
        out = run(scores.to(DEVICE), mine)
        out.square().sum().backward()
        outputs.append([out.detach(), mine.grad])
    assert_equal(*outputs, TOLERANCE)


def plain_push(network, comparator):
    table, plan = plain.wire(network, 3)
    return lambda s, p: plain.push(s, p, torch.tensor(table, device=DEVICE), plan, comparator)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the interpreter's numpy minds
@pytest.mark.parametrize("distribution", SIGMOIDS)
def test_nan_and_infinity_stay_in_their_own_sample(distribution):
    sorter, (scores, labels) = SortingNetwork(distribution=distribution), batch(7, 6)
    spoilt = scores.clone()
    spoilt[3, 4], spoilt[5, 2] = float("nan"), float("inf")
    clean, got = (results_of("compiled", sorter, s.to(DEVICE), labels.to(DEVICE)) for s in (scores, spoilt))
    others = [i for i in range(len(scores)) if i not in (3, 5)]
    for expected, result in zip(clean[:6], got[:6], strict=True):
        torch.testing.assert_close(result[others], expected[others], rtol=0, atol=0)
    assert got[0][3].isnan().all() and got[3][3].isnan().any()


def test_settings_of_the_authors_are_met():
    networks = [i for i, row in enumerate(ROWS) if row["distribution"] is not None]
    with backend("compiled"):
        for i in networks if HAS_GPU else networks[:: len(networks) // 12]:
            assert distance(ours(ROWS[i], torch.float32, DEVICE), theirs(i, 64)) < 1e-5, ROWS[i]


def test_the_try_out_runs_a_kernel(monkeypatch):
    gpu.try_out(DEVICE.type)
    monkeypatch.setattr(gpu, "_forward", None)
    with pytest.raises(TypeError):
        gpu.try_out(DEVICE.type)


def test_every_sigmoid_has_a_kernel():
    assert set(compiled.CODES) <= set(SIGMOIDS) and len(compiled.CODES) == 6


def test_float64_gets_the_plain_loop(monkeypatch):
    monkeypatch.setattr(gpu, "Run", None)
    with backend("compiled"):
        results(SortingNetwork(), *(t.to(DEVICE) for t in batch(dtype=torch.float64)))


@on_a_gpu
def test_the_loss_runs_in_these_kernels_by_itself(monkeypatch):
    monkeypatch.setattr("topk_lib.propagate.plain.push", None)
    scores, labels = (t.to(DEVICE) for t in batch(8, 10))
    TopKCrossEntropyLoss()(scores.requires_grad_(), labels).backward()
    assert scores.grad.isfinite().all()


@on_a_gpu
@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
@pytest.mark.parametrize("name", ["plain", "compiled"])
@pytest.mark.parametrize("m", [None, 8])
def test_a_step_does_not_wait_for_the_gpu_and_fits_in_a_cuda_graph(name, m):
    scores, labels = (t.to(DEVICE) for t in batch(64, 20))
    scores.requires_grad_()
    loss_fn = TopKCrossEntropyLoss(m=m)

    def step():
        scores.grad = None
        loss_fn(scores, labels).backward()

    with backend(name):
        step()
        torch.cuda.synchronize()
        expected = scores.grad.clone()
        try:
            torch.cuda.set_sync_debug_mode("error")
            step()
        finally:
            torch.cuda.set_sync_debug_mode("default")
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            step()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
    scores.grad.zero_()
    graph.replay()
    torch.testing.assert_close(scores.grad, expected, rtol=0, atol=0)


@on_a_gpu
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_and_autocast(dtype):
    scores, labels = (t.to(DEVICE) for t in batch(64, 20))
    weight = torch.eye(20, device=DEVICE, requires_grad=True)
    with torch.autocast("cuda", dtype):
        loss = TopKCrossEntropyLoss()(scores @ weight, labels)
    loss.backward()
    assert loss.dtype == torch.float32 and weight.grad.isfinite().all()
    rounded = scores.to(dtype).requires_grad_()
    half = TopKCrossEntropyLoss()(rounded, labels)
    half.backward()
    assert rounded.grad.dtype == dtype and rounded.grad.isfinite().all()
    torch.testing.assert_close(half, loss, rtol=0.02, atol=0)
