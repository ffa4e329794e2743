"""What an answer shows: whether it fits what an alternative would answer, in the words of schemas/."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from .. import contract
from ..checks.message_matches import fits
from ..model import Exchange
from ..pictures import Photo, render
from ..pictures.facts import jpeg_facts
from ..pictures.pixels import difference

ExchangeOf = Callable[[str], Exchange]
"""Gives the exchange of a request of the probe, sent when it is first asked for."""
NOTICEABLE = 12
"""Difference of a channel from which on a pixel counts as changed."""


def holds(pattern: Any, ask: ExchangeOf, first: str = "request") -> bool:
    """Whether the answers fit: "accepted", "refused", an observation, or one of these for each request by name."""
    if isinstance(pattern, str):
        return OUTCOMES[pattern](ask(first))
    return all(_holds(name, wanted, ask, first) for name, wanted in pattern.items())


def _holds(name: str, wanted: Any, ask: ExchangeOf, first: str) -> bool:
    if name in OBSERVATIONS:
        return OBSERVATIONS[name](ask(first), wanted)
    if name == "same_picture_as":
        return _same(ask(first), ask, wanted)
    if name == "other_picture_than":
        return ask(first).picture is not None and ask(wanted).picture is not None and not _same(ask(first), ask, wanted)
    return holds(wanted, ask, name)


def _same(exchange: Exchange, ask: ExchangeOf, other: str) -> bool:
    return exchange.picture is not None and exchange.picture == ask(other).picture


def is_refused(exchange: Exchange) -> bool:
    """A refusal of the request: a review or an error of the service tells nothing about it."""
    answer = exchange.answer
    return 400 <= answer.status < 500 and answer.status != 429 and answer.code not in contract.risk_codes()


OUTCOMES: Mapping[str, Callable[[Exchange], bool]] = {
    "accepted": lambda exchange: exchange.answer.is_success,
    "refused": is_refused,
}


def _has_base64(exchange: Exchange) -> bool:
    return bool(exchange.answer.data.get("binary_data_base64"))


def _empty_list(exchange: Exchange) -> str:
    return json.dumps(exchange.answer.data.get("image_urls", "absent"))


def _changed(exchange: Exchange) -> bool | None:
    """Whether the middle of the picture differs from the input's."""
    if exchange.picture is None or exchange.request is None:
        return None
    photo = exchange.request.pictures[0]
    assert isinstance(photo, Photo)
    middle = difference(render(photo), exchange.picture).crop((40, 40, 56, 56))
    return any(middle.histogram()[NOTICEABLE:])


def _jpeg(name: str) -> Callable[[Exchange, Any], bool]:
    return lambda exchange, wanted: exchange.picture is not None and jpeg_facts(exchange.picture).get(name) == wanted


def _size(exchange: Exchange, wanted: Any) -> bool:
    return exchange.picture_facts is not None and list(exchange.picture_facts.size) == wanted


def _ghost_face(exchange: Exchange) -> str:
    """Where 201304 stands in an answer; "" when it does not."""
    inside = (exchange.answer.data.get("algorithm_base_resp") or {}).get("status_code")
    if exchange.answer.code == contract.GHOST_FACE:
        return "top-level"
    return "data" if inside == contract.GHOST_FACE else ""


OBSERVATIONS: Mapping[str, Callable[[Exchange, Any], bool]] = {
    "size": _size,
    "has_exif": _jpeg("has_exif"),
    "quality": _jpeg("quality"),
    "subsampling": _jpeg("subsampling"),
    "changed": lambda exchange, wanted: _changed(exchange) == wanted,
    "has_base64": lambda exchange, wanted: exchange.answer.is_success and _has_base64(exchange) == wanted,
    "empty_list": lambda exchange, wanted: exchange.answer.is_success and _empty_list(exchange) == wanted,
    "ghost_face": lambda exchange, wanted: _ghost_face(exchange) == wanted,
    "has_algorithm": lambda exchange, wanted: (
        exchange.answer.is_success and ("algorithm_base_resp" in exchange.answer.data) == wanted
    ),
    "header": lambda exchange, wanted: (
        exchange.answer.status == 401 and (exchange.answer.header(wanted[0]) is not None) == wanted[1]
    ),
    "http_status": lambda exchange, wanted: is_refused(exchange) and exchange.answer.status == wanted,
    "not_http_status": lambda exchange, wanted: is_refused(exchange) and exchange.answer.status != wanted,
}


def answered_row(exchange: Exchange, served: str) -> tuple[str, dict[str, Any]] | None:
    """The row of codes.json that an answer is, and what differs from it; None when it is no row's answer.

    The served row is preferred, then one with status and message, then one with the code alone.
    """
    seen = _seen(exchange)
    if seen is None:
        return None
    rows = sorted(contract.rows().values(), key=lambda row: row.id != served)
    same = [row for row in rows if row.envelope == seen["envelope"] and row.code == seen["code"]]
    same = [row for row in same if row.code is not None or row.name == seen["name"]]
    near = [row for row in same if seen["http_status"] in (row.http_status, None)]
    exact = [row for row in near if fits(row.message, seen["message"])]
    best = next(iter(exact or near or same), None)
    if best is None:
        best = next(row for row in rows if row.envelope == seen["envelope"])
    details = {name: seen[name] for name in ("http_status", "code", "name") if seen[name] != _own(best, name)}
    if not fits(best.message, seen["message"]):
        details["message"] = seen["message"]
    return best.id, {name: value for name, value in details.items() if value is not None}


def _own(row: contract.Row, name: str) -> Any:
    return {"http_status": row.http_status, "code": row.code, "name": row.name or None}[name]


def _seen(exchange: Exchange) -> dict[str, Any] | None:
    """Status, code, name and message of an answer in one of the three envelopes."""
    return _seen_in(exchange.answer.members, exchange.answer.status)


def _seen_in(members: Mapping[str, Any], status: int | None) -> dict[str, Any] | None:
    """An error inside a reseller's wrapping does not show the HTTP status it had."""
    if members.get("code") in contract.wrapped_codes():
        return _seen_in(_unwrapped(members), None)
    common = {"http_status": status, "code": members.get("code"), "name": None}
    if "ResponseMetadata" in members:
        error = (members["ResponseMetadata"] or {}).get("Error") or {}
        return {
            **common,
            "code": error.get("CodeN"),
            "name": error.get("Code"),
            "message": error.get("Message"),
            "envelope": "gateway",
        }
    if isinstance(members.get("error"), dict):
        message = str(members["error"].get("message", "")).partition(" (request id:")[0]
        kind = members["error"].get("type")
        return {**common, "code": None, "name": kind, "message": message, "envelope": "proxy"}
    if "code" in members and isinstance(members["code"], int):
        return {**common, "message": members.get("message"), "envelope": "service"}
    return None


def _unwrapped(members: Mapping[str, Any]) -> Mapping[str, Any]:
    """The vendor's body in the text of a reseller that wraps it; empty when there is none."""
    carried = str(members.get("upsream_message", ""))
    try:
        text = json.loads(carried)["message"]
        found = json.loads(text[text.index("{") :])
    except (ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}
