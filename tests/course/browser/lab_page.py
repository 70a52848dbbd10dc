"""One notebook open in JupyterLab, and its panels, handled as a reader would: by keyboard, by looking."""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page

from .lab_server import LabServer

OPEN_MS = 60_000
REDRAW_SECONDS = 15
PANEL = ".topk-panel"
BOX_BESIDE = "xpath=following-sibling::*[1]//input"
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel"
KERNEL_IS_IDLE = f"() => window.jupyterapp && {KERNEL}?.status === 'idle'"
# An exception in a widget's callback belongs to no cell: it shows only as a message from the kernel. A new kernel
# also says "No such comm" when JupyterLab asks it for widgets, by a comm of its own, before any cell has imported
# ipywidgets. JupyterLab expects that; it is a fault only where the kernel itself had opened the comm.
LISTEN = f"""() => {{
    window.complaints = [];
    const opened = new Set();
    const isFault = line => {{
        const [, target, comm] = line.match(/^No such comm(?: target registered: (.*)|: (.*))$/) || [];
        return target ? target !== "jupyter.widget.control" : !comm || opened.has(comm);
    }};
    {KERNEL}.iopubMessage.connect((_, message) => {{
        const {{ name, text, ename, evalue, comm_id }} = message.content;
        if (message.header.msg_type === "comm_open") opened.add(comm_id);
        if (message.header.msg_type === "error") window.complaints.push(`${{ename}}: ${{evalue}}`);
        if (message.header.msg_type === "stream" && name === "stderr" && text.trim().split("\\n").some(isFault))
            window.complaints.push(text);
    }});
}}"""
RUN_ALL = """() => {
    window.ranAll = false;
    window.jupyterapp.commands.execute("notebook:run-all-cells").finally(() => { window.ranAll = true; });
}"""
UNRUN = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === "code" && cell.model.sharedModel.getSource().trim())
    .filter(cell => cell.model.executionCount === null)
    .map(cell => cell.model.sharedModel.getSource())"""
SLEEP = f"""seconds => {{
    window.busy = true;
    const code = `import time; time.sleep(${{seconds}})`;
    {KERNEL}.requestExecute({{ code }}).done.finally(() => {{ window.busy = false; }});
}}"""
FORGET_INTERRUPT = """() => {
    window.complaints = window.complaints.filter(text => !text.startsWith("KeyboardInterrupt"));
}"""
# Bytes and size are read from one blob: the page itself may be between two pictures, or have revoked the old one.
IMAGE = """async image => {
    for (let attempt = 0; ; attempt++) {
        try {
            const blob = await (await fetch(image.src)).blob();
            const { width, height } = await createImageBitmap(blob);
            let binary = "";
            for (const byte of new Uint8Array(await blob.arrayBuffer())) binary += String.fromCharCode(byte);
            return [btoa(binary), width, height];
        } catch (error) {
            if (attempt === 40) throw error;
            await new Promise(resolve => setTimeout(resolve, 50));
        }
    }
}"""


class Slider:
    """One slider of a panel: its description, and the handle that takes the keyboard."""

    def __init__(self, root: Locator) -> None:
        self.root, self.handle = root, root.locator(".noUi-handle")
        self.description = root.locator(".widget-label").inner_text()

    def aria(self, name: str) -> float:
        """One of the numbers that the slider tells a screen reader: "valuenow", "valuemin", "valuemax"."""
        return float(self.handle.get_attribute(f"aria-{name}"))

    def readout(self) -> str:
        """The number written beside the slider: its own, or that of a box which replaces it."""
        own = self.root.locator(".widget-readout")
        return own.inner_text() if own.is_visible() else self.root.locator(BOX_BESIDE).input_value()

    def is_enabled(self) -> bool:
        """Whether a reader can see and move it."""
        disabled = self.root.locator(".noUi-target[disabled], .noUi-origin[disabled]")
        return self.root.is_visible() and not disabled.count()

    def inward_key(self) -> str:
        """The arrow key that moves the handle away from the nearer end of its scale."""
        middle = (self.aria("valuemin") + self.aria("valuemax")) / 2
        return "ArrowRight" if self.aria("valuenow") < middle else "ArrowLeft"

    def move(self, *keys: str) -> None:
        """Focuses the handle and presses keys, for instance `move("ArrowRight")`."""
        self.handle.focus()
        for key in keys:
            self.handle.press(key)


@dataclass(frozen=True)
class Picture:
    """What a panel's image shows: the encoded bytes, and the size in pixels."""

    data: bytes
    size: tuple[int, int]


