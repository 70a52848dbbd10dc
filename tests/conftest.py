"""What every test starts from: few threads, one seed, no network, the drawing back end of a real kernel."""

import os
import signal
import socket
from contextlib import suppress
from pathlib import Path

import pytest
from course.browser.chrome import HOW_TO_GET_ONE, find_chrome, launch_options

MAX_THREADS = 2
LOOPBACK = ("127.", "::1", "localhost")


def pytest_configure():
    # A shell that starts the tests in the background has them ignore Control-C, which some of them send themselves.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        with suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGINT, signal.default_int_handler)
    # Workers that share the cores take one each, in their kernels and child processes too: more wait for each other.
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ["OMP_NUM_THREADS"] = "1"
    # The lessons' kernels inherit this environment, and a back end named there changes what they draw.
    os.environ.pop("MPLBACKEND", None)
    # Their stored outputs are those of the drawn images, whatever photographs lie in data/.
    os.environ["TOPK_DATA_DIR"] = str(Path(__file__).parent / "no-photographs")


@pytest.fixture(scope="session", autouse=True)
def few_threads():
    """The tests' tensors are small: more threads than two only wait for each other."""
    import torch

    torch.set_num_threads(1 if "PYTEST_XDIST_WORKER" in os.environ else min(MAX_THREADS, os.cpu_count() or 1))


@pytest.fixture(autouse=True)
def one_seed():
    """Every test draws the same random numbers, alone or after others."""
    import torch

    torch.manual_seed(0)


@pytest.fixture(scope="session", autouse=True)
def no_network():
    """Connecting to another machine is an error: the whole suite runs offline."""
    connect = socket.socket.connect

    def connect_to_loopback_only(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(LOOPBACK):
            raise OSError(f"tests run offline, but one connects to {address}")
        return connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_to_loopback_only)
        yield


# Module scope, not session: while Playwright runs, no other test of the session could start an event loop.
@pytest.fixture(scope="module")
def browser():
    """A running browser; without one on the machine the tests are skipped and say how to get one."""
    from playwright.sync_api import sync_playwright

    executable = find_chrome()
    if executable is None:
        pytest.skip(HOW_TO_GET_ONE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options(executable))
        yield browser
        browser.close()
