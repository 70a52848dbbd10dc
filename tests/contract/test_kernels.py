"""Values, gradients, masks and spoilt samples of the kernels for GPUs, against the definition.

Where there is no GPU, Triton's interpreter runs them:
TRITON_INTERPRET=1 python -m pytest tests/contract/test_kernels.py
"""

import math
import os

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import topk_lib
from topk_lib.propagate import backends

from . import reference
from .strategies import scores, sorter_settings
from .subjects import NETWORKS, seldom

HAS_GPU = torch.cuda.is_available()
if not HAS_GPU and os.environ.get("TRITON_INTERPRET") != "1":
    pytest.skip("no GPU, and TRITON_INTERPRET is not set", allow_module_level=True)
gpu = pytest.importorskip("topk_lib.propagate.gpu", reason="Triton is not installed")
DEVICE = "cuda" if HAS_GPU else "cpu"


@pytest.fixture(scope="module", autouse=True)
def interpreted():
    """Without a GPU, "compiled" means these kernels on the CPU as well."""
    with pytest.MonkeyPatch.context() as patch:
        if not HAS_GPU:
            patch.setattr(backends, "compiled_code", lambda device: gpu)
        yield


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # the interpreter's numpy minds
@pytest.mark.parametrize("name", NETWORKS)
@seldom(8)
@given(data=st.data())
def test_values_and_gradients_are_those_of_the_definition_and_masks_lose(name, data):
    x = data.draw(scores((2, 5), distinct=True, leading=0, precisions=(torch.float32,), layouts=False))
    settings, n = data.draw(sorter_settings(name)), x.shape[-1]
    k, spoilt = data.draw(st.integers(1, n)), x.clone()
    spoilt[data.draw(st.integers(0, n - 1))] = math.nan
    rows = torch.stack([x, spoilt, torch.full_like(x, -math.inf)]).to(DEVICE).requires_grad_()
    factors = torch.randn(k, n)
    with topk_lib.backend("compiled"):
        matrix = topk_lib.make_sorter(name, **settings)(rows, k)
        (matrix[0] * factors.to(DEVICE)).sum().backward()
    exact = x.double().requires_grad_()
    right = reference.matrix(name, exact, k, **settings)
    ((right * factors).sum() + 0 * exact.nansum()).backward()
    steep = 100 if settings["distribution"] == "logistic_phi" else 1
    torch.testing.assert_close(matrix[0].double().cpu(), right, atol=steep * 1e-5, rtol=0)
    gradient = exact.grad.where(x > -math.inf, 0)
    torch.testing.assert_close(rows.grad[0].double().cpu(), gradient, atol=steep * 1e-4, rtol=0)
    assert (rows.grad[0].cpu()[x == -math.inf] == 0).all()
    assert all(matrix[sample].isnan().any() for sample in (1, 2))
