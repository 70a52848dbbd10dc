"""A real JupyterLab on the loopback address, with settings and notebooks in a folder of its own."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 60
STOP_SECONDS = 10


class LabServer:
    """Address, token and log of a running JupyterLab."""

    def __init__(self, port: int, token: str, log: Path) -> None:
        self.port, self.token, self.log = port, token, log

    def url(self, notebook: str) -> str:
        """An address at which a browser finds one notebook open, and no other: the workspace is a new one."""
        workspace = f"http://127.0.0.1:{self.port}/lab/workspaces/{secrets.token_hex(4)}"
        return f"{workspace}/tree/{notebook}?token={self.token}"

    def answers(self) -> bool:
        """Whether the server is ready for a browser."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api?token={self.token}", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False


def write_settings(config: Path) -> None:
    """Writes a user's own settings: every cell is drawn, one light theme."""
    chosen = {
        "notebook-extension/tracker": {"windowingMode": "none"},
        "apputils-extension/themes": {"theme": "JupyterLab Light", "adaptive-theme": False},
    }
    for name, values in chosen.items():
        path = config / "lab" / "user-settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values), encoding="utf-8")


def options_of_make_lab() -> list[str]:
    """What `make lab` hands to JupyterLab; its paths are relative to the folder that is served."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return re.search(r"^LAB_OPTIONS := (.*)$", makefile, re.MULTILINE).group(1).split()


def command(port: int, token: str) -> list[str]:
    """The command line that serves the present folder as `make lab` does, on one port and to this test only."""
    return [
        *(sys.executable, "-m", "jupyterlab", *options_of_make_lab(), "--no-browser", "--allow-root"),
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *(f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True"),
    ]


@contextmanager
def running_lab(folder: Path, home: Path) -> Iterator[LabServer]:
    """Serves `folder` until the end of the `with` block, then ends the server and its kernels for sure.

    JupyterLab keeps everything of its own below `home`.

    Raises:
        RuntimeError: the server ended, or did not answer in time; the message holds its log.
    """
    write_settings(home / "config")
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    env = os.environ | {name: str(home / value) for name, value in own.items()}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = LabServer(port, secrets.token_hex(16), home / "lab.log")
    with server.log.open("wb") as log:
        process = subprocess.Popen(command(port, server.token), cwd=folder, env=env, stdout=log, stderr=log)
        try:
            wait_until_ready(server, process)
            yield server
        finally:
            stop(process)


def wait_until_ready(server: LabServer, process: subprocess.Popen) -> None:
    """Returns when the server answers; raises RuntimeError with its log where it never does."""
    deadline = time.monotonic() + START_SECONDS
    while not server.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"JupyterLab did not start:\n{server.log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.2)


def stop(process: subprocess.Popen) -> None:
    """Ends the server: politely, so that it ends its kernels, and by force where that takes too long."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
