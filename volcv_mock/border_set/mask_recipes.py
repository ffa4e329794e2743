"""Generates the masks that the recipes of fixtures/masks/cases.json describe.

The expected verdicts are in the data. `border_set` writes the files; the tests generate the same recipes with an
independent writer.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from io import BytesIO
from typing import Any

from volcv_mock import contract
from volcv_mock._util.paths import shelf
from volcv_mock.imaging import png_writer
from volcv_mock.imaging.png_writer import CHUNKS, Piece, Pixel, joined

Recipe = Mapping[str, Any]
Pieces = list[Piece]


@cache
def document() -> Mapping[str, Any]:
    """fixtures/masks/cases.json, parsed. Callers must not change it."""
    loaded: dict[str, Any] = json.loads((shelf("fixtures") / "masks" / "cases.json").read_text(encoding="utf-8"))
    return loaded


def cases() -> tuple[Mapping[str, Any], ...]:
    """Every case, with the default picture filled in."""
    usual = document()["picture"]
    return tuple({"picture": usual, **case} for case in document()["cases"])


def drawn(case: Mapping[str, Any]) -> bytes:
    """The file that a case describes."""
    recipe = {"width": case["picture"]["width"], "height": case["picture"]["height"], **case["recipe"]}
    other = _OTHER_FORMATS.get(recipe.get("format", "PNG"))
    if other:
        return other(recipe)
    parts = _parts(recipe)
    if recipe.get("pad_to_over_limit"):
        return png_writer.padded(parts, contract.limits().max_bytes + 1)
    return violated(parts, recipe.get("flaw", ""))


def violated(parts: Pieces, violation: str) -> bytes:
    """A PNG with one violation; valid when the name is empty."""
    if violation.startswith("says_"):
        width, _, height = violation.removeprefix("says_").partition("x")
        return joined(with_header_size(parts, int(width), int(height)))
    return _VIOLATIONS[violation](parts)


def with_header_size(parts: Pieces, width: int, height: int) -> Pieces:
    """The same pixels with a header that states other sides."""
    return [Piece("IHDR", struct.pack(">II", width, height) + parts[0].body[8:]), *parts[1:]]


def _parts(recipe: Recipe) -> Pieces:
    mode, bits = recipe.get("mode", "L"), recipe.get("bits", 8)
    before = [Piece(name, CHUNKS[name]) for name in recipe.get("chunks", ())]
    parts = png_writer.pieces(_grid(recipe, mode, bits), mode, bits, recipe.get("interlaced", False), before)
    return _cut(parts, recipe["idat_bytes"]) if "idat_bytes" in recipe else parts


def _grid(recipe: Recipe, mode: str, bits: int) -> list[list[Pixel]]:
    width, height = recipe["width"], recipe["height"]
    left, top, right, bottom = recipe.get("marked") or (width // 4, height // 4, width * 3 // 4, height * 3 // 4)
    ground, marked = (
        tuple(_sample(value, bits) for value in _pixel(mode, grey, alpha))
        for grey, alpha in zip(recipe.get("greys", (0, 255)), recipe.get("alpha", (255, 255)), strict=True)
    )
    plain = [ground] * width
    crossed = [*plain[:left], *[marked] * (right - left), *plain[right:]]
    grid = [list(crossed if top <= y < bottom else plain) for y in range(height)]
    for spot in recipe.get("pixels", ()):
        x, y = spot["at"]
        grid[y][x] = tuple(_sample(value, bits) for value in spot["value"])
    return grid


def _pixel(mode: str, grey: int, alpha: int) -> Pixel:
    return {"L": (grey,), "P": (grey,), "LA": (grey, alpha), "RGB": (grey,) * 3, "RGBA": (grey, grey, grey, alpha)}[
        mode
    ]


def _sample(value: int, bits: int) -> int:
    return value * 257 if bits == 16 else value >> (8 - bits)


def _cut(parts: Pieces, size_bytes: int) -> Pieces:
    """The compressed pixels in chunks of `size_bytes`."""
    return [small for part in parts for small in (_slices(part, size_bytes) if part.kind == "IDAT" else [part])]


def _slices(part: Piece, size_bytes: int) -> Pieces:
    starts = range(0, len(part.body), size_bytes)
    return [Piece(part.kind, part.body[start : start + size_bytes]) for start in starts]


def _with(parts: Pieces, kind: str, change: Callable[[Piece], Pieces]) -> bytes:
    return joined([new for part in parts for new in (change(part) if part.kind == kind else [part])])


def _missing_rows(parts: Pieces) -> bytes:

    def halved(part: Piece) -> Pieces:
        raw = zlib.decompress(part.body)
        return [Piece("IDAT", zlib.compress(raw[: len(raw) // 2]))]

    return _with(parts, "IDAT", halved)


def _saved_by_pillow(format: str) -> Callable[[Recipe], bytes]:
    def save(recipe: Recipe) -> bytes:
        from PIL import Image  # lazy: start-up time

        file = BytesIO()
        Image.new("L", (recipe["width"], recipe["height"])).save(file, format)
        return file.getvalue()

    return save


_OTHER_FORMATS: Mapping[str, Callable[[Recipe], bytes]] = {
    "JPEG": _saved_by_pillow("JPEG"),
    "GIF": _saved_by_pillow("GIF"),
    "empty": lambda _: b"",
    "text": lambda _: b"this is not a picture at all",
}
_VIOLATIONS: Mapping[str, Callable[[Pieces], bytes]] = {
    "": joined,
    "trailing_bytes": lambda parts: joined(parts) + b"\0 more bytes",
    "idat_after_iend": lambda parts: joined(parts) + bytes(parts[-2]),
    "no_iend": lambda parts: joined(parts[:-1]),
    "half": lambda parts: joined(parts)[: len(joined(parts)) // 2],
    "chunk_overflow": lambda parts: joined(parts[:-1]) + b"\xff\xff\xff\xfftEXt",
    "bad_crc_idat": lambda parts: _with(parts, "IDAT", lambda part: [Piece(part.kind, part.body, crc_error=1)]),
    "bad_crc_ihdr": lambda parts: _with(parts, "IHDR", lambda part: [Piece(part.kind, part.body, crc_error=1)]),
    "bad_zlib": lambda parts: _with(parts, "IDAT", lambda part: [Piece(part.kind, b"\x78\x9c" + b"\xee" * 64)]),
    "missing_rows": _missing_rows,
    "no_idat": lambda parts: _with(parts, "IDAT", lambda part: []),
    "no_ihdr": lambda parts: joined(parts[1:]),
    "colour_type_5": lambda parts: _with(
        parts, "IHDR", lambda part: [Piece(part.kind, part.body[:9] + b"\5" + part.body[10:])]
    ),
}
