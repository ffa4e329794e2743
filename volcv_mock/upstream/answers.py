"""What an upstream's answer becomes: its own bytes for the client, facts for the journal, or a problem.

An answer that no client of the service could use, such as a page of HTML, is a problem of the upstream, not an answer.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from volcv_mock import contract
from volcv_mock._util.frozen import frozen
from volcv_mock._util.media_type import media_type
from volcv_mock.delivery import Incoming
from volcv_mock.imaging import probe
from volcv_mock.model import CodeRow, Headers, Painted, Problem, header_of
from volcv_mock.recording.addresses import shown_address
from volcv_mock.recording.redact import masked
from volcv_mock.upstream.requests import HOP_BY_HOP

SOURCE = "docs/beside-the-real-service.md"
NOT_PASSED_ON = HOP_BY_HOP | {"content-length", "content-encoding", "alt-svc", "x-volcv-mock-call"}
"""Headers that are made anew, or that describe another connection."""

_PAGE = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml")


@frozen
class Read:
    """What the journal reports of an answer. `row` is a row of schemas/codes.json, or one made for an unknown code."""

    row: CodeRow
    message: str = ""
    algorithm_status: int = 0
    painted: Painted | None = None
    document: Any = field(default=None, repr=False)


def unusable(incoming: Incoming) -> Problem | None:
    """Why an answer is not passed on, or None."""
    if incoming.problem:
        return incoming.problem
    if 300 <= incoming.status < 400:
        target = header_of(incoming.headers, "location") or "nowhere"
        fix = "Give --upstream the final address; redirects are not followed."
        return _problem(f"HTTP {incoming.status} to {shown_address(target)[:200]}", fix)
    if is_page(incoming):
        fix = "Is --upstream the address of the API? The page may be that of a load balancer."
        return _problem(f"HTTP {incoming.status} with a page of HTML", fix)
    return None


def is_page(incoming: Incoming) -> bool:
    """Whether the body is a page for people."""
    kind = media_type(header_of(incoming.headers, "content-type"))
    return kind in ("text/html", "application/xhtml+xml") or incoming.body[:64].lstrip().lower().startswith(_PAGE)


def passed_on(headers: Headers) -> Headers:
    """The upstream's headers that the client receives. No page of another origin may read an answer that was paid."""
    return tuple(
        (name, value)
        for name, value in headers
        if name.lower() not in NOT_PASSED_ON and not name.lower().startswith("access-control-")
    )


def read(incoming: Incoming, secrets: tuple[str, ...] = ()) -> Read:
    """The code, the message and the picture of an answer, as far as it can be read. `secrets`, which a service may
    repeat in any spelling, are masked in code and message."""
    try:
        document = json.loads(incoming.body)
    except (ValueError, RecursionError):
        return Read(_row("", incoming.status, "unreadable"))
    return of_document(document, incoming.status, secrets)


def of_document(document: Any, status: int, secrets: tuple[str, ...] = ()) -> Read:
    """The same, from the parsed body."""
    if not isinstance(document, Mapping):
        return Read(_row("", status, "unreadable"), document=document)
    code, message = (masked(text, secrets) for text in _code_and_message(document))
    data = document.get("data")
    data = data if isinstance(data, Mapping) else {}
    return Read(_row(code, status, message), message[:300], _algorithm(data), picture_of(data), document)


def picture_of(data: Mapping[str, Any]) -> Painted | None:
    """The first picture in base64, or None."""
    items = data.get("binary_data_base64")
    if not isinstance(items, list) or not items or not isinstance(items[0], str):
        return None
    try:
        picture = base64.b64decode(items[0])
    except (binascii.Error, ValueError):
        return None
    header = probe.read_header(picture)
    return Painted(picture, b"", header.width, header.height)


def _code_and_message(document: Mapping[str, Any]) -> tuple[str, str]:
    """From whichever envelope it is: the service's, the gateway's or the reseller's (docs/http.md)."""
    metadata = document.get("ResponseMetadata")
    error = metadata.get("Error") if isinstance(metadata, Mapping) else document.get("error")
    if isinstance(error, Mapping):
        code = error.get("Code") or error.get("type") or error.get("code")
        return str(code or ""), str(error.get("Message") or error.get("message") or "")
    return str(document.get("code", "")), str(document.get("message", ""))


def _row(code: str, status: int, message: str) -> CodeRow:
    """The table's row for that code at that status, else a row that holds what was received."""
    for row in contract.codes():
        if row.http_status == status and code and code in (str(row.code), row.name, row.id):
            return row
    number = int(code) if code.isascii() and code.isdigit() and len(code) < 10 else None
    return CodeRow(
        id=(code or f"http_{status}")[:60], code=number, message=message[:300], http_status=status, envelope="service",
        phase="after", retryable=None, meaning="", source="", grade="seen",
    )  # fmt: skip


def _algorithm(data: Mapping[str, Any]) -> int:
    base = data.get("algorithm_base_resp")
    status = base.get("status_code") if isinstance(base, Mapping) else 0
    return status if isinstance(status, int) and not isinstance(status, bool) else 0


def _problem(found: str, fix: str) -> Problem:
    return Problem("upstream", found, "an answer of the service in JSON", fix, "upstream_unusable", SOURCE)
