"""The controls that panels are built from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping

import ipywidgets as widgets
from traitlets import Bunch

LABEL_STYLE = {"description_width": "initial"}
SETTINGS = (
    *(widgets.FloatSlider, widgets.FloatLogSlider, widgets.IntSlider),
    *(widgets.Dropdown, widgets.ToggleButton),
)


class Knob:
    """A slider, a box that holds its exact value, and a button that resets it.

    Slider and box follow each other. The slider's description says in plain words what it sets.

    Args:
        slider: any slider of ipywidgets with a description; its present value is what reset goes back to.
        about: one sentence more, shown when the mouse rests on the slider.
        label_width: of the description; as wide as it needs to be by default.

    Attributes:
        slider, box, button: the three widgets.
        root: the row that holds them.

    Raises:
        ValueError: the slider stands at NaN.
    """

    def __init__(self, slider: widgets.Widget, about: str = "", label_width: str = "initial") -> None:
        self.slider = slider
        self.default = self.value
        slider.readout = False  # the box says it, and takes a number too
        slider.tooltip = about or slider.description
        slider.style.description_width = label_width
        slider.layout = widgets.Layout(flex="1 1 auto", min_width="180px")
        self.box = self._make_box()
        self.box.tooltip = f"exact value of: {slider.description}"
        self.button = widgets.Button(description="↺", tooltip=f"reset to {self.default:g}: {slider.description}")
        self.button.layout = widgets.Layout(width="36px", flex="0 0 auto")
        self.button.on_click(lambda _: self.reset())
        self._following = False
        for widget in (slider, self.box):
            widget.observe(self._follow, "value")
            keep_nan_from_the_page(widget)
        self.root = widgets.HBox([slider, self.box, self.button], layout=widgets.Layout(flex="1 1 280px"))

    @property
    def value(self) -> float:
        """What the slider is set to, rounded: on a linear scale to three decimals, on another to four digits.

        Raises:
            ValueError: it is NaN, which passes every limit of a slider.
        """
        low, high = self._ends()
        if math.isnan(self.slider.value):
            what = f"the slider “{self.slider.description}” must stand at a number between {low:g} and {high:g}"
            raise ValueError(f"{what}, got {self.slider.value}")
        return self._rounded()

    @value.setter
    def value(self, value: float) -> None:
        self.slider.value = value

    def reset(self) -> None:
        """Back to the value at the beginning."""
        self.slider.value = self.default

    def limit(self, most: int, default: int) -> None:
        """Another upper end and another value to reset to; a value that stood at the upper end stays there."""
        at_the_end = self.slider.value == self.slider.max
        self.slider.max = self.box.max = most
        self.default = default
        self.button.tooltip = f"reset to {default:g}: {self.slider.description}"
        if at_the_end:
            self.slider.value = most

    @property
    def disabled(self) -> bool:
        """Whether the whole row is greyed out."""
        return self.slider.disabled

    @disabled.setter
    def disabled(self, disabled: bool) -> None:
        for widget in (self.slider, self.box, self.button):
            widget.disabled = disabled

    def _make_box(self) -> widgets.Widget:
        slider, layout = self.slider, widgets.Layout(width="76px", flex="0 0 auto")
        low, high = self._ends()
        kind = widgets.BoundedIntText if isinstance(slider, widgets.IntSlider) else widgets.BoundedFloatText
        step = {"step": slider.step} if not isinstance(slider, widgets.FloatLogSlider) else {}
        return kind(value=self._rounded(), min=low, max=high, layout=layout, **step)

    def _ends(self) -> tuple[float, float]:
        slider = self.slider
        if isinstance(slider, widgets.FloatLogSlider):
            return slider.base**slider.min, slider.base**slider.max
        return slider.min, slider.max

    def _rounded(self) -> float:
        # A slider adds up its steps in floating point; nobody wants to read 0.3999999999999999.
        value = self.slider.value
        return float(f"{value:.4g}") if isinstance(self.slider, widgets.FloatLogSlider) else round(value, 3)

    def _follow(self, change: Bunch) -> None:
        """Moves the box with the slider, or the slider with the box; `widgets.link` takes NaN for a broken link."""
        if self._following:
            return
        self._following = True
        try:
            if change.owner is self.slider:
                self.box.value = self._rounded()
            else:
                self.slider.value = change.new
        finally:
            self._following = False


def put(control: Knob | widgets.Widget | tuple, value: object) -> None:
    """Sets a control, or each of several to its own value."""
    for one, own in zip(control, value, strict=True) if isinstance(control, tuple) else [(control, value)]:
        one.value = own


def keep_nan_from_the_page(widget: widgets.Widget) -> None:
    """Lets a value of NaN stay in Python: JSON has none, and a page answers it by setting the old value again."""
    send = widget.send_state

    def send_numbers(key: str | Iterable[str] | None = None) -> None:
        if key != "value" or not math.isnan(widget.value):
            send(key)

    widget.send_state = send_numbers


def setting(control: Knob | widgets.Widget | tuple) -> object:
    """What a control says, or each of several; None where it is greyed out."""
    if isinstance(control, tuple):
        return tuple(map(setting, control))
    return None if control.disabled else control.value


def mark_chosen(*toggles: widgets.ToggleButton) -> None:
    """Gives chosen buttons a check mark, so that they differ by more than a shade."""
    for toggle in toggles:
        toggle.icon = "check" if toggle.value else ""


def knob(
    description: str,
    about: str,
    value: float,
    low: float,
    high: float,
    step: float = 1,
    base: float | None = None,
    label_width: str = "initial",
) -> Knob:
    """A knob from low to high.

    Args:
        description: in plain words, what it sets.
        about: one sentence more.
        value: to begin with; an int makes all values whole numbers, unless there is a base.
        low, high: its ends; exponents where there is a base.
        step: between two values; of the exponent where there is a base.
        base: of a logarithmic scale.
        label_width: of the description.
    """
    settings = {"value": value, "min": low, "max": high, "step": step, "description": description}
    if base is not None:
        return Knob(widgets.FloatLogSlider(base=base, **settings), about, label_width)
    kind = widgets.IntSlider if isinstance(value, int) else widgets.FloatSlider
    return Knob(kind(**settings), about, label_width)


def dropdown(
    description: str,
    options: Mapping[str, object] | Iterable[object],
    value: object = None,
    about: str = "",
    width: str = "auto",
    flex: str | None = None,
) -> widgets.Dropdown:
    """A list to choose from: what is shown with its value, or values shown as they are; the first by default."""
    options = list(options.items() if isinstance(options, Mapping) else options)
    chosen = {} if value is None else {"value": value}
    look = {"tooltip": about or description, "style": LABEL_STYLE, "layout": {"width": width, "flex": flex}}
    return widgets.Dropdown(options=options, description=description, **chosen, **look)


def toggle(description: str, value: bool, about: str) -> widgets.ToggleButton:
    """A button that stays pressed, as wide as its text."""
    return widgets.ToggleButton(value=value, description=description, tooltip=about, layout={"width": "auto"})


def button(description: str, on_click: Callable[[], object], about: str = "", icon: str = "") -> widgets.Button:
    """A button as wide as its text."""
    look = {"tooltip": about or description, "icon": icon, "layout": {"width": "auto"}}
    made = widgets.Button(description=description, **look)
    made.on_click(lambda _: on_click())
    return made


def row(*children: Knob | widgets.Widget) -> widgets.HBox:
    """Controls side by side, on further lines where the page is narrow or zoomed."""
    layout = {"flex_flow": "row wrap", "align_items": "center", "grid_gap": "2px 12px"}
    return widgets.HBox([child.root if isinstance(child, Knob) else child for child in children], layout=layout)


def settings_in(widget: widgets.Widget) -> Iterator[widgets.Widget]:
    """The sliders, lists and pressed buttons inside a widget: what a reader sets, in the order of the page."""
    if isinstance(widget, SETTINGS):
        yield widget
    for child in getattr(widget, "children", ()):
        yield from settings_in(child)


def note(text: str) -> widgets.HTML:
    """A few words between controls."""
    return widgets.HTML(f"<span>{text}</span>")
