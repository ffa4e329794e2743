"""Calls made by hand, for tests of what happens after the pipeline: journal, log, control."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from PIL import Image

from volcv_mock.delivery import Delivered, DeliveryPlan, Reply
from volcv_mock.imaging.decode import decode, decode_mask
from volcv_mock.journal import Journal
from volcv_mock.journal.entries import Entry
from volcv_mock.journal.entry_of_call import entry_of
from volcv_mock.model import (
    Call,
    CodeRow,
    Credential,
    Fired,
    Job,
    Outcome,
    Painted,
    Picture,
    PictureFacts,
    Problem,
    RawRequest,
    Visit,
)

KEY = "sk-a-key-that-nobody-may-see"
NOW_S = 1_700_000_000.0
PROMPT = "a puppy"

SUCCESS = CodeRow("10000", 10000, "Success", 200, "service", "after", None, "", "S0", "stated")
RISK = CodeRow("50411", 50411, "Pre Img Risk Not Pass", 400, "service", "gate", False, "", "S0", "stated")
PROBLEM = Problem("$.seed", "'7'", "a whole number", "Write it without quotes.", "schema_type", "S3")

BUDGET = 32_000_000
"""A journal's, in bytes: more than a test fills by chance."""

READ = Delivered(0.25, "read_all", 900)


def picture(
    image: Image.Image, where: str = "$.binary_data_base64[0]", digest: str = "", *, is_decoded: bool = True
) -> Picture:
    """A PNG of that image, as validation hands it on."""
    sink = io.BytesIO()
    image.save(sink, "PNG")
    data = sink.getvalue()
    facts = PictureFacts("PNG", *image.size, image.mode, 8, len(data), digest or f"{hash(data):x}")
    role: Literal["picture", "mask"] = "mask" if where.endswith("[1]") else "picture"
    made = Picture(where, data, facts, role=role)
    return replace(made, decoded=(decode_mask if role == "mask" else decode)(made)) if is_decoded else made


def scene(size: int = 64, colour: str = "teal", digest: str = "") -> Picture:
    return picture(Image.new("RGB", (size, size), colour), digest=digest)


def mask(size: int = 64, box: tuple[int, int, int, int] | None = (8, 8, 24, 24), digest: str = "") -> Picture:
    image = Image.new("L", (size, size))
    if box:
        image.paste(255, box)
    return picture(image, "$.binary_data_base64[1]", digest)


def painted(size: int = 64, colour: str = "red") -> Painted:
    sink = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(sink, "JPEG")
    return Painted(sink.getvalue(), b"base64", size, size)


def raw_request(body: bytes = b"{}", *, key: str = KEY, more: tuple[tuple[str, str], ...] = ()) -> RawRequest:
    headers = (("Host", "127.0.0.1:8410"), ("Authorization", f"Bearer {key}"), ("User-Agent", "a-client/1"), *more)
    query = "Action=CVProcess&Version=2022-08-31"
    return RawRequest("proxy", "POST", "/volcv/v1", query, headers, body)


def visit(number: int = 1, *, scope: str = "default", digest: str = "d1", at_s: float = NOW_S) -> Visit:
    return Visit(f"{scope}-call-{number}", scope, number, digest, 0, at_s)


def entry(
    number: int = 1,
    *,
    scope: str = "default",
    row: CodeRow = SUCCESS,
    body: Mapping[str, Any] | None = None,
    pictures: tuple[Picture, ...] = (),
    result: Painted | None = None,
    digest: str = "d1",
    at_s: float = NOW_S,
    key: str = KEY,
    problems: tuple[Problem, ...] = (),
    fired: tuple[Fired, ...] = (),
    chunks: tuple[bytes, ...] = (b'{"request_id":"20231114221320ABC"}',),
    delay_s: float = 0.0,
    more: Mapping[str, Any] | None = None,
) -> Entry:
    """An entry as the pipeline makes it. With problems the call was refused, and there is no job."""
    raw, seen = raw_request(b"x" * 100, key=key), visit(number, scope=scope, digest=digest, at_s=at_s)
    sent = {"req_key": "i2i_inpainting", "custom_prompt": PROMPT, "seed": 7, **(body or {})}
    call = Call(raw, seen, "CVProcess", "2022-08-31", Credential("bearer", key), sent)
    job = None if problems else Job(call, str(sent["req_key"]), "base64", sent, pictures, 7, True)
    outcome = Outcome(row, job=job, call=call, problems=problems, painted=result, **dict(more or {}))
    reply = Reply(row.http_status, (), chunks, seen.call_id, scope, DeliveryPlan(delay_s), at_s + delay_s)
    return entry_of(raw, seen, outcome, reply, fired, {"in_flight": 0})


def opened(journal: Journal, *entries: Entry) -> Journal:
    for each in entries:
        journal.open(each)
    return journal
