"""What a personality accepts although the mock refuses it: the request is repaired before the mock sees it again."""

from __future__ import annotations

import io
import json
import re
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PIL import Image

from .. import contract
from ..pictures import read_facts
from ..targets.mock import KEY
from .base import Message, inputs, saved, with_inputs

PLAIN = {b"IHDR", b"IDAT", b"IEND", b"gAMA", b"sRGB"}
LISTS = "binary_data_base64"
Chosen = Mapping[str, str]


def before(asked: Message, chosen: Chosen) -> Message:
    """The request as the mock must see it, where no refusal would ask for a repair."""
    if chosen.get("samples-are-not-json") == "comments" and asked.body.lstrip().startswith(b"//"):
        asked = replace(asked, body=b"\n".join(line for line in asked.body.split(b"\n") if not line.startswith(b"//")))
    if chosen.get("null-is-not-absent") == "absent" and None in asked.members.values():
        asked = asked.with_document({name: value for name, value in asked.members.items() if value is not None})
    if chosen.get("seed-zero") == "random" and asked.members.get("seed") == 0:
        asked = asked.with_members(seed=-1)
    is_outpainting = asked.members.get("req_key") == "i2i_outpainting"
    if chosen.get("outpainting-text-field") == "prompt-only" and is_outpainting:
        asked = asked.without("custom_prompt") if "custom_prompt" in asked.members else asked
    return _pictures(asked, chosen)


def _pictures(asked: Message, chosen: Chosen) -> Message:
    pictures = inputs(asked)
    if not pictures:
        return asked
    if chosen.get("exif-orientation") == "ignored" and b"Exif" in pictures[0][:4000]:
        pictures[0] = _without_exif(pictures[0])
        asked = with_inputs(asked, pictures)
    threshold = int(chosen.get("mask-grey-threshold", "128"))
    if threshold != 128 and len(pictures) > 1 and read_facts(pictures[1]).mode == "L":
        pictures[1] = _thresholded(pictures[1], threshold)
        asked = with_inputs(asked, pictures)
    return asked


def _thresholded(data: bytes, threshold: int) -> bytes:
    try:
        with Image.open(io.BytesIO(data)) as mask:
            if mask.format != "PNG" or data[24] != 8 or not _is_sound(data):  # byte 24: bits per channel
                return data
            return saved(mask.point([0] * threshold + [255] * (256 - threshold)), "PNG")
    except Exception:  # the mock will refuse it
        return data


def _is_sound(data: bytes) -> bool:
    """Whether a PNG has only the chunks of a plain one, each with its checksum, to the end."""
    at, names = 8, []
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        names.append(data[at + 4 : at + 8])
        if data[at + 8 + length : at + 12 + length] != zlib.crc32(data[at + 4 : at + 8 + length]).to_bytes(4, "big"):
            return False
        at += 12 + length
    return at == len(data) and names[-1:] == [b"IEND"] and set(names) <= PLAIN


def _without_exif(data: bytes) -> bytes:
    at = 2
    while data[at] == 0xFF and data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == 0xE1:
            return data[:at] + data[at + 2 + length :]
        at += 2 + length
    return data


def after(rule: str, asked: Message, chosen: Chosen) -> Message | None:
    """The request without what the rule refused; None when the personality refuses it too."""
    for (point, alternatives), (refused, repair) in REPAIRS.items():
        if rule in refused and chosen.get(point) in alternatives:
            repaired = _tried(repair, asked, chosen)
            if repaired is not None:
                return repaired
    return None


def _tried(repair: Repair, asked: Message, chosen: Chosen) -> Message | None:
    """A picture that Pillow cannot read is not repaired: the refusal stays."""
    try:
        return repair(asked, chosen)
    except Exception:
        return None


Repair = Callable[[Message, Chosen], Message | None]


def _parts(asked: Message) -> Mapping[str, Any]:
    row = contract.operations().get(str(asked.members.get("req_key")))
    return contract.request_schema(str(asked.members["req_key"]), row["modes"][0])["properties"] if row else {}


def within(asked: Message, chosen: Chosen) -> Message:
    """The request with its numbers inside their ranges, where the personality clamps or ignores them."""
    known = chosen.get("out-of-range", "refuse") != "refuse" and isinstance(asked.members.get("req_key"), str)
    return (_outside(asked, chosen) if known else None) or asked


def _outside(asked: Message, chosen: Chosen) -> Message | None:
    made = _within(dict(asked.members), _parts(asked), chosen["out-of-range"] == "clamp")
    return asked.with_document(made) if made != asked.members else None


def _within(members: dict[str, Any], parts: Mapping[str, Any], is_clamped: bool) -> dict[str, Any]:
    for name, part in parts.items():
        value = members.get(name)
        if isinstance(value, dict) and "properties" in part:
            members[name] = _within(dict(value), part["properties"], is_clamped)
        elif isinstance(value, int | float) and not isinstance(value, bool) and _fits(value, part):
            raised = max(value, part.get("minimum", value))
            held = min(raised, part.get("maximum", raised))
            if held != value:
                members[name] = held
                if not is_clamped:
                    del members[name]
    return members


def _fits(value: float, part: Mapping[str, Any]) -> bool:
    return part.get("type") == "number" or (part.get("type") == "integer" and value == int(value))


def _numbers(asked: Message, chosen: Chosen) -> Message | None:
    parts = _parts(asked)
    found = {
        name: json.loads(value) for name, value in asked.members.items()
        if isinstance(value, str) and parts.get(name, {}).get("type") in NUMERIC and NUMBER.fullmatch(value)
    }  # fmt: skip
    return asked.with_members(**found) if found else None


NUMERIC = ("integer", "number")
NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")


