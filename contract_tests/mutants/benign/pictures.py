"""Pictures of another encoder or another machine, and links that are served otherwise."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from PIL import Image

from ..base import AnswerChange, Memory, Message, Mutant, picture_of, with_picture

Change = Callable[[Image.Image, Message], Image.Image]


def encoded(change: Change = lambda image, asked: image, **options: Any) -> AnswerChange:
    """Every picture decoded, changed and encoded again, as base64 and, if it stays JPEG, behind a link."""

    def anew(picture: bytes, asked: Message) -> bytes:
        with Image.open(io.BytesIO(picture)) as opened:
            image = change(opened.convert("RGB"), asked)
        return _saved(image, options)

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        if _is_link(asked, reply):
            wanted = memory.get(asked.path)
            return reply if wanted is None or "format" in options else replace(reply, body=anew(reply.body, wanted))
        for link in (reply.data.get("image_urls") or ()) if reply.is_success else ():
            memory[urlsplit(link).path] = asked
        picture = picture_of(reply) if reply.is_success else None
        return reply if picture is None else with_picture(reply, anew(picture, asked))

    return answer


def _saved(image: Image.Image, options: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, **{"format": "JPEG", "quality": 95, **options})
    return buffer.getvalue()


def bytes_of_picture(change: Callable[[bytes], bytes]) -> AnswerChange:
    """Every picture's file changed, as base64 and behind a link."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        if _is_link(asked, reply):
            return replace(reply, body=change(reply.body))
        picture = picture_of(reply) if reply.is_success else None
        return reply if picture is None else with_picture(reply, change(picture))

    return answer


def _is_link(asked: Message, reply: Message) -> bool:
    return asked.method == "GET" and (reply.header("content-type") or "").startswith("image/")


def on_link(change: Callable[[Message], Message]) -> AnswerChange:
    """Every picture behind a link."""
    return lambda asked, reply, memory: change(reply) if _is_link(asked, reply) else reply


def only(req_key: str, change: Change) -> Change:
    """A change of one operation's pictures alone."""
    return lambda image, asked: change(image, asked) if asked.members.get("req_key") == req_key else image


def _second_machine(asked: Message, reply: Message, memory: Memory) -> Message:
    """Every other picture comes from a machine that rounds otherwise."""
    memory["count"] = memory.get("count", 0) + reply.is_success
    picture = picture_of(reply) if reply.is_success and memory["count"] % 2 else None
    if picture is None:
        return reply
    with Image.open(io.BytesIO(picture)) as opened:
        image = opened.convert("RGB").point(lambda level: min(level + 1, 255))
    return with_picture(reply, _saved(image, {}))


def _rounded(image: Image.Image, asked: Message) -> Image.Image:
    return image.resize(tuple(max(8, side // 8 * 8) for side in image.size))


def _redirected(asked: Message, reply: Message, memory: Memory) -> Message:
    """The first request for a link is sent on to the same picture under a longer query."""
    if not _is_link(asked, reply) or "again" in asked.query:
        return reply
    location = f"{asked.path}?{asked.query}&again=1" if asked.query else f"{asked.path}?again=1"
    return replace(reply.with_header("Location", location), status=302, body=b"")


def _busy_once(asked: Message, reply: Message, memory: Memory) -> Message:
    """A link answers 503 the first time."""
    key = f"{asked.path}?{asked.query}"
    if not _is_link(asked, reply) or key in memory:
        return reply
    memory[key] = True
    return replace(reply, status=503, body=b"<html>busy</html>")


def _with_comment(data: bytes) -> bytes:
    """A comment segment behind the start of the JPEG."""
    return data[:2] + b"\xff\xfe\x00\x0bbenign..." + data[2:] if data[:2] == b"\xff\xd8" else data


PICTURES = (
    Mutant("PNG as base64", (), answer=encoded(format="PNG", quality=None)),
    Mutant("a coarser JPEG", (), answer=encoded(quality=90)),
    Mutant("a finer JPEG", (), answer=encoded(quality=98)),
    Mutant("a progressive JPEG", (), answer=encoded(progressive=True)),
    Mutant("a JPEG without halved chroma", (), answer=encoded(subsampling=0)),
    Mutant("an optimised JPEG", (), answer=encoded(optimize=True)),
    Mutant("a comment in the JPEG", (), answer=bytes_of_picture(_with_comment)),
    Mutant("a line end after the JPEG", (), answer=bytes_of_picture(lambda data: data + b"\n")),
    Mutant("zeros after the JPEG", (), answer=bytes_of_picture(lambda data: data + bytes(16))),
    Mutant("a second machine", (), answer=_second_machine),
    Mutant("SeedEdit in 1024 x 1024", (), answer=encoded(
        only("byteedit_v2.0", lambda image, asked: image.resize((1024, 1024))))),
    Mutant("outpainting in steps of 8 pixels", (), answer=encoded(only("i2i_outpainting", _rounded))),
    Mutant("a link that redirects", (), answer=_redirected),
    Mutant("a link that is busy once", (), answer=_busy_once),
    Mutant("a link without a kind", (), answer=on_link(
        lambda reply: reply.with_header("Content-Type", "application/octet-stream"))),
    Mutant("a link cached by a CDN", (), answer=on_link(
        lambda reply: reply.with_header("X-Cache", "HIT").with_header("Content-Type", "image/jpg"))),
)  # fmt: skip
