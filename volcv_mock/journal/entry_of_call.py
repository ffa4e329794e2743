"""The journal entry of a call, made of what its stages found.

No picture bytes, no key in clear, every text of the client cut to a bounded length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, fields, replace
from itertools import islice
from operator import attrgetter
from typing import Any

from volcv_mock._util.frozen import frozen
from volcv_mock.delivery import Reply
from volcv_mock.http.playback import WIRE_FAULTS
from volcv_mock.journal.entries import NO_HEAD, USUAL_PATHS, WAITING, Entry
from volcv_mock.model import (
    Call,
    Credential,
    Fired,
    Outcome,
    Picture,
    PictureFacts,
    Problem,
    RawRequest,
    Visit,
    header_of,
)
from volcv_mock.recording.addresses import MASK, without_secrets
from volcv_mock.recording.redact import mask_key, requested_path
from volcv_mock.telemetry.traceparent import HEADER as TRACEPARENT
from volcv_mock.telemetry.traceparent import traceparent

MAX_TEXT = 1000
MAX_PATH = 300
MAX_ITEMS = 40
MAX_DEPTH = 4

NOT_WHOLE = frozenset(name for name, behaviour in WIRE_FAULTS.items() if not behaviour.is_whole)
"""The wire faults that let no complete HTTP response through; a `drip` is complete at its end."""

SEARCHED_BYTES = 4096
"""Of each end of a body, for ids."""

PICTURE_FIELDS = ("binary_data_base64", "image_urls")

_REQUEST_ID = tuple(
    re.compile(before + rb"([0-9A-Za-z_-]{1,64})" + after)
    for before, after in (
        (rb'"request_id\\*":\\*"', rb'\\*"'), (rb'"RequestId\\*":\\*"', rb'\\*"'), (rb"\(request id: ", rb"\)")
    )
)  # fmt: skip
"""In the envelopes of the service, the gateway and the reseller; the quotes are escaped in an error that a reseller
carries as text. As one pattern they would be searched for at each character, in place of a constant text."""

_PICTURE_ID = (re.compile(rb'"image_urls":\["[^"]{0,400}/_mock/images/([0-9a-f]{1,64})\.(?:jpeg|png)'),)


def entry_of(
    raw: RawRequest,
    visit: Visit,
    outcome: Outcome,
    reply: Reply,
    fired: tuple[Fired, ...] = (),
    quota: Mapping[str, Any] | None = None,
) -> Entry:
    """What is known when the reply is decided; `Entry.end` adds what the delivery shows."""
    job = outcome.job
    call = outcome.call or (job.call if job else None)
    credential = call.credential if call else Credential("none")
    scrub = Scrubber(credential.key)
    row = outcome.row
    wire = reply.plan.wire.name if reply.plan.wire else ""
    fault = wire if wire in NOT_WHOLE else reply.unreadable
    path, message = raw.path, outcome.message or row.message
    if path != USUAL_PATHS[raw.endpoint] or raw.base_path:
        path, message = scrub.text(shown_path(raw), MAX_PATH), _without_path(message, raw.path)
    return Entry(
        id=visit.call_id,
        number=visit.number,
        scope=visit.scope,
        time_s=visit.arrived_at_s,
        endpoint=raw.endpoint,
        method=scrub.text(raw.method, 20),
        remote=raw.remote[:64],
        scheme=raw.scheme,
        host=scrub.text(raw.header("host") or "", 255),
        user_agent=scrub.text(raw.header("user-agent") or "", 200),
        credential=credential.kind,
        key=mask_key(credential.key) if credential.key else "",
        action=scrub.text(call.action if call else "", 100),
        version=scrub.text(call.version if call else "", 40),
        req_key=scrub.text(outcome.req_key, 100),
        mode=job.mode if job else "",
        parameters=scrub.value(_parameters(outcome, call)),
        image_urls=_image_urls(call, scrub),
        body_bytes=len(raw.body),
        pictures=_pictures(outcome),
        result=None,
        thumbnails=[],
        picture_id=_found(_PICTURE_ID, reply) if reply.status == 200 else "",
        problems=[scrub.texts(_flat(problem)) for problem in outcome.problems[:MAX_ITEMS]],
        notes=_notes(outcome, scrub),
        fired=list(map(_flat, fired)),
        status=None if wire in NO_HEAD else reply.status,
        code=None if fault else row.code if reply.code_sent is None else reply.code_sent,
        delivered=fault or WAITING,
        decided_status=row.http_status,
        decided_code=row.code,
        row=row.id,
        message=scrub.text(message, 300),
        algorithm_status=outcome.algorithm_status,
        request_id=scrub.text(_found(_REQUEST_ID, reply), 64),
        attempt=visit.digest[:32],
        quota=dict(quota or {}),
        retry_after_s=scrub.text(header_of(reply.headers, "retry-after") or "", 100),
        wire=wire,
        planned_delay_s=round(reply.plan.delay_s, 6),
        step=call.step if call else "",
        task_id=scrub.text(_task_id(outcome, call), 40),
        task_status=outcome.task.state if outcome.task and outcome.step != "submit" else "",
        trace=_trace(raw),
        path=path,
        sources=_sent(outcome) + tuple(each for each in (outcome.painted, outcome.own_picture) if each),
    )


def shown_path(raw: RawRequest) -> str:
    """The path that was requested, with what may be a credential in it masked. The prefix of a base is masked as that
    of an address is: WSGI has it in the path, an intercept has not."""
    below = requested_path(raw.path.removeprefix(raw.base_path) if raw.base_path else raw.path)
    return f"/{MASK}{below}" if raw.base_path else below


def _without_path(message: str, path: str) -> str:
    """A message that may name the path, with that as it is shown."""
    shown = requested_path(path)
    return message if shown == path else message.replace(path, shown)


@frozen
class Scrubber:
    """Cuts a client's texts to length, and masks its key wherever it occurs in them."""

    key: str = field(default="", repr=False)

    def text(self, value: str, most: int = MAX_TEXT) -> str:
        """`value` with the request's key masked, cut to `most` characters."""
        if type(value) is not str:  # a client inside an intercept may use a subclass
            value = "".join(value)
        key = self.key
        if key and len(key) >= 6 and key in value:
            value = value.replace(key, mask_key(key))
        return value if len(value) <= most else f"{value[:most]}... ({len(value)} characters)"

    def texts(self, told: Mapping[str, str]) -> dict[str, str]:
        """The same mapping with every value scrubbed."""
        return {name: self.text(value) for name, value in told.items()}

    def value(self, value: Any, depth: int = 0) -> Any:
        """Any JSON value, made small: few items, short texts, finite numbers."""
        if isinstance(value, str):
            return self.text(value)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):  # nan is below and above nothing
            return value if -1e300 < value < 1e300 else str(value)[:MAX_TEXT]
        if depth == MAX_DEPTH:
            return f"{type(value).__name__} nested deeper"
        if isinstance(value, Mapping):
            return {self.text(str(name), 100): self.value(item, depth + 1) for name, item in _few(value.items())}
        return [self.value(item, depth + 1) for item in _few(value)]


