"""Stand-ins for pictures that are not fetched: the same URL always gives the same picture.

Called by fetch/__init__.py. A request that names two pictures names a picture and its mask (S1 and S3,
Body参数), so the second stand-in is a mask of the first one's size.
"""

from __future__ import annotations

import io
from typing import Any

from volcv_mock.simulation import draws

SIZE = (768, 512)
QUALITY = 90


def picture(url: str) -> bytes:
    """A JPEG: a gradient of two colours, and a few plain shapes."""
    from PIL import Image, ImageDraw, ImageOps  # lazy: start-up time

    gradient = Image.linear_gradient("L").rotate(90 * draws.integer(4, "turn", url)).resize(SIZE)
    image = ImageOps.colorize(gradient, black=_colour(url, "dark", 20), white=_colour(url, "light", 140))
    draw = ImageDraw.Draw(image)
    for number in range(3):
        draw.ellipse(_box(url, f"disc {number}"), fill=_colour(url, f"disc {number}", 60))
    draw.rectangle(_box(url, "block"), fill=_colour(url, "block", 60))
    return _encoded(image, "JPEG", quality=QUALITY)


def mask(url: str, size: tuple[int, int]) -> bytes:
    """An 8-bit grey PNG: black, with one white rectangle near the middle."""
    from PIL import Image

    width, height = size
    image = Image.new("L", size, 0)
    left = width // 4 + draws.integer(max(1, width // 8), "left", url)
    top = height // 4 + draws.integer(max(1, height // 8), "top", url)
    image.paste(255, (left, top, left + max(1, width * 3 // 8), top + max(1, height * 3 // 8)))
    return _encoded(image, "PNG", compress_level=1)


def _colour(url: str, part: str, darkest: int) -> tuple[int, int, int]:
    red, green, blue = (darkest + draws.integer(100, part, channel, url) for channel in "RGB")
    return red, green, blue


def _box(url: str, part: str) -> tuple[int, int, int, int]:
    side = 60 + draws.integer(120, part, "side", url)
    left, top = draws.integer(SIZE[0] - side, part, "x", url), draws.integer(SIZE[1] - side, part, "y", url)
    return left, top, left + side, top + side


def _encoded(image: Any, kind: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
