"""Render: an outcome becomes the bytes of its envelope, with ids, time_elapsed and a delivery plan.

Three envelopes exist (contract.md): the gateway's ResponseMetadata, the service's flat object, the
reseller's {"error": ...}. The picture's base64 is spliced between two dumped halves, never dumped.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache, lru_cache
from typing import Any

from volcv_mock import contract, operations
from volcv_mock._util.ascii_line import ascii_line
from volcv_mock._util.durations import go_duration
from volcv_mock.contract.resellers import UpstreamError
from volcv_mock.delivery import DeliveryPlan, Reply
from volcv_mock.faults.base import PICTURE, Draft
from volcv_mock.http import cors
from volcv_mock.http.response import LONGEST_REASON
from volcv_mock.model import Call, Headers, Outcome, Problem, Step
from volcv_mock.operations.identity import Identity
from volcv_mock.session import Session

CHALLENGES = {"official": "HMAC-SHA256", "proxy": "Bearer"}  # assumed: no document shows the header

REASONS, OTHER_REASON_CAP = 3, 600
"""How many problems the header tells, and the length of each one after the first."""


def render(outcome: Outcome, session: Session) -> Reply:
    """The reply, not yet sent. Faults of the body and of the wire are drawn here, last."""
    elapsed_s, delay_s = times_of(outcome, session)
    identity = identity_of(outcome, session, elapsed_s)
    draft = Draft(outcome.row.http_status, _headers(outcome, session), *_document(outcome, session, identity))
    injection = session.injections.draw("reply")
    draft = injection.apply_reply(draft) if injection else draft
    unreadable = injection.name if injection and not draft.is_readable else ""
    error = _upstream_error(outcome, session)
    draft = _as_passed_on(draft, error) if error else draft
    plan = drawn_plan(delay_s, session)
    return Reply(draft.status, draft.headers, chunks(draft), session.visit.call_id, session.visit.scope, plan,
                 session.visit.arrived_at_s + delay_s, session.visit.arrival, unreadable,
                 error.code if error else None)  # fmt: skip


def _upstream_error(outcome: Outcome, session: Session) -> UpstreamError | None:
    """How the reseller's profile passes this outcome on: some wrap what the vendor refuses."""
    reseller = contract.resellers()[contract.reading("reseller-errors")]
    return reseller.wrapping(outcome.row, session.raw.endpoint)


def _as_passed_on(draft: Draft, error: UpstreamError) -> Draft:
    """The draft inside the reseller's own error. A page in place of the JSON stays: it comes from in front of the
    reseller. What is cut off is missing at the end of what the reseller sends."""
    if draft.override is not None:
        return draft
    upstream_body = b"".join(_whole(draft)).decode("utf-8", "replace")
    return replace(draft, status=error.http_status, override=error.wrapped(upstream_body, in_order).encode())


def drawn_plan(delay_s: float, session: Session) -> DeliveryPlan:
    """The delivery plan; a hang without a duration of its own takes the setting's."""
    plan = DeliveryPlan(delay_s)
    injection = session.injections.draw("wire")
    if injection is None:
        return plan
    if injection.name == "hang" and injection.duration_s is None:
        injection = replace(injection, duration_s=session.world.settings.hang_s)
    return injection.apply_wire(plan)


def chunks(draft: Draft) -> tuple[bytes, ...]:
    """The body as it travels: the picture's base64 stays one shared piece."""
    whole = _whole(draft)
    return (*whole[:-1], whole[-1][: -draft.cut_bytes]) if draft.cut_bytes else whole


def _whole(draft: Draft) -> tuple[bytes, ...]:
    if draft.override is not None:
        return (draft.override,)
    text = in_order(draft.document) if draft.keeps_order else dumped(draft.document)
    if not draft.pictures_base64:
        return (text.encode(),)
    pieces = [piece.encode() for piece in text.split(_MARK, len(draft.pictures_base64))]
    spliced = ((b'"', picture, b'"' + piece) for picture, piece in zip(draft.pictures_base64, pieces[1:], strict=False))
    return tuple(_joined([pieces[0]], spliced))


def _joined(chunks: list[bytes], spliced: Iterable[tuple[bytes, bytes, bytes]]) -> list[bytes]:
    """Chunks between which no picture stands are one chunk."""
    for before, picture, after in spliced:
        chunks[-1] += before
        chunks += [picture, after]
    return chunks


def _encoder(*, sort_keys: bool) -> Callable[[object], str]:
    return json.JSONEncoder(
        ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=sort_keys, allow_nan=False
    ).encode


_sorted, _in_order = _encoder(sort_keys=True), _encoder(sort_keys=False)


