"""A probe's request, described in schemas/, becomes an HTTP request."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..generate.requests import plain_request
from ..model import PICTURE_FIELDS, Request, Sent
from ..pictures import Mask, Photo, Raw, Rect, render

Described = Mapping[str, Any]
SIDE = 96
KEYS = {"bearer": "Bearer sk-calibrate-0000000000000000", "malformed": "Bearer {}", "empty": "Bearer"}
HUGE_BYTES = 17 * 2**20


def sent_of(asked: Described, use: str, aliases: Mapping[str, str]) -> Sent:
    """The request to send. `use` names what its answer is evidence for."""
    request = _request(asked)
    document = request.body()
    if request.req_key in aliases:
        document["req_key"] = aliases[request.req_key]
    for name in asked.get("omit", ()):
        document.pop(name, None)
    if "url" in asked:
        document.pop(PICTURE_FIELDS["base64"])
        document[PICTURE_FIELDS["urls"]] = [asked["url"]] * 2
    body = REWRITES[asked.get("rewrite", "")](json.dumps(document, ensure_ascii=False))
    query = (("Action", asked.get("action", "CVProcess")), ("Version", asked.get("version", "2022-08-31")))
    headers = [("Content-Type", asked.get("content_type", "application/json"))]
    headers += [("Authorization", KEYS[asked["key"]])] if asked.get("key") in KEYS else []
    return Sent(
        b"" if asked.get("method") == "GET" else body, request, asked.get("method", "POST"), asked.get("path"),
        tuple(pair for pair in query if pair[1]), tuple(headers), is_authorized="key" not in asked, use=use,
    )  # fmt: skip


def _request(asked: Described) -> Request:
    req_key = str(asked.get("req_key", "i2i_inpainting"))
    known = plain_request(req_key if req_key != "i2i_inpaint" else "i2i_inpainting")
    photo = Photo(**{"width": SIDE, "height": SIDE, **asked.get("picture", {})})
    mask = Mask(**{"width": SIDE, "height": SIDE, "marked": Rect(32, 32, 32, 32), **asked.get("mask", {})})
    if "picture" in asked and "mask" not in asked:
        mask = replace(mask, width=photo.width, height=photo.height, marked=Rect(8, 8, 32, 32))
    pictures: tuple[Photo | Mask | Raw, ...] = (photo, mask)[: len(known.pictures)]
    if "text" in asked:
        pictures = (_as_text(photo, asked["text"]), *pictures[1:])
    pictures = {"mask": pictures[:1], "pictures": ()}.get(asked.get("drop", ""), pictures)
    pictures = (*pictures, photo) if "more" in asked else pictures
    fields = {name: _value(value) for name, value in asked.get("fields", {}).items()}
    return replace(known, req_key=req_key, pictures=pictures, fields={**known.fields, **fields})


def _value(value: Any) -> Any:
    """A value as it is, or a text of so many words."""
    return " ".join(["word"] * value["words"]) if isinstance(value, dict) and "words" in value else value


def _as_text(photo: Photo, kind: str) -> Raw:
    return Raw(kind, TEXTS[kind](base64.b64encode(_padded(render(photo))).decode()))


def _padded(data: bytes) -> bytes:
    """A comment makes the length of the file leave one byte over three: its base64 then ends with ==."""
    filler = (1 - len(data) - 6) % 3
    return data[:2] + b"\xff\xfe" + (2 + filler + 2).to_bytes(2, "big") + b"\xfb\xff"[:2] + b"\0" * filler + data[2:]


TEXTS: Mapping[str, Callable[[str], str]] = {
    "line_breaks": lambda text: "\n".join(text[at : at + 76] for at in range(0, len(text), 76)),
    "url_alphabet": lambda text: text.replace("+", "-").replace("/", "_"),
    "data_uri": lambda text: f"data:image/jpeg;base64,{text}",
    "no_padding": lambda text: text.rstrip("="),
    "cut_short": lambda text: text.rstrip("=")[:-1],
    "empty": lambda text: "",
    "not_base64": lambda text: "!" * 40,
}
REWRITES: Mapping[str, Callable[[str], bytes]] = {
    "": lambda text: text.encode("utf-8", "surrogatepass"),
    "comments": lambda text: f"// a remark\n{text}\n// another".encode(),
    "duplicate": lambda text: f'{{"steps": 20, "steps": 30, {text[1:]}'.encode(),
    "cut": lambda text: text[:-1].encode(),
    "array": lambda text: f"[{text}]".encode(),
    "latin-1": lambda text: f'{{"note": "é", {text[1:]}'.encode("latin-1"),
    "nested": lambda text: f'{{"note": {"[" * 200}{"]" * 200}, {text[1:]}'.encode(),
    "huge": lambda text: f'{{"note": "{"x" * HUGE_BYTES}", {text[1:]}'.encode(),
    "unknown_task": lambda text: b'{"req_key": "i2i_inpainting", "task_id": "1"}',
}
