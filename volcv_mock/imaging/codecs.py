"""Pictures in and out of bytes: the JPEG every answer carries, its base64, and inputs already checked.

Judging a file is not done here: imaging/pictures.py and masks.py did it before a picture arrives.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from volcv_mock.imaging.decode import decode, decode_mask
from volcv_mock.model import Picture

if TYPE_CHECKING:
    from PIL.Image import Image

JPEG_QUALITY = 95
"""High on purpose: a test that compares pixels outside the mask needs a small error, and 100 doubles the bytes."""

JPEG_SUBSAMPLING = 0
"""4:4:4. With 4:2:0 the colours beside the painted area would bleed into pixels that must not change."""

MAX_JPEG_ERROR = 32
MEAN_JPEG_ERROR = 5.0
"""The bound for pixels outside the changed area, as absolute difference of a channel (0 to 255).

It holds beside the changed area too: the error comes from quantisation, not from what stands next to a
pixel. Measured: fixtures/images at most 17, and 0.8 in the mean; ten other photographs 21 and 2.1; pure
noise, the worst there is, 25 and 4.0 (tests/imaging/test_codecs.py measures again).
"""


def encode_jpeg(image: Image) -> bytes:
    """The picture as baseline JPEG: no EXIF, no profile, no comment of the source."""
    sink = io.BytesIO()
    bare = {"comment": b"", "exif": b"", "icc_profile": None}
    image.save(sink, "JPEG", quality=JPEG_QUALITY, subsampling=JPEG_SUBSAMPLING, **bare)
    return sink.getvalue()


def to_base64(data: bytes) -> bytes:
    return base64.b64encode(data)


def open_rgb(picture: Picture) -> Image:
    """The picture as a viewer shows it, in RGB. The result may be shared: never change it in place."""
    return decode(picture) if picture.decoded is None else picture.decoded


def open_mask(picture: Picture, size: tuple[int, int]) -> Image:
    """The mask's one channel, as large as its picture (the lenient profile lets another size pass)."""
    from PIL.Image import Resampling  # lazy: start-up time

    mask: Image = decode_mask(picture) if picture.decoded is None else picture.decoded
    return mask if mask.size == size else mask.resize(size, Resampling.NEAREST)
