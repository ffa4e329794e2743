"""Decodes pixels strictly and without side effects: Pillow's global state is neither changed nor used.

Pillow gets only the parts that define pixels (no EXIF, profile or text chunk), through the reader of the detected
format. Damaged metadata therefore causes neither a warning nor an error, and no other decoder is tried.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from volcv_mock import contract
from volcv_mock.imaging import jpeg_header, png_header
from volcv_mock.imaging.dilate import threshold
from volcv_mock.model import Picture, Problem

if TYPE_CHECKING:
    from PIL import Image

OPAQUE = "opaque"
"""The member of an image's `info` for `opaque_of`."""
Draft = tuple[str, tuple[int, int]]
UNTURNED = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
"""EXIF orientation -> its inverse."""


class Undecodable(Exception):
    """The header is valid, the pixels cannot be decoded. Carries the problem to answer with."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence())
        self.problem = problem


class Unreadable(Exception):
    """The pixels cannot be decoded; the message says why."""


def decode(picture: Picture) -> Image.Image:
    """The picture as a viewer shows it, in RGB: rotated by its EXIF orientation, without alpha.

    Its size equals `picture.facts.width` x `picture.facts.height`. Raises Undecodable.
    """
    image, orientation = _pixels_of(picture), picture.facts.orientation
    made = upright(_in_mode("RGB", image), orientation)
    alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
    if alpha and alpha.getextrema() != (255, 255):
        made.info[OPAQUE] = opaque_bits(upright(alpha, orientation))
    return made


def opaque_of(image: Image.Image) -> bytes | None:
    """Which pixels of a picture were opaque, one bit for each, as `decode` left it in the image's `info`; None when all
    were. The alpha channel itself is dropped."""
    bits: bytes | None = image.info.get(OPAQUE)
    return bits


def opaque_bits(grey: Image.Image) -> bytes:
    """One bit for each pixel, set where a mask of that grey marks it."""
    return grey.point(threshold(contract.mask_demands().marked_from), "1").tobytes()


def decode_small(picture: Picture, side: int) -> Image.Image:
    """As `decode`, but a JPEG has an eighth to all of its size, at least `side` pixels on each side if it has them.
    Raises Undecodable."""
    return upright(_in_mode("RGB", _pixels_of(picture, ("RGB", (side, side)))), picture.facts.orientation)


def decode_grey(picture: Picture) -> Image.Image:
    """The picture in grey ("L"), as a viewer shows it. Raises Undecodable."""
    image = _pixels_of(picture, ("L", (picture.facts.width, picture.facts.height)))
    return upright(_in_mode("L", image), picture.facts.orientation)


def decode_mask(picture: Picture) -> Image.Image:
    """The single channel ("L") of a validated mask, as a viewer shows it. Raises Undecodable."""
    return one_channel(_pixels_of(picture), picture.facts.orientation)


def one_channel(image: Image.Image, orientation: int) -> Image.Image:
    """Grey is kept; of equal red, green and blue the first channel. Other modes occur when a reading accepts them."""
    if image.mode not in ("L", "RGB", "RGBA"):
        image = eight_bit(image).convert("L")
    return upright(image if image.mode == "L" else image.getchannel(0), orientation)


def _in_mode(mode: str, image: Image.Image) -> Image.Image:
    """The image in that mode; convert() would copy one that has it, which costs as much as decoding it."""
    return image if image.mode == mode else eight_bit(image).convert(mode)


def eight_bit(image: Image.Image) -> Image.Image:
    """The image with 16-bit grey reduced to 8 bits; others unchanged (Pillow reduces 16-bit colours itself)."""
    if not image.mode.startswith("I"):
        return image
    return image.convert("I").point(lambda value: value / 256).convert("L")


def _pixels_of(picture: Picture, draft: Draft | None = None) -> Image.Image:
    try:
        return pixels_of(picture.data, picture.facts.format, draft)
    except Unreadable as error:
        raise Undecodable(_problem(picture.where, str(error))) from error


def pixels_of(data: bytes, format: str, draft: Draft | None = None) -> Image.Image:
    """A decoded PNG or JPEG, as stored, in Pillow's mode for it. Raises Unreadable.

    With `draft` a JPEG is decoded to that mode, and at the least fraction of its size that covers that size."""
    try:
        return _png(data) if format == "PNG" else _jpeg(data, draft)
    except Unreadable:
        raise
    except Exception as error:  # Pillow raises OSError, SyntaxError, ValueError, struct.error, EOFError ...
        raise Unreadable(f"image data that cannot be decoded ({str(error)[:120]})") from error


def _jpeg(data: bytes, draft: Draft | None) -> Image.Image:
    from PIL.JpegImagePlugin import JpegImageFile  # lazy: start-up time

    flaw = jpeg_header.decoding_flaw(data)
    if flaw:
        raise Unreadable(f"image data that cannot be decoded ({flaw})")
    image = JpegImageFile(BytesIO(jpeg_header.pixels_only(data)))
    if draft:
        image.draft(*draft)
    image.load()
    return image


def _png(data: bytes) -> Image.Image:
    """Pillow accepts a stream that ends too early, and LOAD_TRUNCATED_IMAGES of the user's process makes it accept
    more. Therefore the row that is written last is filled with a marker colour first. Only if the marker is still
    there after decoding, the stream is inflated again and its bytes are counted."""
    from PIL import Image  # lazy: start-up time
    from PIL.PngImagePlugin import PngImageFile

    image = PngImageFile(BytesIO(png_header.pixels_only(data)))
    canvas, row = Image.new(image.mode, image.size, None), _row_written_last(image)
    canvas.paste(_ink(image), (0, row, image.width, row + 1))
    image.im = canvas.im
    image.load()
    if image.getpixel((0, row)) == _ink(image) == image.getpixel((image.width - 1, row)):
        _refuse_missing_pixels(data)
    return image


def _row_written_last(image: Image.Image) -> int:
    """The lowest row; of an interlaced picture the lowest odd row, which the seventh pass writes."""
    lowest = image.height - 1
    is_even = lowest % 2 == 0
    return lowest - 1 if image.info.get("interlace") and is_even and lowest else lowest


def _ink(image: Image.Image) -> int | tuple[int, ...]:
    """A colour that is rare in the last row of a picture; a bilevel picture has no rare colour."""
    bands = len(image.getbands())
    return (0xA7,) * bands if bands > 1 else 0xFF if image.mode == "1" else 0xA7


def _refuse_missing_pixels(data: bytes) -> None:
    missing = png_header.missing_pixel_bytes(data)
    if missing:
        raise Unreadable(f"image data that cannot be decoded to the end ({missing} bytes of pixels are missing)")


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """The image rotated and mirrored by its EXIF orientation; the same object for orientation 1."""
    from PIL.Image import Transpose  # lazy: start-up time

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def _problem(where: str, found: str) -> Problem:
    return Problem(
        where,
        found=found,
        wanted="a picture whose pixels can be read to the last row",
        fix="Open it in a viewer and save it again.",
        rule="picture_decodes",
        source=contract.cite(contract.source_of("picture", "x-picture", "formats")),
    )
