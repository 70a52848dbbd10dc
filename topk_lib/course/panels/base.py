"""What every panel does: it reads its controls, draws one picture, says in a sentence what is seen."""

from __future__ import annotations

import html
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from types import SimpleNamespace
from typing import ClassVar

import ipywidgets as widgets
import torch
from matplotlib.figure import Figure

from ...experiments.drawing import style
from ...experiments.drawing.png_file import smaller
from .controls import Knob, button, mark_chosen, put, row, setting, settings_in, toggle

CACHED_PICTURES = 64


class State(SimpleNamespace):
    """What the controls of a panel say, by name. Equal states are drawn once."""

    def __hash__(self) -> int:
        return hash(frozenset(vars(self).items()))

    def but(self, **changes: object) -> State:
        """The same state with some other values."""
        return State(**{**vars(self), **changes})


@dataclass(frozen=True)
class Frame:
    """A panel as a page without a kernel shows it, with its knob in one position.

    Attributes:
        label: what the knob sets, and to which value.
        png: the picture.
        caption: the sentence below it.
    """

    label: str
    png: bytes
    caption: str


class Panel:
    """A column of controls, one image of fixed size, a caption, and a red line for errors.

    A subclass makes its controls, names in `controls` the attributes that hold those which say how to draw, calls
    `assemble`, and writes `draw`, as method_switch.py does.
    Callbacks may come in any thread (JupyterLab serves sliders beside a running cell), so everything from reading
    the controls to setting the image happens under `topk_lib.course.figures.LOCK`.

    A cell shows a panel as its last expression, or by `panel.show()`. What is stored of it is a picture and a
    sentence for readers without a kernel.

    Args:
        theme: "light" or "dark", the colours of the image to begin with.

    Attributes:
        strict: raise errors of an update after showing them; for tests.
        root: the widget that holds everything.
        image: the picture.
        caption: the sentence under the image, as plain text.
        error: the red line, as plain text; empty when all is well.
        trouble: an error that stays on the red line though updates succeed, such as that of a run in the
            background.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    controls: ClassVar[tuple[str, ...]] = ()

    def __init__(self, theme: str = "light") -> None:
        style.theme_colors(theme)
        self.strict = False
        self.dark = toggle("dark picture", theme == "dark", "draw on a dark background")
        self.image = widgets.Image(format="png", layout=widgets.Layout(max_width="100%", height="auto"))
        self.caption, self.error = "", ""
        self._caption_line, self._error_line = widgets.HTML(), widgets.HTML()
        self.trouble: Exception | None = None
        self._held = 0
        self._picture = lru_cache(CACHED_PICTURES)(self._render)

    def read(self, **others: object) -> State:
        """What the controls say, and the theme; a subclass first greys out what has no effect, and may add others."""
        return State(**{name: setting(getattr(self, name)) for name in self.controls}, **others, theme=self.theme)

    def draw(self, state: State) -> tuple[Figure, str]:
        """The figure, always of one size, and the caption of a state."""
        raise NotImplementedError(f"{type(self).__name__} must define draw(state)")

    def sweep(self) -> tuple[Knob, Sequence[float]] | None:
        """The knob that a page without a kernel offers and the values it steps through; None for a still picture."""
        return None

    def frames(self) -> list[Frame]:
        """The panel at every value of its sweep, or as it is now; its controls end as they began."""
        swept = self.sweep()
        if swept is None:
            return [Frame(self.title, self.image.value, self.caption)]
        knob, values = swept
        before, frames = knob.value, []
        for value in values:
            knob.value = value
            label = f"{knob.slider.description} = {value:g}"
            frames.append(Frame(label, self.image.value, self.caption))
        knob.value = before
        return frames

    @property
    def theme(self) -> str:
        """The colours of the image: "light" or "dark"."""
        return "dark" if self.dark.value else "light"

    def assemble(self, *rows: widgets.Widget, below: Sequence[widgets.Widget] = ()) -> None:
        """Puts the panel together, draws it, and redraws it whenever a slider, a list or a pressed button changes.

        Args:
            rows: what stands above the picture.
            below: what stands below the caption.
        """
        parts = [*rows, self.image, self._caption_line, self._error_line, *below]
        self.root = widgets.VBox(parts, layout=widgets.Layout(width="100%", max_width="1000px"))
        self.root.add_class("topk-panel").add_class(f"topk-panel-{self.name}")
        settings = list(settings_in(self.root))
        self._beginning = [(widget, widget.value) for widget in settings if widget is not self.dark]
        for widget in settings:
            widget.observe(self.update, "value")
        answer_in_the_senders_thread(self.root)
        self.update()

    def preset_row(self, presets: Mapping[str, Callable[[], None] | Mapping[str, object]]) -> widgets.HBox:
        """A button that resets, one per preset, and the switch of the theme.

        Args:
            presets: by name what to do, or the controls by name that differ from how they were in the beginning.
        """
        self.presets: dict[str, Callable[[], None]] = {"reset all": self.begin_again}
        for name, what in presets.items():
            self.presets[name] = what if callable(what) else partial(self.begin_again, **what)
        return row(*(button(name, partial(self.preset, name)) for name in self.presets), self.dark)

    def begin_again(self, **controls: object) -> None:
        """Sets every control as it was in the beginning, but for these."""
        for widget, value in self._beginning:
            widget.value = value
        for name, value in controls.items():
            put(getattr(self, name), value)

    def preset(self, name: str) -> None:
        """Sets the controls as the button of this name does, and redraws once."""
        with self.together():
            self.presets[name]()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Inside, controls change without redrawing; one update follows."""
        with style.LOCK:
            self._held += 1
        try:
            yield
        finally:
            with style.LOCK:
                self._held -= 1
        self.update()

    def update(self, _change: object = None) -> None:
        """Reads the controls and brings image and caption up to date; the only way in which they change."""
        with style.LOCK:
            if self._held:
                return
            try:
                mark_chosen(self.dark)
                png, caption, size = self._picture(self.read())
            except Exception as error:
                self._show_error(error)
                if self.strict:
                    raise
                return
            self.image.width, self.image.height = map(str, size)
            self.image.value, self.caption = png, caption
            lines = html.escape(caption).replace("; ", ";<br>")
            self._caption_line.value = f'<p aria-live="polite" style="line-height: 1.4">{lines}</p>'
            self._show_error(self.trouble)

    def _show_error(self, error: Exception | None) -> None:
        self.error = "" if error is None else f"{type(error).__name__}: {error}"
        look = "color: var(--jp-error-color1, #b00020); font-weight: 600"
        text = f'<p role="alert" style="{look}">⚠ {html.escape(self.error)}</p>'
        self._error_line.value = text if self.error else ""

    def show(self) -> None:
        """Displays the panel."""
        from IPython.display import display

        display(self)

    def _render(self, state: State) -> tuple[bytes, str, tuple[int, int]]:
        with torch.no_grad(), one_torch_thread():
            figure, caption = self.draw(state)
        return style.png(figure), caption, style.size(figure)

    def __repr__(self) -> str:
        return f"{self.title} (a panel to be moved in JupyterLab). {self.caption}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[dict, dict]:
        # Nothing here may change from run to run but the model id, which nbval does not compare.
        data = self.root._repr_mimebundle_()
        data["text/plain"] = repr(self)
        data["image/png"] = b64encode(smaller(self.image.value)).decode()
        size = {"width": int(self.image.width), "height": int(self.image.height), "alt": self.caption}
        return data, {"image/png": size}


@contextmanager
def one_torch_thread() -> Iterator[None]:
    """Inside, torch uses one processor in this thread; call it under the lock.

    A panel's tensors are tiny. While something else is being computed, each operation on them would wait some
    milliseconds for a helper thread to wake up, and there may be a hundred.
    """
    usual = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(usual)


def answer_in_the_senders_thread(root: widgets.Widget) -> None:
    """Lets a widget that is touched for the first time while a cell runs answer at once.

    ipykernel 7.4 serves a widget's messages in the thread that last sent something to it. At the beginning that
    is the main one, which a long cell keeps busy. Harmless elsewhere.
    """
    if root.comm is not None:
        root.comm._reply_subshell_for = lambda data, default: default
    for child in getattr(root, "children", ()):
        answer_in_the_senders_thread(child)
