"""Looks: what the journal keeps of a picture. A small JPEG, and for a mask its area and box.

A look costs well under a millisecond beside the decoded picture at hand, whatever its size: pixels are
sampled, not averaged over the whole. It is remembered by digest, so a repeated picture costs nothing.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from volcv_mock import contract
from volcv_mock.imaging import codecs
from volcv_mock.imaging.thumbnail import SIDE, thumbnail_of
from volcv_mock.model import Painted, Picture

if TYPE_CHECKING:
    from PIL.Image import Image

_UNDECODABLE = (OSError, SyntaxError, ValueError)
"""What Pillow raises for a file that is none; SyntaxError comes from its PNG reader."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """`area` is the marked share of a mask, `box` (left, top, right, bottom) around it. `is_alpha`: it equals the
    picture's alpha channel. An empty thumbnail: the picture could not be decoded."""

    thumbnail: bytes = field(default=b"", repr=False)
    area: float | None = None
    box: tuple[int, int, int, int] | None = None
    is_alpha: bool = False


def of_picture(picture: Picture) -> Thumbnail:
    try:
        return Thumbnail(thumbnail_of(codecs.open_rgb(picture)))
    except _UNDECODABLE:
        return Thumbnail()


def of_mask(mask: Picture, picture: Picture) -> Thumbnail:
    """A mask beside its picture: one channel, white is to be edited (S1 and S3, mask图要求)."""
    size = picture.facts.width, picture.facts.height
    image = mask.decoded if mask.decoded is not None else codecs.open_mask(mask, size)
    image = image if image.mode == "L" else image.convert("L")
    area, box = marked(image)
    is_alpha = 0.0 < area < 1.0 and has_alpha(picture) and equals_alpha(image, picture)
    return Thumbnail(thumbnail_of(image), round(area, 6), box, is_alpha)


def of_result(painted: Painted) -> Thumbnail:
    """The painter's own; else from the encoded answer, at an eighth of its size for a part of the price."""
    if painted.thumbnail:
        return Thumbnail(painted.thumbnail)
    from PIL import Image  # lazy: start-up time

    try:
        with Image.open(io.BytesIO(painted.data), formats=("JPEG", "PNG")) as image:
            image.draft("RGB", (SIDE, SIDE))
            return Thumbnail(thumbnail_of(image))
    except _UNDECODABLE:
        return Thumbnail()


def marked(mask: Image) -> tuple[float, tuple[int, int, int, int] | None]:
    """The share of pixels that count as white, and the smallest box around them; None when there are none."""
    edge, histogram = _marked_from(), mask.histogram()
    area = sum(histogram[edge:]) / max(1, sum(histogram))
    is_black_or_marked = not any(histogram[1:edge])
    return area, (mask if is_black_or_marked else mask.point(_threshold())).getbbox()


def has_alpha(picture: Picture) -> bool:
    return picture.facts.mode in ("RGBA", "LA")


def equals_alpha(mask: Image, picture: Picture) -> bool:
    """Whether the mask is the picture's alpha channel: white where the picture is opaque."""
    from PIL import Image, ImageChops  # lazy: start-up time

    try:
        with Image.open(io.BytesIO(picture.data), formats=("PNG",)) as image:
            alpha = image.getchannel("A")
    except _UNDECODABLE:
        return False
    if alpha.size != mask.size:
        return False
    return ImageChops.difference(alpha.point(_threshold()), mask.point(_threshold())).getbbox() is None


@dataclass(frozen=True, slots=True)
class ThumbnailSource:
    """A look that can be had: its role in the call, what it may be remembered by, and how to make it."""

    role: str
    name: Hashable
    make: Callable[[], Thumbnail]


def thumbnail_sources(sources: tuple[Picture | Painted, ...]) -> list[ThumbnailSource]:
    """Picture, mask and result, as far as they are there."""
    found = [
        ThumbnailSource("result", _digest(each), partial(of_result, each))
        for each in sources
        if isinstance(each, Painted)
    ]
    pictures = [each for each in sources if isinstance(each, Picture)]
    if pictures:
        found.append(
            ThumbnailSource("picture", ("picture", pictures[0].facts.digest), partial(of_picture, pictures[0]))
        )
    if len(pictures) > 1:
        found.append(
            ThumbnailSource("mask", _mask_name(pictures[1], pictures[0]), partial(of_mask, pictures[1], pictures[0]))
        )
    return found


def _digest(painted: Painted) -> str:
    return painted.digest or sha256(painted.data).hexdigest()


def _mask_name(mask: Picture, picture: Picture) -> Hashable:
    """A mask may be resized to its picture (--lenient) or be compared with its alpha."""
    beside = picture.facts.digest if has_alpha(picture) else ""
    return ("mask", mask.facts.digest, picture.facts.width, picture.facts.height, beside)


def _marked_from() -> int:
    return contract.mask_demands().marked_from


def _threshold() -> list[int]:
    edge = _marked_from()
    return [0] * edge + [255] * (256 - edge)
