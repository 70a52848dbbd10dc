"""Photos become what a person sees, however they are stored."""

import warnings

import numpy as np
import pytest
from PIL import Image

from topk_lib.experiments.data.photo import read_photo

from .made_photos import picture, save, save_png, save_tiff

RGB, DEEP, DEEP_GREY = picture(), picture(kind=np.uint16), picture(channels=1, kind=np.uint16)
EXIF = 0x0112
UPRIGHT = {
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}


def seen(path, size=None):
    """The pixels as (H, W, 3), read without a word."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        photo = read_photo(path, size)
    assert photo[0].dtype == np.uint8 and photo[0].shape[0] == 3
    return photo[0].transpose(1, 2, 0)


def grey(pixels):
    return np.repeat(pixels[..., None], 3, axis=2)


def turned(orientation):
    exif = Image.Exif()
    exif[EXIF] = orientation
    return exif


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize(("suffix", "options"), [("png", {}), ("webp", {"lossless": True}), ("jpg", {"quality": 100})])
def test_a_photo_is_turned_as_the_camera_was_held(tmp_path, orientation, suffix, options):
    path, stored = tmp_path / f"a.{suffix}", np.full((16, 24, 3), 40, np.uint8)
    stored[:8, :8] = 200  # one corner, in whole blocks of a JPEG
    save(path, stored, exif=turned(orientation), **options)
    assert np.abs(seen(path).astype(int) - UPRIGHT[orientation](stored)).max() <= 2


def test_sixteen_bits_of_grey_are_turned_too(tmp_path):
    save(tmp_path / "a.png", DEEP_GREY, exif=turned(6))
    assert np.array_equal(seen(tmp_path / "a.png"), grey(np.rot90(DEEP_GREY, -1) >> 8))


@pytest.mark.parametrize("junk", [b"junk", b"II*\0\x08\0\0\0\xff\xff", b"", b"II*\0\xff\xff\xff\xff"])
def test_a_broken_exif_entry_harms_nothing(tmp_path, junk):
    save(tmp_path / "a.jpg", RGB, exif=b"Exif\0\0" + junk)
    assert seen(tmp_path / "a.jpg").shape == RGB.shape


FORMS = {
    "48-bit.png": (lambda path: save_png(path, DEEP), DEEP >> 8),
    "48-bit.tif": (lambda path: save_tiff(path, DEEP), DEEP >> 8),
    "48-bit big-endian.tiff": (lambda path: save_tiff(path, DEEP, ">"), DEEP >> 8),
    "16-bit grey.png": (lambda path: save_png(path, DEEP_GREY), grey(DEEP_GREY >> 8)),
    "16-bit grey.tif": (lambda path: save_tiff(path, DEEP_GREY), grey(DEEP_GREY >> 8)),
    "16-bit grey big-endian.tif": (lambda path: save_tiff(path, DEEP_GREY, ">"), grey(DEEP_GREY >> 8)),
    "grey.png": (lambda path: save(path, RGB[..., 0]), grey(RGB[..., 0])),
    "black and white.png": (lambda path: save(path, RGB[..., 0] > 99), grey(255 * (RGB[..., 0] > 99))),
    "plain.bmp": (lambda path: save(path, RGB), RGB),
    "plain.TIFF": (lambda path: save(path, RGB), RGB),
    "CMYK.tif": (lambda path: save(path, Image.fromarray(RGB).convert("CMYK")), RGB),
    "CMYK.jpg": (lambda path: save(path, Image.new("CMYK", (8, 6), (0, 255, 255, 0))), np.full((6, 8, 3), (255, 0, 0))),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_becomes_rgb_of_eight_bits(tmp_path, form):
    write, expected = FORMS[form]
    write(tmp_path / form)
    assert not read_photo(tmp_path / form)[1]
    assert np.abs(seen(tmp_path / form).astype(int) - expected).max() <= (2 if form.endswith("jpg") else 0)


def palette(path):
    image = Image.new("P", (8, 6), 1)
    image.putpalette([0, 0, 0, 200, 100, 50])
    image.putpixel((0, 0), 0)
    save(path, image, transparency=b"\x00\xff")


CLEAR = np.full((6, 8, 4), (200, 100, 50, 255), np.uint8)
CLEAR[0, 0] = 0
DEEP_CLEAR = CLEAR.astype(np.uint16) * 257
COLOUR = np.where(CLEAR[..., 3:] == 0, 255, CLEAR[..., :3])
SHADE = np.where(CLEAR[..., 3:] == 0, 255, CLEAR[..., :1])
ON_WHITE = {
    "RGBA.png": (lambda path: save(path, CLEAR), COLOUR),
    "RGBA.webp": (lambda path: save(path, CLEAR, lossless=True), COLOUR),
    "RGBA.tif": (lambda path: save(path, CLEAR), COLOUR),
    "RGBA of 16 bits.png": (lambda path: save_png(path, DEEP_CLEAR), COLOUR),
    "LA.png": (lambda path: save(path, Image.fromarray(CLEAR[..., [0, 3]], "LA")), SHADE),
    "LA of 16 bits.png": (lambda path: save_png(path, DEEP_CLEAR[..., [0, 3]]), SHADE),
    "palette.png": (palette, COLOUR),
    "a colour.png": (lambda path: save_png(path, CLEAR[..., :3].copy(), (0, 0, 0)), COLOUR),
}


@pytest.mark.parametrize("form", ON_WHITE)
def test_white_is_behind_what_is_transparent(tmp_path, form):
    write, expected = ON_WHITE[form]
    write(tmp_path / form)
    assert read_photo(tmp_path / form)[1]
    assert np.array_equal(seen(tmp_path / form), np.broadcast_to(expected, (6, 8, 3)))


def test_an_alpha_channel_without_transparency_is_nothing_to_tell(tmp_path):
    save(tmp_path / "a.png", np.dstack([RGB, np.full((6, 8), 255, np.uint8)]))
    assert not read_photo(tmp_path / "a.png")[1] and np.array_equal(seen(tmp_path / "a.png"), RGB)


def test_half_transparent_is_half_white(tmp_path):
    save(tmp_path / "a.png", np.full((4, 4, 4), (0, 0, 100, 128), np.uint8))
    assert np.abs(seen(tmp_path / "a.png").astype(int) - (127, 127, 177)).max() <= 1


def test_a_photo_is_resized_after_it_is_turned(tmp_path):
    stored = np.zeros((20, 40, 3), np.uint8)
    stored[:, 20:] = 255
    save(tmp_path / "a.png", stored, exif=turned(6))
    assert (seen(tmp_path / "a.png", 4)[[0, 3]].mean((1, 2)) == (0, 255)).all()


@pytest.mark.parametrize("mode", ["F", "I"])
def test_numbers_that_are_no_brightness_are_refused(tmp_path, mode):
    save(tmp_path / "a.tif", Image.new(mode, (8, 6)))
    with pytest.raises(ValueError, match=rf"a\.tif cannot be read .*neither of 8 nor of 16 bits, mode {mode}"):
        read_photo(tmp_path / "a.tif")
