"""What picture faults share: a painted picture back to pixels, and pixels to a painted picture.

No fault of its own. The codecs, and Pillow behind them, are imported when the first one is applied: a
mock whose faults never touch a picture starts without them.
"""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

from volcv_mock.model import Painted, Picture

if TYPE_CHECKING:
    from PIL.Image import Image


def opened(painted: Painted) -> Image:
    """The pixels of a painted picture, decoded, as RGB; not shared."""
    import PIL.Image  # lazy: start-up time

    image = PIL.Image.open(io.BytesIO(painted.data))
    image.load()
    return image if image.mode == "RGB" else image.convert("RGB")  # convert() would copy it


def input_pixels(picture: Picture) -> Image:
    """An input picture as the operations see it."""
    from volcv_mock.imaging import codecs  # lazy: start-up time

    return codecs.open_rgb(picture)


def mask_pixels(picture: Picture, size: tuple[int, int]) -> Image:
    """A mask as one grey channel of that size."""
    from volcv_mock.imaging import codecs  # lazy: start-up time

    return codecs.open_mask(picture, size)


def repainted(image: Image) -> Painted:
    """A painted picture of these pixels, encoded like every picture of a reply."""
    from volcv_mock.imaging import codecs  # lazy: start-up time

    data, (width, height) = codecs.encode_jpeg(image), image.size
    del image  # the pixels of a large one are 64 MB, if the caller keeps them not either
    return Painted(data, codecs.to_base64(data), width, height)


def recoded(painted: Painted, data: bytes) -> Painted:
    """The same picture as other bytes."""
    from volcv_mock.imaging import codecs  # lazy: start-up time

    return replace(painted, data=data, base64=codecs.to_base64(data), digest="", thumbnail=b"")
