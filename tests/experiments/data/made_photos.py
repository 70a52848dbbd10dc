"""Images as cameras, scanners and drawing programs store them, also in forms that Pillow reads but does not write."""

import struct
import zlib

import numpy as np
from PIL import Image

PNG_KINDS = {1: 0, 2: 4, 3: 2, 4: 6}  # channels: grey, grey and alpha, colours, colours and alpha


def picture(seed=0, size=(8, 6), channels=3, kind=np.uint8):
    """Random pixels (H, W, channels), of one channel (H, W)."""
    pixels = np.random.default_rng(seed).integers(0, np.iinfo(kind).max, (size[1], size[0], channels), dtype=kind)
    return pixels if channels > 1 else pixels[..., 0]


def save(path, pixels, **options):
    """Write pixels or an image of Pillow by Pillow; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(path, **options)


def save_png(path, pixels, see_through=None):
    """A PNG of 8 or 16 bits a channel; see_through is a colour that counts as transparent."""
    height, width, *channels = pixels.shape
    pixels = pixels.astype(pixels.dtype.newbyteorder(">"))
    kind = PNG_KINDS[channels[0] if channels else 1]
    chunks = {b"IHDR": struct.pack(">IIBBBBB", width, height, 8 * pixels.itemsize, kind, 0, 0, 0)}
    if see_through is not None:
        chunks[b"tRNS"] = struct.pack(f">{len(see_through)}H", *see_through)
    chunks |= {b"IDAT": zlib.compress(b"".join(b"\0" + row.tobytes() for row in pixels)), b"IEND": b""}
    lines = [
        struct.pack(">I", len(c)) + name + c + struct.pack(">I", zlib.crc32(name + c)) for name, c in chunks.items()
    ]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(lines))


def save_tiff(path, pixels, order="<"):
    """A TIFF of 8 or 16 bits a channel and any byte order, grey or RGB, not compressed."""
    height, width, *channels = pixels.shape
    count, content = channels[0] if channels else 1, pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    bits, kind = 8 * pixels.itemsize, 1 if count == 1 else 2
    entries = {
        256: width,
        257: height,
        258: bits,
        259: 1,
        262: kind,
        273: 0,
        277: count,
        278: height,
        279: len(content),
    }
    end = 8 + 2 + 12 * len(entries) + 4
    entries[273] = end + 2 * count
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIH", 42, 8, len(entries))
    for tag, value in entries.items():
        if tag == 258 and count > 1:
            head += struct.pack(f"{order}HHII", tag, 3, count, end)
        elif tag in (273, 279):
            head += struct.pack(f"{order}HHII", tag, 4, 1, value)
        else:
            head += struct.pack(f"{order}HHIHH", tag, 3, 1, value, 0)
    path.write_bytes(head + bytes(4) + struct.pack(f"{order}{count}H", *[bits] * count) + content)
