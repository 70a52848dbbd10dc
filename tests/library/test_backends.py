"""The compiled back end gives what the plain loop gives, is chosen where it should be, and never needed."""

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from topk_lib import SIGMOIDS, SortingNetwork, TopKCrossEntropyLoss, backend
from topk_lib.networks import KINDS
from topk_lib.propagate import backends, compiled

from .same import assert_equal, batch, both
from .test_oracle import ROWS, distance, ours, theirs

cpu = pytest.importorskip("topk_lib.propagate.cpu", reason="numba is not installed")

TOLERANCE = {torch.float32: 5e-5, torch.float64: 1e-12}


def no_plain_code(monkeypatch):
    """From here on the plain loop is an error."""
    monkeypatch.setattr("topk_lib.propagate.plain.push", None)
    monkeypatch.setattr("topk_lib.propagate.plain.pull", None)


def no_compiled_code(monkeypatch):
    monkeypatch.setattr("topk_lib.propagate.compiled.push", None)
    monkeypatch.setattr("topk_lib.propagate.compiled.pull", None)


@pytest.mark.parametrize("dtype", TOLERANCE, ids=str)
@pytest.mark.parametrize("distribution", SIGMOIDS)
@pytest.mark.parametrize("kind", KINDS)
def test_values_and_gradients_equal_the_plain_ones(kind, distribution, dtype):
    # ART is steep at ties, where rounding makes gaps of 1e-8 out of none
    tolerance = TOLERANCE[dtype] * (100 if distribution == "logistic_phi" else 1)
    for steepness in (0.5, 6.0):
        assert_equal(*both(SortingNetwork(kind, steepness, distribution, 0.4), *batch(dtype=dtype)), tolerance)


@pytest.mark.parametrize("distribution", SIGMOIDS)
def test_float32_tails_keep_their_digits(distribution):
    scores = torch.tensor([[8.0, 0.0], [5.0, 0.0], [0.5, 0.25], [0.0, 7.0], [1e-3, 0.0], [9.0, 0.1]])
    sorter, labels = SortingNetwork("odd_even", 1.0, distribution, 0.1), torch.tensor([1, 1, 1, 0, 1, 0])
    with backend("compiled"):
        got = sorter.rank_probabilities(scores, labels).double()
    with backend("plain"):
        exact = sorter.rank_probabilities(scores.double(), labels)
    torch.testing.assert_close(got, exact, rtol=5e-5, atol=0)


def test_240_settings_of_the_authors_are_met_by_compiled_code(monkeypatch):
    networks = [i for i, row in enumerate(ROWS) if row["distribution"] is not None]
    no_plain_code(monkeypatch)
    with backend("compiled"):
        assert max(distance(ours(ROWS[i], torch.float32), theirs(i, 64)) for i in networks) < 1e-5
        assert max(distance(ours(ROWS[i], torch.float64), theirs(i, 64)) for i in networks) < 2e-7


@pytest.mark.parametrize("size", [0, 1, 127, 128, 129, 300])
def test_any_batch_in_any_number_of_threads(size, monkeypatch):
    sorter, (scores, labels) = SortingNetwork(), batch(max(size, 4), 9)
    data = scores[:size], labels[:size]
    monkeypatch.setattr(cpu, "WORTH_A_THREAD", 1)
    monkeypatch.setattr(cpu, "BLOCK", 32)
    before = torch.get_num_threads()
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            if size:
                assert_equal(*both(sorter, *data), 5e-5)
            else:
                with backend("compiled"):
                    assert sorter.rank_probabilities(*data, 4).shape == (0, 4)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("n", [1, 2])
def test_few_classes(n):
    assert_equal(*both(SortingNetwork(), torch.randn(5, n).double(), torch.zeros(5, dtype=torch.long), n), 1e-12)


def test_scores_that_are_not_contiguous_and_a_gradient_for_the_payload_alone():
    scores, labels = batch(12, 12)
    assert_equal(*both(SortingNetwork(), scores.T[:, ::2], labels % 6), 5e-5)
    payload = torch.rand(2, 12, 12, dtype=torch.double, requires_grad=True)
    network, comparator = SortingNetwork().network(12, 3), SortingNetwork().comparator
    function = lambda p: compiled.push(cpu.Run(network, comparator, 12), scores.double().T, p, 3)  # noqa: E731
    assert torch.autograd.gradcheck(function, payload)


def test_a_forked_process_has_threads_of_its_own():
    code = (
        "import os, torch, topk_lib.propagate.cpu as c; c.WORTH_A_THREAD = 1; c.BLOCK = 8; torch.set_num_threads(2)\n"
        "import topk_lib\n"
        "def run():\n"
        "    with topk_lib.backend('compiled'):\n"
        "        return topk_lib.SortingNetwork()(torch.ones(64, 5)).sum().item()\n"
        "first = run(); child = os.fork()\n"
        "if not child: os._exit(0 if run() == first else 1)\n"
        "raise SystemExit(os.waitpid(child, 0)[1])\n"
    )
    options = {"env": {**os.environ, "PYTHONWARNINGS": "ignore"}, "timeout": 120, "check": False}
    assert subprocess.run([sys.executable, "-c", code], **options).returncode == 0


