"""HAR 1.2 of journal entries, for tools that read HTTP archives. It has what the journal has: no picture, no key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from volcv_mock import __version__

if TYPE_CHECKING:
    from volcv_mock.journal import Entry

KEY = "sk-***"
IN_PATHS = "/%:@!$&'()*+,;=~"
"""What a path may have unquoted (RFC 3986, 3.3), and the percent signs of what is quoted."""
REBUILT = "of the body, the journal keeps code, message and request_id"
REBUILT_OF_RESELLER = "of the body of a reseller, the journal keeps the code"


def har(entries: Iterable[Entry]) -> dict[str, Any]:
    """One archive of the calls, oldest first."""
    creator = {"name": "volcv-mock", "version": __version__}
    return {"log": {"version": "1.2", "creator": creator, "entries": [_entry(each) for each in entries]}}


def request_body(entry: Entry) -> dict[str, Any]:
    """The body that the call sent, with a note in place of each picture."""
    notes = [f"<{_shown(each)}>" for each in entry.pictures]
    pictures = {"image_urls": list(entry.image_urls)} if entry.image_urls else {"binary_data_base64": notes}
    req_key = {"req_key": entry.req_key} if entry.req_key else {}
    return {**req_key, **entry.parameters, **(pictures if entry.pictures or entry.image_urls else {})}


def _entry(entry: Entry) -> dict[str, Any]:
    wait_ms = 1000 * (entry.planned_delay_s if entry.delay_s is None else entry.delay_s)
    receive_ms = 1000 * (entry.sending_s or 0)
    return {
        "startedDateTime": entry.time,
        "time": wait_ms + receive_ms,
        "request": _request(entry),
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": wait_ms, "receive": receive_ms},
        "comment": f"{entry.scope} {entry.id}",
    }


def _request(entry: Entry) -> dict[str, Any]:
    query = {name: value for name, value in (("Action", entry.action), ("Version", entry.version)) if value}
    path = quote(entry.path, safe=IN_PATHS)
    path = f"/{path}" if path and not path.startswith("/") else path  # OPTIONS *
    key = [] if entry.credential == "none" else [{"name": "Authorization", "value": f"Bearer {KEY}"}]
    return {
        "method": entry.method,
        "url": f"{entry.scheme}://{entry.host}{path}" + (f"?{urlencode(query)}" if query else ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": "User-Agent", "value": entry.user_agent}, *key],
        "queryString": _pairs(query),
        "headersSize": -1,
        "bodySize": entry.body_bytes,
        "postData": {"mimeType": "application/json", "text": json.dumps(request_body(entry), ensure_ascii=False)},
    }


def _response(entry: Entry) -> dict[str, Any]:
    """Status 0 is what HAR has for an answer that never came."""
    status = entry.status or 0
    return {
        "status": status,
        "statusText": _phrase(status),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs({"X-Volcv-Mock-Call": entry.id}),
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": entry.sent_bytes,
        "content": {"size": entry.sent_bytes, **_content(entry)},
        "comment": "" if entry.has_arrived else f"the client did not get this answer: {entry.delivered}",
    }


def _content(entry: Entry) -> dict[str, str]:
    """What the journal keeps of the body that the client read: nothing of one that did not arrive as JSON."""
    if not entry.has_arrived or entry.method == "HEAD":
        return {"mimeType": "x-unknown", "text": ""}
    if entry.is_passed_on:
        return _json_content({"code": entry.code}, REBUILT_OF_RESELLER)
    return _json_content({"code": entry.code, "message": entry.message, "request_id": entry.request_id}, REBUILT)


def _json_content(document: Mapping[str, Any], comment: str) -> dict[str, str]:
    return {"mimeType": "application/json", "text": json.dumps(document), "comment": comment}


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _shown(picture: Mapping[str, Any]) -> str:
    size = f"{picture['width']}x{picture['height']}"
    return f"{picture['role']} {size} {picture['format']}, {picture['size_bytes']} bytes"
