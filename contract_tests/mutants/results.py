"""Deviations in the result: pictures that are wrong in form, size or place."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import replace

from PIL import Image, ImageDraw

from .base import AnswerChange, Memory, Message, Mutant, inputs, on_picture, picture_of, saved, with_picture


def texts(change: Callable[[str], list[str] | str]) -> AnswerChange:
    """Answers whose base64 text is spelled otherwise."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        found = reply.data.get("binary_data_base64")
        return reply.with_data(binary_data_base64=change(found[0])) if reply.is_success and found else reply

    return answer


def cut(asked: Message, reply: Message, memory: Memory) -> Message:
    """Return two thirds of the picture's file."""
    picture = picture_of(reply) if reply.is_success else None
    return with_picture(reply, picture[: len(picture) * 2 // 3]) if picture else reply


def halved(asked: Message, image: Image.Image) -> Image.Image:
    """Return the picture at half its size."""
    return image.resize((max(image.width // 2, 1), max(image.height // 2, 1)))


def one_row_less(asked: Message, image: Image.Image) -> Image.Image:
    """Return the picture without its last three rows."""
    return image.crop((0, 0, image.width, image.height - 3))


def dot_outside(asked: Message, image: Image.Image) -> Image.Image:
    """Something painted in the corner that no mask marks."""
    ImageDraw.Draw(image).rectangle((0, 0, image.width // 6, image.height // 6), fill=(255, 0, 255))
    return image


def mirrored(asked: Message, image: Image.Image) -> Image.Image:
    """Return the picture mirrored."""
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def shifted(asked: Message, image: Image.Image) -> Image.Image:
    """Return the picture moved by 6 px in both directions."""
    moved = Image.new("RGB", image.size)
    moved.paste(image, (6, 6))
    return moved


def brighter(asked: Message, image: Image.Image) -> Image.Image:
    """Return the picture 12 levels brighter."""
    return image.point(lambda level: min(level + 12, 255))


def black(asked: Message, image: Image.Image) -> Image.Image:
    """Return a black picture of the right size."""
    return Image.new("RGB", image.size)


def unchanged(asked: Message, image: Image.Image) -> Image.Image:
    """Return the input picture."""
    pictures = inputs(asked)
    if not pictures:
        return image
    with Image.open(io.BytesIO(pictures[0])) as source:
        return source.convert("RGB").resize(image.size)


def expired_link(asked: Message, reply: Message, memory: Memory) -> Message:
    """Every picture link has expired at once."""
    is_picture = asked.method == "GET" and (reply.header("content-type") or "").startswith("image/")
    return replace(reply, status=403, body=b"{}") if is_picture else reply


def png_behind_link(asked: Message, reply: Message, memory: Memory) -> Message:
    """The picture behind a link is a PNG."""
    if asked.method != "GET" or not (reply.header("content-type") or "").startswith("image/"):
        return reply
    with Image.open(io.BytesIO(reply.body)) as opened:
        return replace(reply, body=saved(opened.convert("RGB"), "PNG"))


def relative_link(asked: Message, reply: Message, memory: Memory) -> Message:
    """Links have no scheme and host."""
    urls = reply.data.get("image_urls")
    return (
        reply.with_data(image_urls=["/" + url.split("/", 3)[-1] for url in urls])
        if reply.is_success and urls
        else reply
    )


def link_as_text(asked: Message, reply: Message, memory: Memory) -> Message:
    """image_urls is a text instead of a list."""
    urls = reply.data.get("image_urls")
    return reply.with_data(image_urls=urls[0]) if reply.is_success and urls else reply


def wrong_echo(asked: Message, reply: Message, memory: Memory) -> Message:
    """infer_ctx repeats another scale and seed than those of the request."""
    context = reply.data.get("infer_ctx")
    if not reply.is_success or not context:
        return reply
    return reply.with_data(infer_ctx={**context, "params": {**context["params"], "scale": 0.123, "seed": 99}})


def without_infer_ctx(asked: Message, reply: Message, memory: Memory) -> Message:
    """infer_ctx is missing."""
    kept = {name: value for name, value in reply.data.items() if name != "infer_ctx"}
    return reply.with_members(data=kept) if reply.is_success and "infer_ctx" in reply.data else reply


def foreign_log_id(asked: Message, reply: Message, memory: Memory) -> Message:
    """infer_ctx.log_id differs from the request's id."""
    context = reply.data.get("infer_ctx")
    return reply.with_data(infer_ctx={**context, "log_id": "0" * 34}) if reply.is_success and context else reply


def _lines(text: str) -> list[str]:
    return [base64.encodebytes(base64.b64decode(text)).decode()]


RESULTS = (
    Mutant(
        "PNG for JPEG",
        ("picture_in_base64_is_jpeg",),
        answer=on_picture(lambda asked, image: image, "PNG"),
        only_warned="the documents name JPEG for the picture behind a link; that base64 holds the same is inferred",
    ),
    Mutant("PNG behind the link", ("picture_is_jpeg",), answer=png_behind_link),
    Mutant("a JPEG cut short", ("picture_decodes",), answer=cut),
    Mutant("half the size", ("picture_size",), answer=on_picture(halved)),
    Mutant("three rows short", ("picture_size",), answer=on_picture(one_row_less)),
    Mutant("edited outside the mask", ("MR01-removal", "MR01-edit"), answer=on_picture(dot_outside)),
    Mutant("mirrored", ("MR01-removal", "MR02", "MR12-shares"), answer=on_picture(mirrored)),
    Mutant("shifted by six pixels", ("MR01-removal", "MR02", "MR12-shares"), answer=on_picture(shifted)),
    Mutant("brighter everywhere", ("MR01-removal", "MR02"), answer=on_picture(brighter)),
    Mutant("a black picture", ("MR01-removal", "MR02"), answer=on_picture(black)),
    Mutant("the input given back", ("MR01-removal", "MR01-edit"), answer=on_picture(unchanged)),
    Mutant("base64 in lines", ("base64_is_plain",), answer=texts(_lines)),
    Mutant("base64 as a data URI", ("base64_is_plain",), answer=texts(lambda text: [f"data:image/jpeg;base64,{text}"])),
    Mutant("base64 without padding", ("base64_is_plain", "picture_decodes"), answer=texts(lambda text: [text[:-1]])),
    Mutant(
        "two pictures", ("one_picture_where_asked", "success_satisfies_schema"), answer=texts(lambda text: [text, text])
    ),
    Mutant(
        "base64 not in a list", ("one_picture_where_asked", "success_satisfies_schema"), answer=texts(lambda text: text)
    ),
    Mutant("a link that has expired", ("picture_link_works",), answer=expired_link),
    Mutant("a link without a host", ("picture_link_works",), answer=relative_link),
    Mutant("the link not in a list", ("one_picture_where_asked", "success_satisfies_schema"), answer=link_as_text),
    Mutant("infer_ctx missing", ("seededit_tells_how", "success_satisfies_schema"), answer=without_infer_ctx),
    Mutant("infer_ctx of another request", ("seededit_tells_how",), answer=wrong_echo),
    Mutant("log_id of another request", ("seededit_tells_how",), answer=foreign_log_id),
)