def test_it_is_chosen_for_enough_work_on_the_cpu(monkeypatch):
    chosen = lambda size, n, **options: backends.compiled_run(  # noqa: E731
        torch.zeros(size, n, **options), "splitter_selection", 5, SortingNetwork().comparator
    )
    assert chosen(128, 100) and chosen(128, 100, dtype=torch.float64)
    assert not chosen(2, 8)  # too little to do
    assert not chosen(4, 10_000) and chosen(128, 10_000)  # a large network wants a large batch
    assert not chosen(128, 100, device="meta") and not chosen(128, 100, dtype=torch.float16)
    with backend("plain"):
        assert not chosen(128, 100)
    with backend("compiled"):
        assert chosen(2, 8)
        with backend("auto"):
            assert not chosen(2, 8)
    monkeypatch.setattr(backends, "_has", lambda package: False)
    assert not chosen(128, 100)


def test_the_loss_really_runs_in_compiled_code_and_without_numba_in_plain_code(monkeypatch):
    scores, labels = batch(128, 100)
    scores.requires_grad_()
    with monkeypatch.context() as patch:
        no_plain_code(patch)
        fast = TopKCrossEntropyLoss()(scores, labels)
        fast.backward()
    no_compiled_code(monkeypatch)
    monkeypatch.setattr(backends, "_has", lambda package: False)
    torch.testing.assert_close(TopKCrossEntropyLoss()(scores, labels), fast)
    with pytest.raises(ModuleNotFoundError, match=r'backend\("compiled"\) needs numba'), backend("compiled"):
        pass


def test_torchs_own_transforms_get_the_plain_loop(monkeypatch):
    no_compiled_code(monkeypatch)
    scores, labels = batch(128, 100)
    loss_fn = TopKCrossEntropyLoss(reduction="none")
    torch.func.vmap(torch.func.grad(lambda s, y: loss_fn(s, y)))(scores, labels)
    torch.func.grad(lambda s: loss_fn(s, labels).sum())(scores)
    torch.fx.experimental.proxy_tensor.make_fx(loss_fn)(scores, labels)
    with FlopCounterMode(display=False):
        loss_fn(scores, labels)


def test_as_many_numbers_are_kept_as_by_the_plain_loop():
    from topk_lib.course.lesson_05.storage import stored_numbers

    scores, labels = batch(128, 100)
    sorter = SortingNetwork("bitonic")
    size = sorter.network(100, 5).size
    for name in ("plain", "compiled"):
        with backend(name):
            _, stored = stored_numbers(sorter.rank_probabilities, scores.requires_grad_(), labels, 5)
        assert stored == 2 * size * 128


def test_every_sigmoid_has_compiled_code_and_a_new_one_falls_back(monkeypatch):
    assert set(compiled.CODES) <= set(SIGMOIDS) and len(compiled.CODES) == 6
    monkeypatch.delitem(compiled.CODES, "cauchy")
    assert backends.compiled_run(torch.zeros(128, 100), "bitonic", 5, SortingNetwork().comparator) is None


def test_a_numba_that_does_not_work_is_said_once_and_done_without(monkeypatch):
    monkeypatch.setitem(sys.modules, "topk_lib.propagate.cpu", None)  # importing it fails, as where numpy is too new
    backends._load.cache_clear()
    try:
        with pytest.warns(UserWarning, match="numba cannot be used, networks run in plain torch operations: "):
            loss = TopKCrossEntropyLoss()(*batch(128, 100))
        torch.testing.assert_close(TopKCrossEntropyLoss()(*batch(128, 100)), loss)  # a second warning would be an error
    finally:
        backends._load.cache_clear()


def test_a_triton_without_a_c_compiler_is_said_once_and_done_without(monkeypatch):
    def try_out():
        raise RuntimeError("Failed to find C compiler")

    monkeypatch.setitem(sys.modules, "topk_lib.propagate.gpu", SimpleNamespace(try_out=try_out))
    monkeypatch.setattr(backends, "_has", lambda package: True)
    backends._load.cache_clear()
    try:
        with pytest.warns(UserWarning, match="triton cannot be used, .*: Failed to find C compiler"):
            assert backends.compiled_code("cuda") is None
        assert backends.compiled_code("cuda") is None and backends.compiled_code("cpu") is cpu
        assert backends.compiled_code("mps") is None
    finally:
        backends._load.cache_clear()


def test_an_unknown_back_end_is_named():
    message = "name must be one of 'auto', 'plain', 'compiled', got 'cuda'"
    with pytest.raises(ValueError, match=message), backend("cuda"):
        pass


def test_importing_the_library_does_not_import_numba():
    code = "import sys, topk_lib, json; print(json.dumps([m for m in ('numba', 'llvmlite') if m in sys.modules]))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert json.loads(output) == []


def test_the_polynomials_are_as_good_as_they_say():
    atan, exp, _ = cpu._tables(np.dtype("float64"))
    w, r = np.linspace(1e-9, 1, 10001), np.linspace(-np.log(2) / 2, np.log(2) / 2, 10001)
    assert np.abs(np.polyval(atan[: cpu.TERMS], w) / (np.arctan(np.sqrt(w)) / np.sqrt(w)) - 1).max() < 4e-8
    assert np.abs(np.polyval(exp[: cpu.TERMS], r) / np.exp(r) - 1).max() < 4e-8
