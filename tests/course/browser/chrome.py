"""Finding a Chromium-like browser that is already on the machine; nothing is downloaded."""

import os
import shutil
from pathlib import Path

COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    "/snap/bin/chromium",
)
HOW_TO_GET_ONE = (
    "no Chromium or Chrome found, so no panel was moved in a browser. Install one (Debian and Ubuntu: "
    "sudo apt install chromium; macOS: brew install --cask chromium; Windows: Edge or Chrome) "
    "or name it: CHROME_PATH=/path/to/chrome make test"
)


def find_chrome() -> str | None:
    """The path of a browser, `CHROME_PATH` first, or None where there is none.

    Raises:
        FileNotFoundError: `CHROME_PATH` names no file.
    """
    if named := os.environ.get("CHROME_PATH"):
        if not Path(named).is_file():
            raise FileNotFoundError(f"CHROME_PATH must name a browser's program, got {named!r}")
        return named
    found = (shutil.which(command) for command in COMMANDS)
    return next((path for path in (*found, *PLACES) if path and Path(path).is_file()), None)


def launch_options(executable: str) -> dict:
    """Keyword arguments for Playwright's `chromium.launch`: no window, no traffic of the browser's own."""
    quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
    quiet += ["--disable-background-networking", "--disable-component-update"]
    # Chrome's sandbox does not start for root, the usual user of a container.
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return {"executable_path": executable, "headless": True, "args": quiet + as_root}
