"""Encodes the JPEG and base64 of a reply, and opens validated input pictures.

Validation is done before, by imaging/pictures.py and imaging/masks.py.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from volcv_mock import contract
from volcv_mock.imaging import jpeg_header
from volcv_mock.imaging.decode import decode, decode_mask
from volcv_mock.model import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

ORIENTATION = 0x0112
"""The EXIF tag."""
TILE_SIDE = 1024
"""More than a fifth of the largest result: tiles are not larger."""

MAX_JPEG_ERROR = 32
MEAN_JPEG_ERROR = 5.0
"""The bound for pixels outside the changed area, as absolute difference of a channel (0 to 255).

It holds for the readings served by default, quality 95 and 4:4:4: 100 would double the bytes, and with 4:2:0 colours of
the painted area would change pixels outside it. It also holds next to the changed area, because the error comes from
quantisation. Measured: fixtures/images at most 17, mean 0.8; ten other photographs 21 and 2.1; pure noise, the worst
case, 25 and 4.0 (tests/imaging/test_codecs.py).
"""


def encode_jpeg(image: Image, exif: bytes = b"") -> bytes:
    """The picture as baseline JPEG, without profile or comment of the source; its quality is a reading."""
    sink = io.BytesIO()
    bare = {"comment": b"", "exif": b"", "icc_profile": None}
    bare["exif"] = exif
    quality, subsampling = int(contract.reading("jpeg-quality")), contract.reading("jpeg-subsampling")
    image.save(sink, "JPEG", quality=quality, subsampling=subsampling, **bare)
    return sink.getvalue()


def exif_of(picture: Picture) -> bytes:
    """The EXIF block of a JPEG for its answer, upright if the picture was turned; b"" if it has none."""
    from PIL.Image import Exif  # lazy: start-up time

    block = jpeg_header.exif_block(picture.data) if picture.facts.format == "JPEG" else b""
    if not block:
        return b""
    exif = Exif()
    exif.load(block)
    if picture.facts.orientation != 1:
        exif[ORIENTATION] = 1
    return exif.tobytes()


def encode_png(image: Image) -> bytes:
    """The picture as PNG with 8 bits per channel; fast rather than small."""
    sink = io.BytesIO()
    image.save(sink, "PNG", compress_level=1)
    return sink.getvalue()


def encode(image: Image, format: str, exif: bytes = b"") -> bytes:
    """The picture in the format of an answer: "JPEG" or "PNG"."""
    return encode_png(image) if format == "PNG" else encode_jpeg(image, exif)


def to_base64(data: bytes) -> bytes:
    """Standard base64 with padding, without line breaks."""
    return base64.b64encode(data)


def open_rgb(picture: Picture) -> Image:
    """The picture as a viewer shows it, in RGB. The result may be shared: do not modify it."""
    return decode(picture) if picture.decoded is None else picture.decoded


def tile_of(image: Image) -> Image:
    """A copy of at most TILE_SIDE pixels a side, from which a tile is drawn; the same image when it is small enough."""
    factor = -(-max(image.size) // TILE_SIDE)
    return image.reduce(factor) if factor > 1 else image


def open_mask(picture: Picture, size: tuple[int, int]) -> Image:
    """The single channel of the mask, scaled to `size` (the lenient profile accepts other sizes)."""
    from PIL.Image import Resampling  # lazy: start-up time

    mask: Image = decode_mask(picture) if picture.decoded is None else picture.decoded
    return mask if mask.size == size else mask.resize(size, Resampling.NEAREST)