def dumped(document: Mapping[str, Any] | str) -> str:
    """JSON as Go's encoder writes it: no spaces, & < > escaped (clients undo \\u0026 by hand).

    The service sorts its keys; gateway and reseller keep their own order (seen).
    """
    is_sorted = len(document) > 1 and "ResponseMetadata" not in document
    return _as_go((_sorted if is_sorted else _in_order)(document))


def in_order(document: Mapping[str, Any]) -> str:
    """The same, with the members in their own order: what a reseller writes."""
    return _as_go(_in_order(document))


def _as_go(text: str) -> str:
    text = text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    if text.isascii():
        return text
    return _surrogate().sub("\ufffd", text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


@cache
def _surrogate() -> re.Pattern[str]:
    """Half of a pair, which no UTF-8 has. Compiled with the first answer that is not ASCII."""
    return re.compile("[\ud800-\udfff]")


_MARK = dumped(PICTURE)
"""Where the picture goes."""


def times_of(outcome: Outcome, session: Session) -> tuple[float, float]:
    """(time_elapsed, delay): what the answer says and what the client waits agree, both counted from arrival."""
    delay_s = session.delay(outcome)
    spent_s = session.scope.clock.now_s() - session.visit.arrived_at_s
    return session.at_least(max(delay_s, spent_s)), delay_s


def identity_of(outcome: Outcome, session: Session, elapsed_s: float) -> Identity:
    """The ids and times of the answer; `elapsed_s` in seconds."""
    at_s = session.visit.arrived_at_s
    stamp = _stamp(math.floor(at_s))
    length = contract.operation(outcome.job.req_key).data_request_id_length if outcome.job else 0
    data_request_id = session.hexadecimal(length, "data") if length else ""
    return Identity(stamp + session.hexadecimal(20, "request id").upper(), data_request_id, at_s, elapsed_s)


@lru_cache
def _stamp(at_s: int) -> str:
    """The time part of a request id, cached because many requests share a second."""
    return datetime.fromtimestamp(at_s, _zone()).strftime("%Y%m%d%H%M%S")


@cache
def _zone() -> timezone:
    """Request ids carry local time: S0's SeedEdit answer proves the clock."""
    return timezone(timedelta(hours=int(contract.parameter("request_id_utc_offset_h"))))


def _headers(outcome: Outcome, session: Session) -> Headers:
    headers = [("Content-Type", "application/json; charset=utf-8"), ("X-Volcv-Mock-Call", session.visit.call_id)]
    is_challenged = contract.reading("www-authenticate") == "sent"
    if is_challenged and outcome.row.http_status == 401 and outcome.row.envelope != "service":
        headers.append(("WWW-Authenticate", CHALLENGES[session.raw.endpoint]))
    if outcome.row.http_status == 405:
        headers.append(("Allow", cors.METHODS))  # RFC 9110, 15.5.6
    if outcome.problems:
        headers.append(("X-Volcv-Mock-Reason", reason_of(outcome.problems)))
    return tuple(headers + session.more_headers(outcome))


def reason_of(problems: Sequence[Problem]) -> str:
    """The problems in one line for a header: at most three in full, and how many there are.

    The first decides the answer. The others are cut, so that it keeps its room.
    """
    first, *others = problems
    shown = others[: REASONS - 1]
    told = [f" [problem {number} of {len(problems)}] {ascii_line(each.sentence(), OTHER_REASON_CAP)}"
            for number, each in enumerate(shown, 2)]  # fmt: skip
    left = len(others) - len(shown)
    tail = "".join(told) + (f" [and {left} more: /_mock/calls/ with the id of X-Volcv-Mock-Call]" if left else "")
    return ascii_line(first.sentence(), LONGEST_REASON - len(tail)) + tail


def _document(outcome: Outcome, session: Session, identity: Identity) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    if outcome.row.envelope == "gateway":
        return _gateway(outcome, identity), ()
    if outcome.row.envelope == "proxy":
        return _proxy(outcome, identity), ()
    data = None if outcome.row.http_status != 200 else DATA[outcome.step](outcome, session, identity)
    document: dict[str, Any] = {
        "code": outcome.row.code,
        "data": data,
        "message": outcome.message or outcome.row.message,
        "request_id": identity.request_id,
        "status": outcome.row.code,
        "time_elapsed": go_duration(identity.elapsed_s),
    }
    carries = data is not None and bool(data.get("binary_data_base64"))
    pictures = outcome.painted.pictures if carries and outcome.painted else ()
    shown = _wrapped(document, outcome, identity) if _is_wrapped(outcome) else document
    return shown, tuple(picture.base64 for picture in pictures)


def _is_wrapped(outcome: Outcome) -> bool:
    call = outcome.call or (outcome.job.call if outcome.job else None)
    return call is not None and call.is_wrapped


def _wrapped(document: Mapping[str, Any], outcome: Outcome, identity: Identity) -> dict[str, Any]:
    """The document as Version 2024-06-06 has it: a refusal is an Error, whose Code is the number as text."""
    call = outcome.call or (outcome.job.call if outcome.job else None)
    metadata = _metadata(call, identity)
    if outcome.row.http_status == 200:
        return {"ResponseMetadata": metadata, "Result": dict(sorted(document.items()))}
    error = {"Code": str(document["code"]), "Message": document["message"]}
    return {"ResponseMetadata": {**metadata, "Error": error}}


def _gateway(outcome: Outcome, identity: Identity) -> dict[str, Any]:
    """Without an Action only RequestId and Error are there (seen); Service and Region echo the scope."""
    row = outcome.row
    metadata = _metadata(outcome.call, identity)
    number = {} if row.code is None else {"CodeN": row.code}
    metadata["Error"] = {**number, "Code": row.name, "Message": outcome.message or row.message}
    return {"ResponseMetadata": metadata}


def _metadata(call: Call | None, identity: Identity) -> dict[str, Any]:
    metadata: dict[str, Any] = {"RequestId": identity.request_id}
    if call and call.action:
        metadata["Action"], metadata["Version"] = call.action, call.version
        metadata["Service"] = call.credential.service or contract.parameter("service")
        metadata["Region"] = call.credential.region or contract.parameter("region")
    return metadata


def _proxy(outcome: Outcome, identity: Identity) -> dict[str, Any]:
    message = f"{outcome.message or outcome.row.message} (request id: {identity.request_id})"
    return {"error": {"message": message, "type": outcome.row.name or "new_api_error", "code": ""}}


def _algorithm(status: int) -> dict[str, Any]:
    """The algorithm's own status; 201304 is its only known failure (S0, S3)."""
    if status:
        return {"status_code": status, "status_message": contract.placement("ghost_face")["algorithm_message"]}
    names = ("algorithm_status", "algorithm_message")
    return dict(zip(("status_code", "status_message"), map(contract.parameter, names), strict=True))


def _data(outcome: Outcome, session: Session, identity: Identity) -> dict[str, Any]:
    """`return_url: true` gives URLs, else base64 texts, the other list empty (contract.md, success data).

    Of the common members those are sent that the response schema of the req_key names.
    """
    job, painted = outcome.job, outcome.painted
    empty: list[str] | None = [] if contract.reading("empty-lists") == "list" else None
    data: dict[str, Any] = {
        "algorithm_base_resp": _algorithm(outcome.algorithm_status),
        "binary_data_base64": empty,
        "image_urls": empty,
        "request_id": identity.data_request_id,
    }
    if contract.reading("algorithm-base-resp") == "absent" and not outcome.algorithm_status:
        del data["algorithm_base_resp"]
    if job and painted:
        wants_url = bool(job.parameters.get("return_url"))
        if wants_url:
            data["image_urls"] = session.publish(outcome)
        if not wants_url or contract.reading("both-outputs") == "both":
            data["binary_data_base64"] = [PICTURE] * len(painted.pictures)
    if job:
        named = contract.data_members(job.req_key)
        needed = contract.required_data_members(job.req_key)
        data = {name: value for name, value in data.items() if name in named and (value or name in needed)}
        data |= operations.extra(job, painted, identity)
    return data


def _task_id(outcome: Outcome, session: Session, identity: Identity) -> dict[str, Any]:
    return {"task_id": outcome.task.id if outcome.task else ""}


def _task_result(outcome: Outcome, session: Session, identity: Identity) -> dict[str, Any]:
    """The members and their empty values as seen: see schemas/tasks/waiting.schema.json and done.schema.json."""
    data = contract.task_sample("waiting" if outcome.painted is None else "done")
    assert outcome.task is not None
    data["status"] = outcome.task.state
    if outcome.algorithm_status:
        data["algorithm_base_resp"] = _algorithm(outcome.algorithm_status)
    if outcome.painted and outcome.job:
        wants_url = bool(outcome.job.parameters.get("return_url"))
        shown = session.publish(outcome) if wants_url else [PICTURE] * len(outcome.painted.pictures)
        data["image_urls" if wants_url else "binary_data_base64"] = shown
        data["aigc_meta_tagged"] = outcome.task.is_tagged
        data |= operations.from_templates(outcome.job)
    return dict(sorted(data.items()))


def _nothing(outcome: Outcome, session: Session, identity: Identity) -> None:
    """Assumed: no answer of a cancel is public (schemas/divergences.json, cancelled-task)."""


DATA: Mapping[Step, Callable[[Outcome, Session, Identity], dict[str, Any] | None]] = {
    "sync": _data,
    "submit": _task_id,
    "result": _task_result,
    "cancel": _nothing,
}
"""The member `data` of a success, by the step of the call's Action."""
