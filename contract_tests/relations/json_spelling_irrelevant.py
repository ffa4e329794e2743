"""MR 14: JSON is JSON: order, blanks, escapes and whole floats change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ..planning.cases import Ask, Case, Exchanges
from . import builders as b


def reversed_members(body: bytes) -> bytes:
    return json.dumps(dict(reversed(json.loads(body).items())), ensure_ascii=False).encode()


def indented(body: bytes) -> bytes:
    return b"\n " + json.dumps(json.loads(body), indent="\t", ensure_ascii=False).encode() + b"\r\n"


def escaped(body: bytes) -> bytes:
    r"""Every character of the prompt and of req_key as \uXXXX."""
    document = json.loads(body)
    text = json.dumps(document, ensure_ascii=True)
    return text.replace(json.dumps(document["req_key"]), _escape(document["req_key"])).encode()


def _escape(text: str) -> str:
    return '"' + "".join(f"\\u{ord(letter):04x}" for letter in text) + '"'


def whole_floats(body: bytes) -> bytes:
    """As Java clients send whole numbers: 25 becomes 25.0."""
    document = json.loads(body)
    floats = {name: float(value) for name, value in document.items() if type(value) is int}
    return json.dumps({**document, **floats}, ensure_ascii=False).encode()


REWRITES = (reversed_members, indented, escaped, whole_floats)


def asks(variant: int) -> dict[str, Ask]:
    request = b.edit(variant, steps=25, custom_prompt="一只小狗")
    return {"plain": Ask(request), **{one.__name__: Ask(request, rewrite=one) for one in REWRITES}}


def asks_floats(variant: int) -> dict[str, Ask]:
    return {"plain": Ask(b.edit(variant)), "whole_floats": Ask(b.edit(variant), rewrite=whole_floats)}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    plain = exchanges["plain"].received_picture
    for rewrite in REWRITES:
        name = rewrite.__name__
        if name in exchanges and (why := b.unlike(plain, exchanges[name].received_picture, exact)):
            yield f"{name}: the same document spelled otherwise gave another picture: {why}"


CASES = (
    Case(
        "MR14",
        "parameters travel as JSON",
        "S3-content-type, S1-content-type, P-sdk-doubles",
        asks,
        compare,
        is_live=False,
    ),
    Case(
        "MR14-floats",
        "whole numbers may be written as floats",
        "P-sdk-doubles, S3-content-type",
        asks_floats,
        compare,
        is_probable=True,
    ),
)