def _few(items: Any) -> list[Any]:
    return list(islice(items, MAX_ITEMS))


def _notes(outcome: Outcome, scrub: Scrubber) -> list[str]:
    """The notes of the outcome, and how many problems were left out."""
    notes = [scrub.text(note) for note in outcome.notes[:MAX_ITEMS]]
    left_out = len(outcome.problems) - MAX_ITEMS
    return [*notes, f"{left_out} more problems were found than are listed"] if left_out > 0 else notes


def _trace(raw: RawRequest) -> dict[str, Any] | None:
    found = traceparent(raw.header(TRACEPARENT))
    return {"id": found.trace_id, "parent": found.parent_id, "sampled": found.is_sampled} if found else None


def _task_id(outcome: Outcome, call: Call | None) -> str:
    """The id of a new task, or the one that a later step names, also if it is refused or no text."""
    named = outcome.task.id if outcome.task else (call.body or {}).get("task_id") if call else None
    return named if isinstance(named, str) else "" if named is None else str(named)


def _parameters(outcome: Outcome, call: Call | None) -> dict[str, Any]:
    """With the defaults filled in when the request was sound, else as sent; never the pictures."""
    members = outcome.job.parameters if outcome.job else (call.body or {}) if call else {}
    return {name: value for name, value in members.items() if name not in PICTURE_FIELDS}


def _image_urls(call: Call | None, scrub: Scrubber) -> list[str]:
    """The URLs without user and query, where signatures and passwords stand."""
    urls = (call.body or {}).get("image_urls") if call else None
    if not isinstance(urls, list):
        return []
    return [scrub.text(without_secrets(url), 300) for url in urls[:MAX_ITEMS] if isinstance(url, str)]


def _pictures(outcome: Outcome) -> list[dict[str, Any]]:
    """The header's facts of each picture; its role follows from its position in the request."""
    return [{"role": each.role, **_flat(each.facts)} for each in _sent(outcome)]


def _sent(outcome: Outcome) -> tuple[Picture, ...]:
    return outcome.job.pictures if outcome.job else outcome.pictures


def _flat(each: PictureFacts | Problem | Fired) -> dict[str, Any]:
    """Flat as they are; dataclasses.asdict would copy each value deeply, at ten times the price."""
    names, members = _FLAT[type(each)]
    return dict(zip(names, members(each)))  # noqa: B905  of one length, and strict takes twice as long


def _reader(kind: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(each.name for each in fields(kind))
    return names, attrgetter(*names)


_FLAT = {kind: _reader(kind) for kind in (PictureFacts, Problem, Fired)}


def without_middle(reply: Reply) -> Reply:
    """The reply with as much of its body as an entry is made of: of a reply whose entry is made later."""
    body = b"".join(reply.body)
    return replace(reply, body=(body[:SEARCHED_BYTES], body[SEARCHED_BYTES:][-SEARCHED_BYTES:]))


def _found(patterns: Sequence[re.Pattern[bytes]], reply: Reply) -> str:
    """The last match of the first pattern that has one, in the text around the picture, never in its base64."""
    if not reply.body:
        return ""
    outside = reply.body if len(reply.body) == 1 else (reply.body[0], reply.body[-1])
    for chunk in reversed(outside):
        for end in (chunk[-SEARCHED_BYTES:], chunk[:SEARCHED_BYTES]):
            for pattern in patterns:
                if matches := pattern.findall(end):
                    return str(matches[-1], "ascii")
    return ""
