"""How the tests look at a panel."""

import base64
import io

import ipywidgets as widgets
import numpy as np
from PIL import Image


def pixels(panel):
    """What the panel's image shows, as an array (height, width, 3)."""
    return np.asarray(Image.open(io.BytesIO(panel.image.value)).convert("RGB"))


def stored_picture(bundle):
    """The picture that is stored in a notebook, as an array."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(bundle["image/png"]))).convert("RGB"))


def everything_in(widget):
    """A widget and all that it holds."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything_in(child)


def click(panel, description):
    """Clicks the one button of a panel with this description."""
    (found,) = (
        widget
        for widget in everything_in(panel.root)
        if isinstance(widget, widgets.Button) and widget.description == description
    )
    found.click()
