"""A throw-away notebook with a panel built by the rules that the real ones keep."""

from pathlib import Path

import nbformat

DRAW = """\
import io, threading
import ipywidgets as widgets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

LOCK = threading.Lock()

def draw(k, beta):
    figure, buffer = Figure(figsize=(4, 2), dpi=100), io.BytesIO()
    with LOCK:
        figure.add_subplot(ylim=(0, 4)).bar(range(5), [beta * (i < k) for i in range(5)])
        FigureCanvasAgg(figure).print_png(buffer)
    return buffer.getvalue()
"""
PANEL = """\
class Panel(widgets.VBox):
    def __init__(self):
        self.k = widgets.IntSlider(3, 1, 5, description="ranks k")
        self.beta = widgets.FloatSlider(1.0, min=0.5, max=4, step=0.5, description="steepness")
        self.unused = widgets.IntSlider(description="disabled", disabled=True)
        self.image = widgets.Image(value=draw(3, 1.0), format="png", width=400, height=200)
        super().__init__([self.k, self.beta, self.unused, self.image])
        self.add_class("topk-panel").add_class("topk-panel-toy")
        for slider in (self.k, self.beta):
            slider.observe(self.update, "value")
            # ipykernel 7.4 answers a widget's first message in the shell that made it, which may be busy.
            slider.comm._reply_subshell_for = lambda data, default: default

    def update(self, change):
        self.image.value = draw(self.k.value, self.beta.value)

Panel()
"""
FILLER = "A paragraph that pushes the last cell off the screen.\n\n" * 60


def write_toy(path: Path, *more_cells: str) -> None:
    """Writes the notebook, with further code cells far below the panel."""
    new_code, new_text = nbformat.v4.new_code_cell, nbformat.v4.new_markdown_cell
    first = [new_text("# Toy"), new_code(DRAW), new_code(PANEL), new_text(FILLER)]
    nb = nbformat.v4.new_notebook(cells=first + [new_code(source) for source in more_cells])
    nb.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nb, path)
