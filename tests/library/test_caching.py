"""What is kept for the next call: the newest results, up to a size, and never a tensor that stands for another."""

import numpy as np
import pytest
import torch

from topk_lib import caching
from topk_lib.caching import kept
from topk_lib.networks import Network


def counted(result_of):
    """A kept function, and the list of the arguments it really ran for."""
    calls = []

    @kept
    def function(*args, **named):
        calls.append((*args, *named.values()))
        return result_of(*args, **named)

    return function, calls


def test_a_result_is_made_once_and_arguments_of_another_type_are_others():
    function, calls = counted(lambda n: np.zeros(n))
    assert function(3) is function(3) and function(2) is not function(3)
    function(n=3), function(n=3)
    with pytest.raises(TypeError):
        function(3.0)
    assert calls == [(3,), (2,), (3,), (3.0,)]


@pytest.mark.parametrize(
    "result_of",
    [
        lambda n: np.zeros(1000),
        lambda n: (torch.zeros(1000, dtype=torch.double), "and its plan"),
        lambda n: Network("a", 2, (np.zeros(500), np.zeros(500))),
    ],
    ids=["array", "tuple", "network"],
)
def test_those_used_last_are_kept_up_to_a_size(result_of, monkeypatch):
    monkeypatch.setattr(caching, "LIMIT", 3 * 8000)
    function, calls = counted(result_of)
    for n in (1, 2, 3, 1, 4, 1, 2):  # 4 pushes 2 out, since 1 was used after it
        function(n)
    assert calls == [(1,), (2,), (3,), (4,), (2,)]
    assert sum(entry.size for entry in function.entries.values()) <= 3 * 8000


def test_the_newest_is_kept_however_large_and_small_ones_only_so_many(monkeypatch):
    monkeypatch.setattr(caching, "LIMIT", 10)
    function, calls = counted(lambda n: np.zeros(1000))
    function(1), function(1)
    assert calls == [(1,)]
    monkeypatch.setattr(caching, "MOST", 2)
    small, calls = counted(lambda n: n)
    for n in (1, 2, 3, 1):
        small(n)
    assert calls == [(1,), (2,), (3,), (1,)]


def test_what_is_made_under_inference_mode_can_be_trained_with():
    function, _ = counted(lambda n: torch.ones(n))
    with torch.inference_mode():
        table = function(3)
    assert not table.is_inference()
    x = torch.ones(3, requires_grad=True)
    (x * function(3)).sum().backward()


def test_a_tensor_is_not_kept_while_somebody_watches_but_an_array_is():
    tensors, calls = counted(lambda n: torch.ones(n))
    arrays, array_calls = counted(lambda n: np.ones(n))
    torch.func.grad(lambda x: (x * tensors(3)).sum() + arrays(3).sum())(torch.ones(3))
    tensors(3), arrays(3), tensors(3)
    assert calls == [(3,), (3,)] and array_calls == [(3,)]


def test_what_a_cuda_graph_reads_stays_for_good(monkeypatch):
    class OnGpu:
        """As much of a tensor on a GPU as a machine without one can have."""

        nbytes, device = 8, torch.device("cuda")

    monkeypatch.setattr(caching._Entry, "of", lambda result: caching._Entry(result, 8, frozenset({"cuda"})))
    monkeypatch.setattr(caching, "LIMIT", 8)
    function, calls = counted(lambda n: OnGpu())
    capturing = []
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: bool(capturing))
    function(1)
    capturing.append(True)
    read, capturing[:] = function(1), []
    for n in (2, 3):
        function(n)
    assert function.for_good[next(iter(function.for_good))].result is read and len(function.for_good) == 1
    assert calls == [(1,), (2,), (3,)]