def _seed(asked: Message, chosen: Chosen) -> Message | None:
    seed = asked.members.get("seed")
    return asked.with_members(seed=-1) if isinstance(seed, int | float) and seed < -1 else None


def _scale(asked: Message, chosen: Chosen) -> Message | None:
    value = asked.members.get("scale")
    if asked.members.get("req_key") != "byteedit_v2.0" or not isinstance(value, int | float) or not 1 < value <= 20:
        return None
    return asked.with_members(scale=type(value)(1))


def _prompt(asked: Message, chosen: Chosen) -> Message | None:
    is_absent = asked.members.get("req_key") == "byteedit_v2.0" and "prompt" not in asked.members
    return asked.with_members(prompt="") if is_absent else None


def _photo(asked: Message, chosen: Chosen) -> Message | None:
    pictures = inputs(asked)
    with Image.open(io.BytesIO(pictures[0])) as photo:
        pictures[0] = saved(photo.convert("RGB"), "PNG")
    return with_inputs(asked, pictures)


def _mask(asked: Message, chosen: Chosen) -> Message | None:
    pictures = inputs(asked)
    with Image.open(io.BytesIO(pictures[1])) as mask:
        grey = mask.getchannel(0) if mask.mode in ("RGB", "RGBA") else _eight(mask).convert("L")
        bare = Image.new("L", grey.size)
        bare.paste(grey)
    pictures[1] = saved(bare, "PNG")
    return with_inputs(asked, pictures)


def _eight(mask: Image.Image) -> Image.Image:
    return mask.convert("I").point(lambda value: value / 256) if mask.mode.startswith("I") else mask


def _resized(asked: Message, chosen: Chosen) -> Message | None:
    pictures = inputs(asked)
    with Image.open(io.BytesIO(pictures[1])) as mask:
        pictures[1] = saved(mask.convert("L").resize(_shown(pictures[0]), Image.Resampling.NEAREST), "PNG")
    return with_inputs(asked, pictures)


def _shown(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as photo:
        is_turned = photo.getexif().get(0x0112, 1) > 4
        return (photo.height, photo.width) if is_turned else photo.size


def _small(asked: Message, chosen: Chosen) -> Message | None:
    if asked.members.get("req_key") not in ("byteedit_v2.0", "i2i_outpainting"):
        return None
    pictures = inputs(asked)
    with Image.open(io.BytesIO(pictures[0])) as photo:
        pictures[0] = saved(photo.convert("RGB").resize((64, 64)), "PNG")
    return with_inputs(asked, pictures)


def _texts(change: Callable[[str], str]) -> Repair:
    def repair(asked: Message, chosen: Chosen) -> Message | None:
        texts = [change(text) if isinstance(text, str) else text for text in asked.members.get(LISTS, ())]
        return asked.with_members(**{LISTS: texts}) if texts != asked.members.get(LISTS) else None

    return repair


def _behind_comma(text: str) -> str:
    return text.partition(",")[2] or text


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4) if "=" not in text and len(text) % 4 > 1 and _is_base64(text) else text


def _is_base64(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9+/]*", text))


def _content_type(asked: Message, chosen: Chosen) -> Message | None:
    return asked.with_header("Content-Type", "application/json")


def _key(asked: Message, chosen: Chosen) -> Message | None:
    return asked.with_header("Authorization", f"Bearer {KEY}") if not asked.header("authorization") else None


RANGES = ("schema_minimum", "schema_maximum")
REPAIRS: Mapping[tuple[str, tuple[str, ...]], tuple[tuple[str, ...], Repair]] = {
    ("media-type-accepted", ("accept",)): (("media_type",), _content_type),
    ("authorization-optional", ("optional",)): (("proxy_key_missing",), _key),
    ("seed-not-negative", ("random",)): (RANGES, _seed),
    ("seededit-scale-range", ("1..20",)): (RANGES, _scale),
    ("out-of-range", ("clamp", "ignore")): (RANGES, _outside),
    ("numbers-as-text", ("convert",)): (("schema_type",), _numbers),
    ("prompt-of-seededit", ("optional",)): (("schema_required",), _prompt),
    ("base64-data-uri", ("accept",)): (("base64_is_not_data_uri",), _texts(_behind_comma)),
    ("base64-line-breaks", ("accept",)): (("base64_has_no_whitespace",), _texts(lambda text: re.sub(r"\s", "", text))),
    ("base64-url-alphabet", ("accept",)): (
        ("base64_is_not_base64url",), _texts(lambda text: text.replace("-", "+").replace("_", "/"))),
    ("base64-padding", ("accept",)): (("base64_padding",), _texts(_padded)),
    ("limits-elsewhere", ("removal-and-edit",)): (("picture_min_side",), _small),
    ("cmyk-pictures", ("convert",)): (("picture_mode",), _photo),
    ("animated-pictures", ("first-frame",)): (("picture_is_still",), _photo),
    ("deep-pictures", ("reduce",)): (("picture_bits",), _photo),
    ("mask-size", ("resize",)): (("mask_size_matches",), _resized),
    ("mask-palette", ("accept",)): (("mask_channels",), _mask),
    ("mask-bits", ("accept",)): (("mask_is_8_bit",), _mask),
    ("mask-animated", ("first-frame",)): (("mask_is_still",), _mask),
    ("mask-icc-profile", ("accept",)): (("mask_has_no_icc_profile",), _mask),
    ("mask-unequal-channels", ("accept",)): (("mask_rgb_is_equal",), _mask),
    ("mask-alpha", ("accept",)): (("mask_alpha_is_opaque",), _mask),
    ("mask-jpeg", ("accept",)): (("mask_is_png",), _mask),
}  # fmt: skip
"""(point, alternatives) -> the rules after which the request is repaired, and how."""
