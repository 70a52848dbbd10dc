"""One thread: on tensors of a few numbers a second one makes the first wait, for milliseconds on a busy machine."""

import pytest
import torch


@pytest.fixture(scope="package", autouse=True)
def one_thread(few_threads):
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
