"""Deviations in validation: accepting what the documents forbid, or demanding less than they do."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PIL import Image

from ..pictures import Photo, read_facts, render
from ..targets.mock import KEY
from .base import Memory, Message, Mutant, has_size, inputs, saved, tolerant, with_inputs

GOOD_PNG = render(Photo(96, 96, "PNG"))


def grey(pictures: list[bytes]) -> bytes:
    """The mask as a plain grey PNG of the picture's size: what a lenient service would make of it."""
    try:
        with Image.open(io.BytesIO(pictures[1])) as opened:
            mask = opened.convert("L")
    except Exception:  # whatever it was, this proxy takes it
        mask = Image.new("L", has_size(pictures[0]), 255)
    size, mask.info = has_size(pictures[0]), {}
    return saved(mask if mask.size == size else mask.resize(size), "PNG")


def sound_photo(pictures: list[bytes]) -> bytes:
    """The picture within all limits, of the size of its mask where there is one."""
    width, height = (min(max(side, 64), 4096) for side in (has_size(pictures[1]) if len(pictures) > 1 else (96, 96)))
    return saved(Image.new("RGB", (width, height), (120, 130, 140)), "PNG")


def alpha_minimum(image: Image.Image) -> float:
    """The lowest alpha of an image that has alpha."""
    low, _ = image.getchannel("A").getextrema()
    assert isinstance(low, int | float)
    return low


def alpha_below(data: bytes) -> bool:
    """Whether a pixel of an RGBA file is not opaque."""
    with Image.open(io.BytesIO(data)) as opened:
        return opened.mode == "RGBA" and alpha_minimum(opened) < 255


def is_coloured(data: bytes) -> bool:
    """Whether an RGB file is not grey."""
    with Image.open(io.BytesIO(data)) as opened:
        if opened.mode not in ("RGB", "RGBA"):
            return False
        red, green, blue, *_ = opened.split()
        return red.tobytes() != green.tobytes() or green.tobytes() != blue.tobytes()


def quietly(check: Callable[[bytes], bool]) -> Callable[[bytes], bool]:
    """The check, false for files that cannot be read."""

    def safe(data: bytes) -> bool:
        try:
            return check(data)
        except Exception:  # no picture at all: not this mutant's business
            return False

    return safe


def any_size(asked: Message, memory: Memory) -> Message:
    """Accept a mask of another size than its picture."""
    pictures = inputs(asked)
    if len(pictures) != 2 or read_facts(pictures[1]).problem or has_size(pictures[0]) == has_size(pictures[1]):
        return asked
    if not all(64 <= side <= 4096 for side in has_size(pictures[0])):
        return asked
    return with_inputs(asked, [pictures[0], grey(pictures)])


def small(asked: Message, memory: Memory) -> Message:
    """Pictures below 64 pixels are enlarged, and their masks with them."""
    pictures = inputs(asked)
    if not pictures or not 0 < min(has_size(pictures[0])) < 64:
        return asked
    photo = saved(Image.new("RGB", (96, 96), (120, 130, 140)), "PNG")
    return with_inputs(asked, [photo, *(saved(Image.new("L", (96, 96), 255), "PNG") for _ in pictures[1:])])


def fields(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Message, Memory], Message]:
    """A proxy that corrects a field before passing the request on."""

    def request(asked: Message, memory: Memory) -> Message:
        if not asked.members:
            return asked
        corrected = change(dict(asked.members))
        return asked if repr(corrected) == repr(asked.members) else asked.with_document(corrected)

    return request


def numbers_from_text(body: dict[str, Any]) -> dict[str, Any]:
    """Accept numbers written as text."""
    numeric = ("steps", "scale", "seed", "strength", "dilate_size")
    return {name: 1 if name in numeric and isinstance(value, str) else value for name, value in body.items()}


