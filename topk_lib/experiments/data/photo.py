"""One image file as three channels of eight bits, however a camera or a program has stored it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


def read_photo(file: Path, size: int | None = None) -> tuple[np.ndarray, bool]:
    """Read an image: turned as its EXIF entry says, on white, grey and CMYK as RGB, the upper 8 of 16 bits.

    Of a file with several images the first is read.

    Args:
        file: in any format that Pillow knows.
        size: resize to size x size pixels, whatever the proportions are.

    Returns:
        Its pixels (3, H, W) uint8, channels red, green, blue; and whether a part of it was transparent, behind which
        white is now.

    Raises:
        ValueError: it cannot be read.
        ImportError: Pillow is not installed.
    """
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise ImportError('image folders need Pillow: pip install "topk-lib[train]"') from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd EXIF entries, which do the pixels no harm
            with Image.open(file) as stored:
                image, see_through = _on_white(_eight_bits(ImageOps.exif_transpose(stored), stored.format))
        if size is not None:
            image = image.resize((size, size), Image.Resampling.BICUBIC)
        return np.asarray(image).transpose(2, 0, 1), see_through
    except Exception as error:  # a damaged file can raise nearly anything
        raise ValueError(f"{file} cannot be read as an image ({str(error) or type(error).__name__})") from error


def _eight_bits(image: Image.Image, stored_as: str) -> Image.Image:
    """The image, with 16 bits of grey cut to 8; Pillow itself cuts those of colours."""
    from PIL import Image

    if image.mode.startswith("I;16") or (image.mode == "I" and stored_as == "PNG"):  # I: before Pillow 11
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode[0] in "IF":
        raise ValueError(f"its pixels are neither of 8 nor of 16 bits, mode {image.mode}")
    return image


def _on_white(image: Image.Image) -> tuple[Image.Image, bool]:
    """The image as RGB, and whether white shows through."""
    from PIL import Image

    if image.mode not in ("RGBA", "LA", "PA", "RGBa", "La") and "transparency" not in image.info:
        return image.convert("RGB"), False
    layer = image.convert("LA" if image.mode == "La" else "RGBA").convert("RGBA")
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("RGB"), bool(np.asarray(layer)[..., 3].min() < 255)
