"""How a personality answers: its envelopes, lists, headers, and how its pictures are saved."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from PIL import Image

from .. import contract
from .base import Message, inputs, picture_of, with_picture

Chosen = Mapping[str, str]
REQUEST_ID = re.compile(rb"\d{14}[0-9A-F]{20}")
JSON = ("Content-Type", "application/json; charset=utf-8")
SUBSAMPLINGS = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}


def refusal(row_id: str, asked: Message, reply: Message) -> Message:
    """A refusal as a row of the code table describes it. Its id is the reply's.

    Two blanks of its message are the Action and the Version; others stay empty.
    """
    found = REQUEST_ID.search(reply.body)
    request_id = found[0].decode() if found else ""
    row = contract.rows()[row_id]
    named = _metadata(asked, Message((), b"{}"))
    is_of_operation = row.message.count("%s") == 2 and "version" in row.message
    blanks = (named.get("Action", ""), named.get("Version", "")) if is_of_operation else ("",) * row.message.count("%s")
    message = row.message % blanks
    if row.envelope == "gateway":
        number = {} if row.code is None else {"CodeN": row.code}
        error = {**number, "Code": row.name, "Message": message}
        document: Any = {"ResponseMetadata": {"RequestId": request_id, **_metadata(asked, reply), "Error": error}}
    elif row.envelope == "proxy":
        text = f"{message} (request id: {request_id})"
        document = {"error": {"message": text, "type": row.name or "new_api_error", "code": ""}}
    else:
        document = {"code": row.code, "data": None, "message": message, "request_id": request_id, "status": row.code,
                    "time_elapsed": "300.0µs"}  # fmt: skip
    return Message((JSON,), json.dumps(document, ensure_ascii=False).encode(), status=row.http_status)


def _metadata(asked: Message, reply: Message) -> Mapping[str, Any]:
    """What the gateway repeats of a request."""
    query = parse_qs(asked.query)
    named: dict[str, str] = {name: query[name][0] for name in ("Action", "Version") if name in query}
    own: dict[str, Any] = {**named, "Service": contract.figure("service"), "Region": contract.figure("region")}
    known: Mapping[str, Any] = reply.members.get("ResponseMetadata") or own
    return {name: value for name, value in known.items() if name not in ("RequestId", "Error")}


def wrapped(refused: Message, asked: Message, chosen: Chosen) -> Message:
    """The refusal as a reseller of the family wrapped-406 passes it on."""
    is_vendors = "error" not in refused.members and (refused.is_answer_of_service or b"CodeN" in refused.body)
    if chosen.get("reseller-errors") != "wrapped-406" or not is_vendors or not asked.path.startswith("/volcv"):
        return refused
    inner = json.dumps({"code": -1, "message": f"not ok match: {refused.body.decode()}"}, ensure_ascii=False)
    document = {"code": "upstream_error", "message": "", "upsream_message": inner, "data": None}
    return replace(refused, status=406, body=json.dumps(document, ensure_ascii=False).encode())


def headers_of(refused: Message, row_id: str, asked: Message, chosen: Chosen) -> Message:
    """The refusal with or without the challenge of a 401."""
    kept = tuple(pair for pair in refused.headers if pair[0].lower() not in ("www-authenticate", "x-volcv-mock-reason"))
    row = contract.rows()[row_id]
    if chosen.get("www-authenticate") == "sent" and row.http_status == 401 and row.envelope != "service":
        kept = (*kept, ("WWW-Authenticate", "Bearer" if asked.path.startswith("/volcv") else "HMAC-SHA256"))
    return replace(refused, headers=kept)


def changed(
    asked: Message, reply: Message, chosen: Chosen, fetch: Callable[[str], bytes], keep: Callable[[str, bytes], None]
) -> Message:
    """A success with the lists, members and pictures of the personality; `keep` puts another picture behind a link."""
    if not reply.is_success or not reply.data:
        return reply
    links = reply.data.get("image_urls")
    for link in links or ():
        keep(link, _saved(asked, fetch(link), chosen))
    is_sync = parse_qs(asked.query).get("Action", [""])[0] in ("CVProcess", *contract.legacy_actions().values())
    if links and is_sync and chosen.get("both-outputs") == "both":
        reply = with_picture(reply, fetch(links[0]))
    if (picture := picture_of(reply)) is not None:
        reply = with_picture(reply, _saved(asked, picture, chosen))
    if not is_sync:  # how a task is answered was seen, and is not open
        return reply
    data = dict(reply.data)
    algorithm = data.get("algorithm_base_resp") or {}
    if chosen.get("algorithm-base-resp") == "absent" and not algorithm.get("status_code"):
        data.pop("algorithm_base_resp", None)
    if chosen.get("empty-lists") == "null":
        data |= {name: data[name] or None for name in ("binary_data_base64", "image_urls") if name in data}
    return reply.with_members(data=data)


def _saved(asked: Message, picture: bytes, chosen: Chosen) -> bytes:
    with Image.open(io.BytesIO(picture)) as opened:
        size = _size(asked, opened.size, chosen)
        quality, subsampling = int(chosen.get("jpeg-quality", "95")), chosen.get("jpeg-subsampling", "4:4:4")
        exif = _exif(asked) if chosen.get("source-profile") == "kept" else b""
        if size == opened.size and (quality, subsampling, exif) == (95, "4:4:4", b""):
            return picture
        sink = io.BytesIO()
        shown = opened.convert("RGB") if size == opened.size else opened.convert("RGB").resize(size)
        shown.save(sink, "JPEG", quality=quality, subsampling=SUBSAMPLINGS[subsampling], exif=exif)
        return sink.getvalue()


def _exif(asked: Message) -> bytes:
    """An EXIF block when the first picture of the request has one."""
    pictures = inputs(asked)
    if not pictures or pictures[0][:2] != b"\xff\xd8" or b"Exif\0\0" not in pictures[0][:4000]:
        return b""
    block = Image.Exif()
    block[0x0112] = 1
    return block.tobytes()


def _size(asked: Message, size: tuple[int, int], chosen: Chosen) -> tuple[int, int]:
    req_key = str(asked.members.get("req_key"))
    step = chosen.get("output-size", "same").rpartition("-")[2]
    if "inpainting_edit" in req_key and step.isdecimal():
        return max(int(step), size[0] // int(step) * int(step)), max(int(step), size[1] // int(step) * int(step))
    pictures = inputs(asked)
    return _outpainted(asked, pictures[0], chosen) if req_key == "i2i_outpainting" and len(pictures) == 1 else size


def _outpainted(asked: Message, picture: bytes, chosen: Chosen) -> tuple[int, int]:
    """The size by ratios and caps, in the personality's own arithmetic."""
    with Image.open(io.BytesIO(picture)) as opened:
        is_turned = opened.getexif().get(0x0112, 1) > 4 and chosen.get("exif-orientation") != "ignored"
        width, height = (opened.height, opened.width) if is_turned else opened.size
    parts = contract.request_schema("i2i_outpainting", "base64_ratios")["properties"]

    def value(name: str) -> float:
        return float(asked.members.get(name, parts[name].get("default", 0)))

    wide = width * (1 + max(value("left"), 0) + max(value("right"), 0))
    high = height * (1 + max(value("top"), 0) + max(value("bottom"), 0))
    caps = max(1.0, min(value("max_width"), 4096)), max(1.0, min(value("max_height"), 4096))
    across, down = min(1.0, caps[0] / wide), min(1.0, caps[1] / high)
    if chosen.get("outpainting-cap") != "each-side":
        across = down = min(across, down)
    turn: Mapping[str, Callable[[float], int]] = {
        "down": lambda side: math.floor(side + 1e-9),
        "up": lambda side: math.ceil(side - 1e-9),
    }
    whole = turn.get(chosen.get("outpainting-rounding", "nearest"), round)
    return max(1, min(whole(wide * across), int(caps[0]))), max(1, min(whole(high * down), int(caps[1])))