def clamped(body: dict[str, Any]) -> dict[str, Any]:
    """Clamp a scale instead of refusing it."""
    scale: Any = body.get("scale")
    if type(scale) in (int, float):
        high = 1 if body.get("req_key") == "byteedit_v2.0" else 20
        body["scale"] = min(max(scale, 0 if high == 1 else 1), high)
    return body


def true_is_one(body: dict[str, Any]) -> dict[str, Any]:
    """Accept true as the number 1."""
    return {
        name: int(value) if isinstance(value, bool) and name in ("seed", "steps", "scale") else value
        for name, value in body.items()
    }


def prompted(body: dict[str, Any]) -> dict[str, Any]:
    """Accept an edit without a prompt."""
    if body.get("req_key", "").startswith(("i2i_inpainting_edit", "img2img")):
        body.setdefault("custom_prompt", "anything")
    return body


def any_corner(body: dict[str, Any]) -> dict[str, Any]:
    """Accept every whole number as the watermark's position."""
    logo = body.get("logo_info")
    if isinstance(logo, dict) and type(logo.get("position")) is int:
        body["logo_info"] = {**logo, "position": logo["position"] % 4}
    return body


def any_seed(body: dict[str, Any]) -> dict[str, Any]:
    """Accept seeds below -1."""
    if type(body.get("seed")) is int and body["seed"] < -1:
        body["seed"] = -1
    return body


def any_req_key(body: dict[str, Any]) -> dict[str, Any]:
    """Accept unknown req_keys."""
    known = (
        "i2i_inpainting",
        "i2i_inpainting_edit",
        "img2img_inpainting_edit_zi2i",
        "i2i_outpainting",
        "byteedit_v2.0",
    )
    return (
        body if not isinstance(body.get("req_key"), str) or body["req_key"] in known else {**body, "req_key": known[0]}
    )


def first_two_pictures(body: dict[str, Any]) -> dict[str, Any]:
    """Accept more than two pictures and ignore the rest."""
    texts = body.get("binary_data_base64")
    return {**body, "binary_data_base64": texts[:2]} if isinstance(texts, list) and len(texts) > 2 else body


def no_key_needed(asked: Message, memory: Memory) -> Message:
    """Accept requests without credentials."""
    return asked if asked.header("authorization") else asked.with_header("Authorization", f"Bearer {KEY}")


def no_query_needed(asked: Message, memory: Memory) -> Message:
    """Accept any Action and Version."""
    return replace(asked, query="Action=CVProcess&Version=2022-08-31") if asked.method == "POST" else asked


def comments_allowed(asked: Message, memory: Memory) -> Message:
    """Accept JSON with comments."""
    if asked.members or not asked.body:
        return asked
    corrected = re.sub(rb"//[^\n]*", b"", asked.body)
    try:
        body = json.loads(corrected)
    except ValueError:
        return asked
    return with_inputs(asked.with_document(body), [GOOD_PNG, saved(Image.new("L", (96, 96), 255), "PNG")])


def every_method_is_post(asked: Message, memory: Memory) -> Message:
    """Accept other methods at the proxy endpoint."""
    return replace(asked, method="POST") if asked.method != "POST" and asked.path.startswith("/volcv") else asked


def text_before_key(asked: Message, memory: Memory) -> Message:
    """Looks at the parameters before the key: the order of checks turned round."""
    return no_key_needed(asked, memory) if asked.members.get("scale") == 99 else asked


def data_uris(asked: Message, memory: Memory) -> Message:
    """Accept pictures as data URIs."""
    texts = asked.members.get("binary_data_base64")
    if not isinstance(texts, list) or not any(isinstance(text, str) and text.startswith("data:") for text in texts):
        return asked
    return asked.with_members(binary_data_base64=[text.rpartition(",")[2] for text in texts])


def broken_lines(asked: Message, memory: Memory) -> Message:
    """Accept base64 with line breaks."""
    texts = asked.members.get("binary_data_base64")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return asked
    return asked.with_members(binary_data_base64=["".join(text.split()) for text in texts])


