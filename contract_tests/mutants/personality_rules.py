"""What a personality refuses although the mock accepts it: one predicate for each such alternative."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from .. import contract
from ..pictures import read_facts
from . import personality_repairs as repairs
from .base import Message, inputs

Members = Mapping[str, Any]
RATIOS = ("top", "bottom", "left", "right")


def broken(asked: Message, chosen: Mapping[str, str]) -> str:
    """The rule that the personality refuses by; "" when it accepts."""
    action = parse_qs(asked.query).get("Action", [""])[0]
    if action not in ("CVProcess", *contract.legacy_actions().values()):
        return ""
    numbers = repairs.within(asked, chosen)
    for (point, alternative), rule_of in REFUSALS.items():
        if chosen.get(point) == alternative and (rule := rule_of(numbers if point in OF_NUMBERS else asked)):
            return rule
    return ""


def number(name: str, is_bad: Callable[[float], bool], rule: str) -> Callable[[Message], str]:
    """The rule when a number of that name is bad."""

    def rule_of(asked: Message) -> str:
        value = asked.members.get(name)
        return rule if isinstance(value, int | float) and not isinstance(value, bool) and is_bad(value) else ""

    return rule_of


def _schema(asked: Message) -> Members:
    req_key = asked.members.get("req_key")
    row = contract.operations().get(req_key) if isinstance(req_key, str) else None
    return contract.request_schema(str(req_key), row["modes"][0])["properties"] if row else {}


def _is(asked: Message, *req_keys: str) -> bool:
    return any(key in str(asked.members.get("req_key")) for key in req_keys)


def _unknown(asked: Message) -> str:
    known = _schema(asked)
    inner = known.get("logo_info", {}).get("properties", {})
    logo = asked.members.get("logo_info")
    unknown = set(asked.members) - set(known) - {"image_urls", "binary_data_base64"}
    unknown |= set(logo) - set(inner) if isinstance(logo, dict) else set()
    return "schema_additionalProperties" if known and unknown else ""


def _float(asked: Message) -> str:
    for name, part in _schema(asked).items():
        if part.get("type") == "integer" and isinstance(asked.members.get(name), float):
            return "schema_type"
    return ""


def _strength(asked: Message) -> str:
    value = asked.members.get("strength")
    if not isinstance(value, int | float):
        return ""
    return "schema_exclusiveMinimum" if value <= 0.1 else "schema_exclusiveMaximum" if value >= 1 else ""


def _ratio(is_bad: Callable[[float], bool], rule: str) -> Callable[[Message], str]:
    return lambda asked: next((found for name in RATIOS if (found := number(name, is_bad, rule)(asked))), "")


def _cap(asked: Message) -> str:
    names = ("max_width", "max_height")
    is_small = any(number(name, lambda value: value < 1, "x")(asked) for name in names)
    return "schema_minimum" if _is(asked, "outpainting") and is_small else ""


def _twice(asked: Message) -> str:
    found: list[str] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found.extend(name for name, _ in pairs if [one for one, _ in pairs].count(name) > 1)
        return dict(pairs)

    try:
        json.loads(asked.body, object_pairs_hook=members)
    except ValueError:
        return ""
    return "json_syntax" if found else ""


def _prompt(is_bad: Callable[[str], bool], rule: str, *req_keys: str) -> Callable[[Message], str]:
    def rule_of(asked: Message) -> str:
        texts = (asked.members.get(name) for name in ("custom_prompt", "prompt"))
        bad = any(isinstance(text, str) and is_bad(text) for text in texts)
        return rule if bad and (not req_keys or _is(asked, *req_keys)) else ""

    return rule_of


def _picture(is_odd: Callable[[bytes], bool], rule: str, index: int = 0) -> Callable[[Message], str]:
    def rule_of(asked: Message) -> str:
        pictures = inputs(asked)
        return rule if len(pictures) > index and is_odd(pictures[index]) else ""

    return rule_of


def _any_large(limit: int) -> Callable[[Message], str]:
    return lambda asked: "picture_size_bytes" if any(len(data) > limit for data in inputs(asked)) else ""


def _has_mode(*modes: str) -> Callable[[bytes], bool]:
    return lambda data: read_facts(data).mode in modes


def is_interlaced(data: bytes) -> bool:
    """Whether a PNG says so in its header."""
    return data[:4] == b"\x89PNG" and len(data) > 28 and data[28] == 1


def _trails(data: bytes) -> bool:
    at = data.rfind(b"IEND")
    return data[:4] == b"\x89PNG" and at > 0 and len(data) > at + 8


def _action(asked: Message) -> str:
    action = parse_qs(asked.query).get("Action", [""])[0]
    return "operation_unknown" if action in set(contract.legacy_actions().values()) else ""


def _slash(asked: Message) -> str:
    return "route_unknown" if asked.path.endswith("v1/") else ""


def _words(text: str) -> int:
    """Chinese is written without blanks: each of its characters is a word."""
    return len(re.findall(r"[\u4e00-\u9fff]|[^\s\u4e00-\u9fff]+", text))


def _empty_urls(asked: Message) -> str:
    return "schema_minItems" if asked.members.get("image_urls") == [] else ""


OF_NUMBERS = {
    "strength-range", "steps-range", "dilate-size-negative", "outpainting-ratios", "outpainting-ratio-above-1",
    "outpainting-cap-small",
}  # fmt: skip
"""They look at numbers as they are after the range of the documents was applied."""
REFUSALS: Mapping[tuple[str, str], Callable[[Message], str]] = {
    ("proxy-path", "no-slash"): _slash,
    ("action-name", "cvprocess-only"): _action,
    ("duplicate-members", "refuse"): _twice,
    ("unknown-fields", "refuse"): _unknown,
    ("whole-floats", "refuse"): _float,
    ("empty-list-beside", "refuse"): _empty_urls,
    ("strength-range", "open"): _strength,
    ("steps-range", "from-1"): number("steps", lambda value: value < 1, "schema_minimum"),
    ("dilate-size-negative", "refuse"): number("dilate_size", lambda value: value < 0, "schema_minimum"),
    ("outpainting-ratios", "refuse"): _ratio(lambda value: value < 0, "schema_minimum"),
    ("outpainting-ratio-above-1", "refuse"): _ratio(lambda value: value > 1, "schema_maximum"),
    ("outpainting-cap-small", "refuse"): _cap,
    ("empty-prompt", "refuse"): _prompt(lambda text: not text, "schema_minLength", "inpainting_edit"),
    ("long-prompts", "refuse"): _prompt(lambda text: _words(text) > 100, "schema_maxLength"),
    ("five-megabytes", "mb-of-file"): _any_large(5_000_000),
    ("five-megabytes", "mib-of-base64"): _any_large(3_932_160),
    ("alpha-of-a-picture", "refuse"): _picture(_has_mode("RGBA", "LA"), "picture_mode"),
    ("grey-pictures", "refuse"): _picture(_has_mode("L"), "picture_mode"),
    ("palette-pictures", "refuse"): _picture(_has_mode("P"), "picture_mode"),
    ("interlaced-pictures", "refuse"): _picture(is_interlaced, "picture_format"),
    ("progressive-pictures", "refuse"): _picture(lambda data: read_facts(data).is_progressive, "picture_format"),
    ("trailing-bytes", "refuse"): _picture(_trails, "picture_format"),
    ("mask-interlaced-and-gamma", "refuse"): _picture(is_interlaced, "mask_is_png", 1),
}
"""In the order in which a request with two of them is refused."""
