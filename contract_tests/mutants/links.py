"""Deviations of picture links only: what lies behind them, and how long they work."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

from PIL import Image

from .base import AnswerChange, Memory, Message, Mutant, inputs, saved

Change = Callable[[Image.Image, bytes | None, Memory], Image.Image]
SOME_REQUESTS = 12


def is_read(asked: Message, reply: Message) -> bool:
    """Whether a link was read, with success."""
    return asked.method == "GET" and reply.status == 200 and (reply.header("content-type") or "").startswith("image/")


def behind_link(change: Change) -> AnswerChange:
    """Another picture behind each link. `change` gets the true one and the input picture of the request."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        for url in reply.data.get("image_urls") or () if reply.is_success else ():
            memory[urlsplit(url).path] = next(iter(inputs(asked)), None)
        if not is_read(asked, reply):
            return reply
        with Image.open(io.BytesIO(reply.body)) as opened:
            made = change(opened.convert("RGB"), memory.get(asked.path), memory)
        return replace(reply, body=saved(made, "JPEG"))

    return answer


def _input(image: Image.Image, source: bytes | None, memory: Memory) -> Image.Image:
    if source is None:
        return image
    with Image.open(io.BytesIO(source)) as opened:
        return opened.convert("RGB").resize(image.size)


def _previous(image: Image.Image, source: bytes | None, memory: Memory) -> Image.Image:
    before = memory.get("previous", image)
    memory["previous"] = image
    return before.resize(image.size) if isinstance(before, Image.Image) else image


def with_key(asked: Message, reply: Message, memory: Memory) -> Message:
    """The key of the request as a comment in the picture that its link leads to."""
    if asked.header("authorization"):
        memory["key"] = asked.header("authorization")
    if not is_read(asked, reply) or "key" not in memory:
        return reply
    text = memory["key"].encode()
    comment = b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text
    return replace(reply, body=reply.body[:2] + comment + reply.body[2:])


def works(times: int) -> AnswerChange:
    """A link that works a number of times."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        if not is_read(asked, reply):
            return reply
        memory[asked.path] = memory.get(asked.path, 0) + 1
        return replace(reply, status=404, body=b"{}") if memory[asked.path] > times else reply

    return answer


def dies_soon(asked: Message, reply: Message, memory: Memory) -> Message:
    """A link that works until a few further requests were answered."""
    memory["requests"] = memory.get("requests", 0) + (asked.method == "POST")
    if not is_read(asked, reply):
        return reply
    first = memory.setdefault(asked.path, memory["requests"])
    return replace(reply, status=403, body=b"{}") if memory["requests"] - first > SOME_REQUESTS else reply


KINDS = ("removal", "edit", "official-edit", "outpainting", "outpainting-canvas", "seededit")
ANOTHER = tuple(f"MR13-{kind}" for kind in KINDS)
LIVES = tuple(f"MR22-{kind}" for kind in KINDS)
LINKS = (
    Mutant("another picture behind the link", ANOTHER, answer=behind_link(
        lambda image, source, memory: image.transpose(Image.Transpose.FLIP_TOP_BOTTOM))),
    Mutant("the input behind the link", (*ANOTHER, "MR21-edit-link"), answer=behind_link(_input)),
    Mutant("a grey picture behind the link", (*ANOTHER, "MR21-edit-link"), answer=behind_link(
        lambda image, source, memory: Image.new("RGB", image.size, (128, 128, 128)))),
    Mutant("the previous picture behind the link", (*ANOTHER, *LIVES, "MR01-edit-link"), answer=behind_link(_previous),
           needs_traffic=True),
    Mutant("the key in the picture behind the link", ("key_is_never_echoed",), answer=with_key),
    Mutant("a link that works once", LIVES, answer=works(1)),
    Mutant("a link that dies soon", LIVES, answer=dies_soon, needs_traffic=True),
)  # fmt: skip