class LabPage:
    """A browser page with one notebook in JupyterLab."""

    def __init__(self, page: Page, server: LabServer) -> None:
        self.page, self.server = page, server

    def open(self, notebook: str) -> None:
        """Opens a notebook of the served folder and waits for its kernel."""
        self.page.goto(self.server.url(notebook))
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=OPEN_MS)
        self.page.wait_for_function(KERNEL_IS_IDLE, timeout=OPEN_MS)
        self.page.evaluate(LISTEN)

    def command(self, name: str, **arguments: str) -> None:
        """Runs one of JupyterLab's commands and waits for its end."""
        self.page.evaluate("([n, a]) => window.jupyterapp.commands.execute(n, a)", [name, arguments])

    def run_all(self, seconds: float = 300) -> None:
        """Clears all outputs, runs all cells and waits until the last one has run or one has failed."""
        self.command("notebook:clear-all-cell-outputs")
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function("() => window.ranAll", timeout=1000 * seconds)

    def errors(self) -> list[str]:
        """What went wrong so far: exceptions, in callbacks too, stderr, broken widgets, unrun cells."""
        unrun = [f"did not run: {source}" for source in self.page.evaluate(UNRUN)]
        broken = self.page.locator(".jupyter-widgets-error-widget").all_inner_texts()
        return self.page.evaluate("() => window.complaints") + broken + unrun

    def panels(self) -> list[Locator]:
        """Every panel on the page."""
        return self.page.locator(PANEL).all()

    def sliders(self, panel: Locator) -> list[Slider]:
        """The sliders of a panel that can be seen and moved, in reading order."""
        every = [Slider(root) for root in panel.locator(".widget-slider").all()]
        return [slider for slider in every if slider.is_enabled()]

    def picture(self, panel: Locator) -> Picture:
        """The panel's image as it is now."""
        data, width, height = panel.locator("img").first.evaluate(IMAGE)
        return Picture(base64.b64decode(data), (width, height))

    def picture_after(self, panel: Locator, before: Picture) -> Picture:
        """The panel's image once it differs from `before`; `before` itself where it never does."""
        self.wait(lambda: self.picture(panel) != before)
        return self.picture(panel)

    def wait(self, condition: Callable[[], bool]) -> bool:
        """Waits until the condition holds; says whether it came to hold in time."""
        deadline = time.monotonic() + REDRAW_SECONDS
        while not (held := condition()) and time.monotonic() < deadline:
            self.page.wait_for_timeout(50)
        return held

    def keep_busy(self, seconds: float) -> None:
        """Starts a long computation in the kernel, as a long cell would, and returns at once."""
        self.page.evaluate(SLEEP, seconds)
        self.page.wait_for_function(f"() => {KERNEL}.status === 'busy'", timeout=10_000)

    def is_busy(self) -> bool:
        """Whether the computation of `keep_busy` still runs."""
        return self.page.evaluate("() => window.busy")

    def interrupt(self) -> None:
        """Ends the computation of `keep_busy`, and forgets the KeyboardInterrupt that ended it."""
        self.page.evaluate(f"() => {KERNEL}.interrupt()")
        self.page.wait_for_function("() => !window.busy", timeout=20_000)
        self.page.evaluate(FORGET_INTERRUPT)

    def popups(self) -> list[str]:
        """The texts of dialogs and notifications that lie over the page."""
        return self.page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts()

    def use_theme(self, dark: bool) -> None:
        """Switches to JupyterLab's own dark or light theme."""
        self.command("apputils:change-theme", theme="JupyterLab Dark" if dark else "JupyterLab Light")
        light = str(not dark).lower()
        self.page.wait_for_selector(f'body[data-jp-theme-light="{light}"]', state="attached")

    def screenshot(self, path: Path, of: Locator | None = None) -> None:
        """Writes a PNG of the page, or of one element of it."""
        (of or self.page).screenshot(path=path)

    def close(self) -> None:
        """Ends the kernel, where one was started, and closes the page."""
        self.page.evaluate("() => window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()")
        self.page.close()
