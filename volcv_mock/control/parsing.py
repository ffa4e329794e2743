"""Parses control requests: JSON, members, numbers, times. Raises ControlError, status 400 unless said otherwise."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from volcv_mock._util.media_type import JSON, media_type
from volcv_mock.control.messages import ControlError, unknown
from volcv_mock.simulation.clock import LATEST_S

MAX_BODY_BYTES = 262_144
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,9})?", re.ASCII)
_TRACE_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_CALL_ID = re.compile(r"[0-9a-f]{24}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{32}", re.ASCII)
_STATUS = re.compile(r"[1-5](?:\d\d|xx)", re.ASCII)


def document(data: bytes, content_type: str) -> Any:
    """The parsed body, None for an empty one. Only application/json, which an HTML form cannot send."""
    if not data:
        return None
    if len(data) > MAX_BODY_BYTES:
        raise ControlError(413, f"the body has more than {MAX_BODY_BYTES} bytes")
    if media_type(content_type) != JSON:
        raise ControlError(415, f"send the body as {JSON}", permitted=[JSON])
    try:
        return json.loads(data, parse_constant=_refuse_constant)
    except RecursionError:
        raise ControlError(400, "the body is nested too deeply") from None
    except ValueError as error:
        raise ControlError(400, f"the body is not JSON: {str(error)[:200]}") from None


def no_body(body: Any) -> None:
    """For an endpoint without a body. An empty object is accepted: some clients always send one."""
    if body not in (None, {}):
        raise ControlError(400, "this endpoint takes no body; use its path, query and headers")


def parameters(names: Iterable[str], permitted: Iterable[str]) -> None:
    """Refuses unknown query parameters."""
    known = list(permitted)
    for name in names:
        if name not in known:
            raise unknown(name, known, "parameter")


def members(body: Any, permitted: tuple[str, ...], required: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """The body as an object with these members and no others."""
    if not isinstance(body, dict):
        raise ControlError(400, f"wanted a JSON object with {', '.join(permitted)}", permitted=list(permitted))
    for name in body:
        if name not in permitted:
            raise unknown(name, permitted, "member")
    for name in required:
        if name not in body:
            raise ControlError(400, f"{name} is missing", permitted=list(permitted))
    return body


def number(value: Any, name: str, least: float, most: float) -> float:
    """A finite number within the bounds, never a boolean."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not least <= value <= most or not math.isfinite(value):
        raise ControlError(400, f"{name} is {_shown(value)}; wanted a number from {least:g} to {most:.12g}")
    return float(value)


def boolean(value: Any, name: str) -> bool:
    """true or false, and nothing that merely counts as such."""
    if not isinstance(value, bool):
        raise ControlError(400, f"{name} is {_shown(value)}; wanted true or false")
    return value


def instant(value: Any, name: str, otherwise: str = "") -> float:
    """Seconds since the epoch, from a number or ISO 8601 text (UTC unless it has an offset).

    `otherwise` is added to the error: another permitted form.
    """
    if not isinstance(value, str):
        return number(value, name, 0.0, LATEST_S)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        wanted = f"seconds since 1970, or text like 2026-01-31T12:00:00Z{otherwise}"
        raise ControlError(400, f"{name} is {_shown(value)}; wanted {wanted}") from None
    return number((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp(), name, 0.0, LATEST_S)


def since(text: str) -> float | str:
    """A time in seconds since the epoch, or the id of a call."""
    if _NUMBER.fullmatch(text):
        return float(text)
    return text if _CALL_ID.fullmatch(text) else instant(text, "since", ", or the id of a call")


def trace_id(text: str) -> str:
    """The id of a trace: 32 hex digits, lower case as in `traceparent`."""
    if not _TRACE_ID.fullmatch(text):
        raise ControlError(400, f"trace is {_shown(text)}; wanted the 32 hex digits of a trace id")
    return text


def call_id(text: str, name: str) -> str:
    """The id of a call: 24 hex digits."""
    if not _CALL_ID.fullmatch(text):
        raise ControlError(400, f"{name} is {_shown(text)}; wanted the id of a call, 24 hex digits")
    return text


def digest(text: str, name: str) -> str:
    """The digest of a request: 32 hex digits."""
    if not _DIGEST.fullmatch(text):
        raise ControlError(400, f"{name} is {_shown(text)}; wanted 32 hex digits, as in a call's attempt")
    return text


def status(text: str) -> range:
    """The HTTP statuses that a number such as 429 names, or a class such as 4xx."""
    if not _STATUS.fullmatch(text.lower()):
        raise ControlError(400, f"status is {_shown(text)}; wanted a status such as 429, or a class such as 4xx")
    if text.lower().endswith("xx"):
        return range(int(text[0]) * 100, int(text[0]) * 100 + 100)
    return range(int(text), int(text) + 1)


def limit(text: str, most: int) -> int:
    """The `limit` of a listing, from its text in the query: 1 to `most`."""
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or not 1 <= int(text) <= most:
        raise ControlError(400, f"limit is {_shown(text)}; wanted a whole number from 1 to {most}")
    return int(text)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
