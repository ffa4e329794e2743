"""Thumbnails: what the journal keeps of a picture. A small JPEG, and for a mask its area and box.

From a decoded picture a thumbnail takes well under a millisecond, whatever its size: pixels are sampled, not
averaged. Thumbnails are cached by digest, so a repeated picture costs nothing. A refused picture is
decoded for its thumbnail when its format and size permit.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Hashable
from dataclasses import field
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from volcv_mock import contract
from volcv_mock._util.frozen import frozen
from volcv_mock.imaging.decode import Undecodable, decode, decode_grey, decode_small, opaque_bits, opaque_of
from volcv_mock.imaging.dilate import threshold
from volcv_mock.imaging.thumbnail import OVERSAMPLING, SIDE, thumbnail_of
from volcv_mock.model import Painted, Picture

if TYPE_CHECKING:
    from PIL.Image import Image

_UNDECODABLE = (Undecodable, OSError, SyntaxError, ValueError, EOFError, struct.error)
"""What Pillow raises for a damaged file; SyntaxError comes from its PNG reader."""

OTHER_FORMATS = ("GIF", "WEBP", "BMP")
"""Formats that are refused, and still shown when Pillow reads them."""


@frozen
class Thumbnail:
    """`area` is the marked share of a mask, `box` (left, top, right, bottom) around it. `is_alpha`: it equals the
    picture's alpha channel. `lightest` is the mask's largest value. An empty thumbnail: the picture could not be
    decoded."""

    thumbnail: bytes = field(default=b"", repr=False)
    area: float | None = None
    box: tuple[int, int, int, int] | None = None
    is_alpha: bool = False
    lightest: int | None = None


def of_picture(picture: Picture) -> Thumbnail:
    """The thumbnail of an input picture; an empty one if it does not decode."""
    try:
        return Thumbnail(thumbnail_of(_pixels(picture, partial(decode_small, side=SIDE * OVERSAMPLING))))
    except _UNDECODABLE:
        return Thumbnail()


def of_mask(mask: Picture, picture: Picture | None) -> Thumbnail:
    """A mask beside its picture: one channel, white is to be edited (S1 and S3, mask图要求)."""
    try:
        image = _fitted(_pixels(mask, decode_grey), picture)
    except _UNDECODABLE:
        return Thumbnail()
    area, box, lightest = marked(image)
    is_alpha = 0.0 < area < 1.0 and picture is not None and has_alpha(picture) and equals_alpha(image, picture)
    return Thumbnail(thumbnail_of(image), round(area, 6), box, is_alpha, lightest)


def _pixels(picture: Picture, decoded_by: Callable[[Picture], Image]) -> Image:
    """The decoded picture, at hand or decoded now. Raises one of _UNDECODABLE."""
    if picture.decoded is not None:
        decoded: Image = picture.decoded
        return decoded
    facts = picture.facts
    _refuse_dear(facts.width, facts.height)
    if facts.format in contract.limits().formats:
        return decoded_by(picture)
    from PIL import Image  # lazy: start-up time

    with Image.open(io.BytesIO(picture.data), formats=OTHER_FORMATS) as image:
        _refuse_dear(*image.size)  # probe.py does not read the size of these
        return image.convert("RGB")


def _refuse_dear(width: int, height: int) -> None:
    if not _is_affordable(width, height):
        raise ValueError("too many pixels to decode for a thumbnail")


def _is_affordable(width: int, height: int) -> bool:
    """A header may claim any size: beyond the largest permitted picture nothing is decoded or enlarged."""
    side = contract.limits().max_side
    return width * height <= side * side


def _fitted(image: Image, picture: Picture | None) -> Image:
    """One channel, as large as the picture: the lenient profile accepts another size."""
    from PIL.Image import Resampling  # lazy: start-up time

    grey = image if image.mode == "L" else image.convert("L")
    size = (picture.facts.width, picture.facts.height) if picture else grey.size
    if grey.size == size or not all(size) or not _is_affordable(*size):
        return grey
    return grey.resize(size, Resampling.NEAREST)


def of_result(painted: Painted) -> Thumbnail:
    """The painter's own; else from the encoded answer, decoded at an eighth of its size, which costs less."""
    if painted.thumbnail:
        return Thumbnail(painted.thumbnail)
    from PIL import Image  # lazy: start-up time

    try:
        with Image.open(io.BytesIO(painted.data), formats=("JPEG", "PNG")) as image:
            image.draft("RGB", (SIDE, SIDE))
            return Thumbnail(thumbnail_of(image))
    except _UNDECODABLE:
        return Thumbnail()


def marked(mask: Image) -> tuple[float, tuple[int, int, int, int] | None, int]:
    """The share of pixels that count as white, the smallest box around them (None when there are none), and the
    largest value."""
    edge, histogram = _marked_from(), mask.histogram()
    area = sum(histogram[edge:]) / max(1, sum(histogram))
    is_black_or_marked = not any(histogram[1:edge])
    box = (mask if is_black_or_marked else mask.point(threshold(edge))).getbbox()
    return area, box, max((value for value, count in enumerate(histogram) if count), default=0)


def has_alpha(picture: Picture) -> bool:
    """Whether the picture has an alpha channel."""
    return picture.facts.mode in ("RGBA", "LA")


def equals_alpha(mask: Image, picture: Picture) -> bool:
    """Whether the mask is the picture's alpha channel: white where the picture is opaque."""
    if mask.size != (picture.facts.width, picture.facts.height):
        return False
    try:
        opaque = opaque_of(decode(picture) if picture.decoded is None else picture.decoded)
    except Undecodable:
        return False
    return opaque == opaque_bits(mask)


@frozen
class ThumbnailSource:
    """A thumbnail that can be made: its role in the call, its key in the cache, and the function that makes it."""

    role: str
    name: Hashable
    make: Callable[[], Thumbnail]


def thumbnail_sources(sources: tuple[Picture | Painted, ...]) -> list[ThumbnailSource]:
    """Picture, mask and result, those that are there."""
    found = [
        ThumbnailSource("result", _digest(each), partial(of_result, each))
        for each in sources
        if isinstance(each, Painted)
    ]
    sent = {each.role: each for each in reversed(sources) if isinstance(each, Picture)}
    picture, mask, own = sent.get("picture"), sent.get("mask"), sent.get("mock")
    if own:
        found.append(ThumbnailSource("mock", ("picture", own.facts.digest), partial(of_picture, own)))
    if picture:
        found.append(ThumbnailSource("picture", ("picture", picture.facts.digest), partial(of_picture, picture)))
    if mask:
        found.append(ThumbnailSource("mask", _mask_name(mask, picture), partial(of_mask, mask, picture)))
    return found


def _digest(painted: Painted) -> str:
    return painted.digest or sha256(painted.data).hexdigest()


def _mask_name(mask: Picture, picture: Picture | None) -> Hashable:
    """A mask is resized to its picture, and compared with its alpha channel."""
    if picture is None:
        return ("mask", mask.facts.digest)
    beside = picture.facts.digest if has_alpha(picture) else ""
    return ("mask", mask.facts.digest, picture.facts.width, picture.facts.height, beside)


def _marked_from() -> int:
    return contract.mask_demands().marked_from