def _photo(name: str, case: str, is_odd: Callable[[bytes], bool]) -> Mutant:
    return Mutant(name, (f"P-picture-{case}",), request=tolerant(0, is_odd, sound_photo))


def _mask(name: str, case: str, is_odd: Callable[[bytes], bool]) -> Mutant:
    return Mutant(name, (f"P-mask-{case}",), request=tolerant(1, quietly(is_odd), grey))


TOLERANCES = (
    _mask("ICC accepted", "icc-profile", lambda data: read_facts(data).has_icc_profile),
    _mask("alpha 254 accepted", "one-alpha-of-254", alpha_below),
    _mask("a coloured mask accepted", "one-coloured-pixel", is_coloured),
    _mask("a 16-bit mask accepted", "16-bit", lambda data: read_facts(data).bits == 16),
    _mask("a 1-bit mask accepted", "1-bit", lambda data: read_facts(data).bits == 1),
    _mask("a JPEG mask accepted", "jpeg", lambda data: read_facts(data).format == "JPEG"),
    _mask("a palette mask accepted", "palette", lambda data: read_facts(data).mode == "P"),
    _mask("a bad checksum accepted", "bad-checksum", lambda data: "checksum" in read_facts(data).problem),
    Mutant(
        "a mask of another size accepted",
        ("P-mask-one-pixel-wider", "P-mask-transposed"),
        request=any_size,
        only_warned="no page says what becomes of a mask that has not the picture's size",
    ),
    _photo("5 MB + 1 accepted", "one-byte-too-large", lambda data: len(data) == 5 * 2**20 + 1),
    Mutant("63 pixels accepted", ("P-picture-one-pixel-too-narrow", "P-picture-one-pixel-too-low"), request=small),
    _photo("GIF accepted", "gif", lambda data: data.startswith(b"GIF")),
    _photo("WEBP accepted", "webp", lambda data: data[8:12] == b"WEBP"),
    _photo("a PNG without its end accepted", "without-its-end", lambda data: read_facts(data).problem == "no IEND"),
    _photo("CMYK accepted", "cmyk", lambda data: read_facts(data).mode == "CMYK"),
    Mutant("a data URI accepted", ("P-picture-a-data-uri",), request=data_uris),
    Mutant(
        "line breaks in base64 accepted",
        ("P-picture-a-line-break-inside", "P-picture-a-space-inside"),
        request=broken_lines,
    ),
    Mutant(
        "numbers from text",
        ("W-REM-steps-type", "W-REM-scale-type", "W-REM-seed-type"),
        request=fields(numbers_from_text),
    ),
    Mutant("scale clamped", ("W-REM-scale-maximum", "W-EDT-scale-maximum"), request=fields(clamped)),
    Mutant("true taken for 1", ("CV-TYP-001",), request=fields(true_is_one)),
    Mutant(
        "a missing prompt tolerated",
        ("W-EDT-custom_prompt-required", "W-EDO-custom_prompt-required"),
        request=fields(prompted),
    ),
    Mutant(
        "a fifth corner tolerated",
        ("W-REM-logo_info-position-enum", "W-EDT-logo_info-position-enum"),
        request=fields(any_corner),
    ),
    Mutant("seed -2 tolerated", ("W-REM-seed-minimum",), request=fields(any_seed)),
    Mutant("an unknown req_key answered", ("CV-KEY-001", "MR15"), request=fields(any_req_key)),
    Mutant("a third picture ignored", ("W-REM-binary_data_base64-maxItems",), request=fields(first_two_pictures)),
    Mutant("no key needed", ("CV-GTW-005",), request=no_key_needed),
    Mutant("Action not looked at", ("CV-GTW-001", "CV-GTW-003"), request=no_query_needed),
    Mutant("comments in JSON accepted", ("CV-JSN-002",), request=comments_allowed),
    Mutant("every method answered like POST", ("CV-GTW-006",), request=every_method_is_post),
    Mutant("parameters looked at before the key", ("MR15",), request=text_before_key),
)
