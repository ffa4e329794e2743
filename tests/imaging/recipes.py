"""Generates the recipes of fixtures/masks/cases.json for the tests, independently of the package."""

from __future__ import annotations

import io
import json
import zlib

from PIL import Image

from tests.imaging import plain_png
from volcv_mock import contract
from volcv_mock._util.paths import shelf

CHUNKS = {
    "iCCP": b"x\0\0" + zlib.compress(b"profile"),
    "sRGB": b"\0",
    "gAMA": (45455).to_bytes(4, "big"),
    "tEXt": b"Title\0mask",
    "acTL": (2).to_bytes(4, "big") + bytes(4),
}


def cases():
    document = json.loads((shelf("fixtures") / "masks" / "cases.json").read_text(encoding="utf-8"))
    return [{"picture": document["picture"], **case} for case in document["cases"]]


def draw(case):
    recipe = case["recipe"]
    width = recipe.get("width", case["picture"]["width"])
    height = recipe.get("height", case["picture"]["height"])
    match recipe.get("format", "PNG"):
        case "empty":
            return b""
        case "text":
            return b"no picture"
        case "PNG":
            return png(recipe, width, height)
        case format:
            file = io.BytesIO()
            Image.new("L", (width, height), 255).save(file, format)
            return file.getvalue()


def png(recipe, width, height):
    mode, bits = recipe.get("mode", "L"), recipe.get("bits", 8)
    before = [(name.encode(), CHUNKS[name]) for name in recipe.get("chunks", [])]
    if mode == "P":
        before.append((b"PLTE", bytes(level for level in range(256) for _ in "rgb")))
    paint = painter(recipe, width, height, mode, bits)
    parts = plain_png.chunks(paint, width, height, mode, bits, recipe.get("interlaced", False), before)
    if "idat_bytes" in recipe:
        size, body = recipe["idat_bytes"], parts[-2][1]
        parts[-2:-1] = [(b"IDAT", body[at : at + size]) for at in range(0, len(body), size)]
    if recipe.get("pad_to_over_limit"):
        lacking = contract.limits().max_bytes + 1 - len(plain_png.file(parts)) - 12
        parts.insert(1, (b"fiLl", bytes(lacking)))
    return violation(parts, recipe.get("flaw"))


def painter(recipe, width, height, mode, bits):
    left, top, right, bottom = recipe.get("marked", (width // 4, height // 4, 3 * width // 4, 3 * height // 4))
    single = {tuple(spot["at"]): spot["value"] for spot in recipe.get("pixels", [])}
    greys, alphas = recipe.get("greys", [0, 255]), recipe.get("alpha", [255, 255])
    colours = {"L": 1, "P": 1, "LA": 1, "RGB": 3, "RGBA": 3}[mode]

    def fitted(values):
        return [value * 257 if bits == 16 else value >> (8 - bits) for value in values]

    def paint(x, y):
        if (x, y) in single:
            return fitted(single[x, y])
        inside = left <= x < right and top <= y < bottom
        return fitted([greys[inside]] * colours + [alphas[inside]] * (mode in ("LA", "RGBA")))

    return paint


def violation(parts, name):
    if not name:
        return plain_png.file(parts)
    whole, (kind, ihdr) = plain_png.file(parts), parts[0]
    if name.startswith("says_"):
        width, height = (int(side) for side in name.removeprefix("says_").split("x"))
        return plain_png.file([(kind, plain_png.four(width) + plain_png.four(height) + ihdr[8:]), *parts[1:]])
    rest = [part for part in parts if part[0] != b"IDAT"]
    with_pixels = [*rest[:-1], (b"IDAT", b"")]
    pixels = b"".join(body for kind, body in parts if kind == b"IDAT")
    raw = zlib.decompress(pixels)
    return {
        "trailing_bytes": lambda: whole + b"tail",
        "idat_after_iend": lambda: whole + plain_png.file([parts[-2]])[8:],
        "no_iend": lambda: plain_png.file(parts[:-1]),
        "half": lambda: whole[: len(whole) // 2],
        "chunk_overflow": lambda: plain_png.file(parts[:-1]) + b"\xff\xff\xff\xffzTXt",
        "bad_crc_idat": lambda: plain_png.file(parts, wrong_crc=b"IDAT"),
        "bad_crc_ihdr": lambda: plain_png.file(parts, wrong_crc=b"IHDR"),
        "bad_zlib": lambda: plain_png.file([*with_pixels[:-1], (b"IDAT", b"noise" * 9), rest[-1]]),
        "missing_rows": lambda: plain_png.file(
            [*with_pixels[:-1], (b"IDAT", zlib.compress(raw[: len(raw) // 2])), rest[-1]]
        ),
        "no_idat": lambda: plain_png.file(rest),
        "no_ihdr": lambda: plain_png.file(parts[1:]),
        "colour_type_5": lambda: plain_png.file([(kind, ihdr[:9] + b"\5" + ihdr[10:]), *parts[1:]]),
    }[name]()
