"""The pictures of the border set, generated: input pictures on both sides of every documented limit.

Each is invalid in one way, or valid but unusual; `rules` lists the rules that refuse it. Large files have a single
colour, so that generating the set takes a second or two.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Literal

from volcv_mock import contract
from volcv_mock.border_set.mask_recipes import violated, with_header_size
from volcv_mock.imaging import png_writer
from volcv_mock.imaging.png_writer import CHUNKS, Piece, joined

if TYPE_CHECKING:
    from PIL import Image

WIDTH, HEIGHT = 96, 64
_GREY = (118, 126, 140)
_WEBP = base64.b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
"""One transparent pixel, lossless. It is a constant because Pillow may lack WEBP support."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """One file of the border set. `rules` are the rules it violates, the first decides the code; none means accepted.

    `beside` is, for a mask, the picture file with which it is sent.
    """

    name: str
    role: Literal["picture", "mask"]
    about: str
    data: bytes = field(repr=False)
    rules: tuple[str, ...] = ()
    lenient_accepts: bool = False
    beside: str = ""


def specimens() -> Iterator[Specimen]:
    """Every picture of the border set, in a fixed order."""
    for make in (_sides, _sizes, _channels, _depths, _rotated, _damaged, _wrong_sizes, _foreign):
        yield from make()


def scene(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """A small picture whose corners differ, so that a wrong rotation is visible."""
    from PIL import Image  # lazy: start-up time

    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    around = Image.radial_gradient("L").resize((width, height))
    return Image.merge("RGB", (across, down, around))


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    """The picture as a file of this format; `options` are Pillow's."""
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def _picture(name: str, about: str, data: bytes, *rules: str) -> Specimen:
    return Specimen(name, "picture", about, data, rules)


def _flat(width: int, height: int) -> bytes:
    return joined(png_writer.flat(width, height, bytes(_GREY)))


def _sides() -> Iterator[Specimen]:
    least, most = contract.limits().min_side, contract.limits().max_side
    sound = ((least, least), (most, least), (least, most))
    for width, height in sound:
        yield _picture(f"{width}x{height}.png", "sides at the limits", _flat(width, height))
    for width, height in ((least - 1, least), (least, least - 1)):
        yield _picture(f"{width}x{height}.png", "one pixel too small", _flat(width, height), "picture_min_side")
    for width, height in ((most + 1, least), (least, most + 1)):
        yield _picture(f"{width}x{height}.png", "one pixel too large", _flat(width, height), "picture_max_side")
    from PIL import Image  # lazy: start-up time

    yield _picture(f"{most}x{most}.jpg", "the largest allowed", encoded(Image.new("RGB", (most, most), _GREY), "JPEG"))


def _sizes() -> Iterator[Specimen]:
    limit, parts = contract.limits().max_bytes, png_writer.flat(WIDTH, HEIGHT, bytes(_GREY))
    yield _picture("largest-file.png", f"exactly {limit} bytes", png_writer.padded(parts, limit))
    over = png_writer.padded(parts, limit + 1)
    yield _picture("one-byte-more.png", f"{limit + 1} bytes", over, "picture_size_bytes")


def _channels() -> Iterator[Specimen]:
    photo = scene()
    yield _picture("plain.png", "the picture most masks belong to", encoded(photo, "PNG"))
    yield _picture("plain.jpg", "baseline JPEG", encoded(photo, "JPEG"))
    yield _picture("progressive.jpg", "progressive JPEG", encoded(photo, "JPEG", progressive=True))
    yield _picture("grey.jpg", "one channel, read as RGB", encoded(photo.convert("L"), "JPEG"))
    yield _picture("grey.png", "one channel, read as RGB", encoded(photo.convert("L"), "PNG"))
    yield _picture("rgba.png", "its alpha is ignored", encoded(photo.convert("RGBA"), "PNG"))
    yield _picture("grey-and-alpha.png", "its alpha is ignored", encoded(photo.convert("LA"), "PNG"))
    yield _picture("palette.png", "its palette is resolved", encoded(photo.quantize(16), "PNG"))
    yield _picture("icc-profile.jpg", "a profile, allowed here", encoded(photo, "JPEG", icc_profile=bytes(300)))
    cmyk = encoded(photo.convert("CMYK"), "JPEG")
    yield _picture("cmyk.jpg", "four channels for print", cmyk, "picture_mode")
    yield _picture("ycck.jpg", "the same, marked YCCK", _as_ycck(cmyk), "picture_mode")


def _as_ycck(cmyk: bytes) -> bytes:
    """Sets the colour transform at the end of the Adobe segment to 2, YCCK."""
    adobe = cmyk.index(b"Adobe")
    return cmyk[: adobe + 11] + b"\2" + cmyk[adobe + 12 :]


