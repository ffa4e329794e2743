"""The committed pictures, and small helpers to look at pixels."""

from __future__ import annotations

import io

from PIL import Image, ImageChops, ImageOps, ImageStat

from volcv_mock._util.paths import shelf
from volcv_mock.imaging.probe import facts_of, read_header
from volcv_mock.model import Picture

IMAGES = shelf("fixtures") / "images"
NAMES = ("seaside", "meadow", "wall-turned", "rocket")


def data_of(name):
    return (IMAGES / f"{name}.jpg").read_bytes()


def mask_data_of(name):
    return (IMAGES / "masks" / f"{name}.png").read_bytes()


def scene(name):
    """As a viewer shows it."""
    return ImageOps.exif_transpose(Image.open(IMAGES / f"{name}.jpg")).convert("RGB")


def mask_of(name):
    return Image.open(IMAGES / "masks" / f"{name}.png").convert("L")


def picture(data, where="$.binary_data_base64[0]"):
    return Picture(where, data, facts_of(data, read_header(data)))


def png(image):
    sink = io.BytesIO()
    image.save(sink, "PNG")
    return sink.getvalue()


def opened(painted):
    return Image.open(io.BytesIO(painted.data))


def difference(one, other, where=None):
    """(mean, largest) absolute difference of a channel, where the mask is white."""
    apart = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    if where is not None:
        apart = Image.composite(apart, Image.new("RGB", apart.size), where)
    largest = max(high for _, high in apart.getextrema())
    return max(ImageStat.Stat(apart, where).mean), largest


def busyness(image, where=None):
    """How much neighbouring pixels differ, in grey levels."""
    grey = image.convert("L")
    return ImageStat.Stat(ImageChops.difference(grey, ImageChops.offset(grey, 1, 0)), where).mean[0]