def _depths() -> Iterator[Specimen]:
    deep, black = [[(1000, 2000, 65535)] * WIDTH] * HEIGHT, [[(0,)] * WIDTH] * HEIGHT
    yield _picture("16-bit-rgb.png", "16 bits", joined(png_writer.pieces(deep, "RGB", 16)), "picture_bits")
    yield _picture("16-bit-grey.png", "16 bits", joined(png_writer.pieces(black, "L", 16)), "picture_bits")
    yield _picture("1-bit.png", "black and white, read as RGB", joined(png_writer.pieces(black, "L", 1)))
    interlaced = png_writer.pieces([[_GREY] * WIDTH] * HEIGHT, "RGB", interlaced=True)
    yield _picture("interlaced.png", "Adam7", joined(interlaced))


def _rotated() -> Iterator[Specimen]:
    """Rotated and mirrored, with the EXIF orientation that restores it: all eight are shown as the plain picture."""
    from PIL import Image  # lazy: start-up time

    from volcv_mock.imaging.decode import UNTURNED, upright

    for orientation, back in UNTURNED.items():
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = upright(scene(), back)
        about = f"EXIF orientation {orientation}, shown as {WIDTH}x{HEIGHT}"
        yield _picture(f"exif-{orientation}.jpg", about, encoded(stored, "JPEG", quality=95, exif=exif))


def _damaged() -> Iterator[Specimen]:
    jpeg, parts = encoded(scene(), "JPEG"), _parts_of_the_scene()
    yield _picture("truncated.jpg", "cut in half", jpeg[: len(jpeg) // 2], "picture_complete")
    yield _picture("without-end.jpg", "the end marker is missing", jpeg[:-2], "picture_complete")
    yield _picture("trailing-bytes.jpg", "more after the end, as some cameras write", jpeg + bytes(16))
    for violation, rule in (
        ("half", "picture_complete"),
        ("no_iend", "picture_complete"),
        ("bad_crc_idat", "picture_crc"),
        ("bad_zlib", "picture_decodes"),
        ("missing_rows", "picture_decodes"),
        ("no_idat", "picture_decodes"),
    ):
        yield _picture(
            f"{violation.replace('_', '-')}.png", violation.replace("_", " "), violated(parts, violation), rule
        )
    animated = joined([parts[0], Piece("acTL", CHUNKS["acTL"]), *parts[1:]])
    yield _picture("animated.png", "APNG", animated, "picture_is_still")


def _parts_of_the_scene() -> list[Piece]:
    pixels = scene().tobytes()
    rows = [pixels[start : start + 3 * WIDTH] for start in range(0, len(pixels), 3 * WIDTH)]
    grid = [list(zip(row[::3], row[1::3], row[2::3], strict=True)) for row in rows]
    return png_writer.pieces(grid, "RGB")


def _wrong_sizes() -> Iterator[Specimen]:
    parts, most = _parts_of_the_scene(), contract.limits().max_side
    bomb = joined(with_header_size(parts, 100_000, 100_000))
    yield _picture("bomb.png", "its header says 100000x100000", bomb, "picture_max_side")
    larger = joined(with_header_size(parts, most, most))
    yield _picture("lying-header.png", f"its header says {most}x{most}", larger, "picture_decodes")
    jpeg = encoded(scene(), "JPEG")
    yield _picture(
        "bomb.jpg", "its header says 65535x65535", _jpeg_with_size(jpeg, 65535), "picture_max_side", "picture_decodes"
    )
    yield _picture("lying-header.jpg", f"its header says {most}x{most}", _jpeg_with_size(jpeg, most), "picture_decodes")


def _jpeg_with_size(jpeg: bytes, side: int) -> bytes:
    frame = jpeg.index(b"\xff\xc0")
    return jpeg[: frame + 5] + struct.pack(">HH", side, side) + jpeg[frame + 9 :]


def _foreign() -> Iterator[Specimen]:
    photo = scene()
    made: tuple[tuple[str, Callable[[], bytes]], ...] = (
        ("gif", lambda: encoded(photo, "GIF")),
        ("bmp", lambda: encoded(photo, "BMP")),
        ("tiff", lambda: encoded(photo, "TIFF")),
        ("webp", lambda: _WEBP),
        ("heic", lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
        ("svg", lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64"/>'),
        ("html", lambda: b"<!DOCTYPE html><title>Not found</title>"),
        ("empty", lambda: b""),
    )
    for ending, make in made:
        yield _picture(f"foreign.{ending}", f"{ending}, not a JPEG or PNG", make(), "picture_format")
