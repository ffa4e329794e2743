"""Replay: a recorded answer instead of a painted one. pipeline.py calls it in the mode `replay`.

Codes and faults that are due still apply. Ids and times are made anew, and a link to a picture leads to this mock.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from volcv_mock._util.durations import go_duration
from volcv_mock._util.frozen import changed, frozen
from volcv_mock._util.media_type import media_type
from volcv_mock.contract.refusals import refuse
from volcv_mock.delivery import Reply
from volcv_mock.faults.base import PICTURE, Draft
from volcv_mock.imaging import probe
from volcv_mock.model import Call, CodeRow, Headers, Outcome, Painted, Problem, Refusal, Replayed
from volcv_mock.recording.addresses import MASK
from volcv_mock.recording.exchanges import text_or_base64
from volcv_mock.recording.library import BadRecordings, Recorded, blob_digest
from volcv_mock.session import PAINTED_BYTES, VALIDATED_BYTES, Session
from volcv_mock.stages.decide import apply_injections
from volcv_mock.stages.render import chunks, drawn_plan, identity_of, times_of
from volcv_mock.upstream import answers
from volcv_mock.world import World

SOURCE = "docs/beside-the-real-service.md"
LINK = "<link>"
"""Stands in a document for a link to a picture that was kept."""
_PROXY_ID = re.compile(r"\(request id: [^)]*\)")


@frozen
class RecordedAnswer:
    """A recorded answer as it is read. `replayed` holds what is sent but for ids, times, pictures and links; `pictures`
    are the digests of the pictures, in base64 or behind links."""

    row: CodeRow
    message: str
    algorithm_status: int
    pictures: tuple[str, ...]
    replayed: Replayed


def recordings_of(call: Call, world: World) -> tuple[Recorded, ...]:
    """The recordings of an equal request."""
    if world.library is None:
        return ()
    kind = media_type(call.raw.header("content-type"))
    sent_as = (call.visit.digest, call.action, call.version, kind)
    return world.library.find(sent_as, call.action, call.version, kind, lambda: _sent_body(call.raw.body))


def _sent_body(body: bytes) -> Any:
    """The body as recordings hold it."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return text_or_base64(body)


def next_of(found: tuple[Recorded, ...], call: Call, session: Session) -> Recorded:
    """The recording whose turn it is: a request with a random seed takes turns, any other keeps the last one."""
    kind = media_type(call.raw.header("content-type"))
    turn = session.scope.take_turn((call.visit.digest, call.action, kind))
    seed = (call.body or {}).get("seed", -1)
    return found[turn % len(found)] if seed == -1 else found[min(turn, len(found) - 1)]


def missing(call: Call, found: str) -> Refusal:
    """The refusal of a request that was never recorded, or whose recording cannot be used."""
    fix = "Record it (--mode record), or let the mock paint it (--replay-misses mock)."
    return refuse("recording_missing", call, Problem("recordings", found, "a recording of it", fix,
                                                     "recording_missing", SOURCE))  # fmt: skip


def replay(call: Call, recorded: Recorded, session: Session) -> Outcome | None:
    """The outcome of a recorded exchange; None when a fault of the picture is due, which the mock paints.

    Raises Refusal for a code that is due, and for a recording that was damaged.
    """
    outcome = apply_injections("gate", session.injections, session.so_far())
    applied = apply_injections("model", session.injections, outcome)
    if applied is not outcome:
        return applied
    applied = apply_injections("after", session.injections, outcome)
    if applied is not outcome or session.injections.draw("picture"):
        return None
    answer = _answer(recorded, session.world)
    try:
        painted = _pictures(answer, session.world)
    except BadRecordings as error:
        raise missing(call, str(error)) from None
    return Outcome(
        answer.row, call=call, message=answer.message, algorithm_status=answer.algorithm_status, painted=painted,
        notes=(f"replayed from exchanges/{recorded.name}",), replayed=answer.replayed,
    )  # fmt: skip


def replayed_reply(outcome: Outcome, session: Session) -> Reply:
    """The reply with the recorded answer. Faults of the body and of the wire are drawn here, last."""
    assert outcome.replayed is not None
    found, visit = outcome.replayed, session.visit
    elapsed_s, delay_s = times_of(outcome, session)
    request_id = identity_of(outcome, session, elapsed_s).request_id
    document = _renewed(found.document, outcome, session, request_id, elapsed_s)
    pictures = tuple(each.base64 for each in outcome.painted.pictures) if outcome.painted and found.has_pictures else ()
    headers = (*found.headers, ("X-Volcv-Mock-Call", visit.call_id))
    draft = Draft(found.status, headers, document, pictures, override=found.plain, keeps_order=True)
    injection = session.injections.draw("reply")
    draft = injection.apply_reply(draft) if injection else draft
    unreadable = injection.name if injection and not draft.is_readable else ""
    return Reply(draft.status, draft.headers, chunks(draft), visit.call_id, visit.scope, drawn_plan(delay_s, session),
                 visit.arrived_at_s + delay_s, visit.arrival, unreadable)  # fmt: skip


def _kept(headers: Headers) -> Headers:
    """The recorded headers, without those that were masked or belong to a connection or a moment."""
    kept = answers.passed_on(headers)
    return tuple((name, value) for name, value in kept
                 if MASK not in value and name.lower() not in ("date", "server"))  # fmt: skip


def _plain(recorded: Recorded) -> bytes | None:
    """A body that was no JSON."""
    if "$base64" in recorded.body:
        return base64.b64decode(recorded.body["$base64"])
    return recorded.body["$text"].encode() if "$text" in recorded.body else None


def _answer(recorded: Recorded, world: World) -> RecordedAnswer:
    """The recorded answer, read once: it stays the same, and so do the rows of the code table."""
    known: RecordedAnswer | None = world.replayed.get(("answer", recorded.name))
    if known:
        return known
    text = recorded.body.get("$json")
    document = json.loads(text) if text else {}
    pictures, is_inline = _marked(document, recorded)
    read = answers.of_document(document, recorded.status)
    replayed = Replayed(recorded.status, _kept(recorded.headers), document, _plain(recorded), is_inline,
                        recorded.elapsed_s)  # fmt: skip
    found = RecordedAnswer(read.row, read.message, read.algorithm_status, pictures, replayed)
    size_bytes = VALIDATED_BYTES + len(replayed.plain or b"") + 2 * len(text or "")
    world.replayed.put(("answer", recorded.name), found, size_bytes)
    return found


def _marked(document: Any, recorded: Recorded) -> tuple[tuple[str, ...], bool]:
    """The digests of an answer's pictures, and whether they are in base64. In the document PICTURE and LINK then stand
    for the pictures and the links to them; a link whose picture was not kept stays as it is."""
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict):
        return (), False
    items, links = _list(data, "binary_data_base64"), _list(data, "image_urls")
    inline = list(map(blob_digest, items))
    items[:] = [PICTURE if digest else item for digest, item in zip(inline, items, strict=True)]
    linked = [digest for digest, _ in zip(map(blob_digest, (recorded.picture, *recorded.linked)), links, strict=False)]
    digests = inline if any(inline) else linked
    behind = iter(digests)
    links[:] = [LINK if isinstance(link, str) and next(behind, None) else link for link in links]
    return tuple(filter(None, digests)), any(inline)


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    found = data.get(name)
    return found if isinstance(found, list) else []


def _pictures(answer: RecordedAnswer, world: World) -> Painted | None:
    """The pictures of an answer. Raises BadRecordings."""
    if not answer.pictures:
        return None
    first, *others = (_painted(digest, world) for digest in answer.pictures)
    return changed(first, others=tuple(others)) if others else first


def _painted(digest: str, world: World) -> Painted:
    """A recorded picture in base64; kept in the memo of painted pictures."""
    known = world.painted.get(("recorded", digest))
    if known:
        return known
    assert world.library is not None
    data = world.library.blob(digest)
    header = probe.read_header(data)
    made = Painted(data, base64.b64encode(data), header.width, header.height, digest)
    return world.painted.put(("recorded", digest), made, PAINTED_BYTES + len(data) + len(made.base64))


def _renewed(document: Any, outcome: Outcome, session: Session, request_id: str, elapsed_s: float) -> Any:
    """The document with ids and times of this call, and a link that leads to this mock."""
    if not isinstance(document, dict):
        return document
    renewed = dict(document)
    if "request_id" in renewed:
        renewed["request_id"] = request_id
    if "time_elapsed" in renewed:
        renewed["time_elapsed"] = go_duration(elapsed_s)
    if isinstance(renewed.get("ResponseMetadata"), dict):
        renewed["ResponseMetadata"] = {**renewed["ResponseMetadata"], "RequestId": request_id}
    if isinstance(renewed.get("error"), dict) and isinstance(renewed["error"].get("message"), str):
        message = _PROXY_ID.sub(f"(request id: {request_id})", renewed["error"]["message"])
        renewed["error"] = {**renewed["error"], "message": message}
    if isinstance(renewed.get("data"), dict):
        renewed["data"] = _renewed_data(renewed["data"], outcome, session)
    return renewed


def _renewed_data(data: Mapping[str, Any], outcome: Outcome, session: Session) -> dict[str, Any]:
    renewed = dict(data)
    own_id = renewed.get("request_id")
    if isinstance(own_id, str) and own_id:
        renewed["request_id"] = session.hexadecimal(len(own_id), "data")
    links = renewed.get("image_urls")
    if isinstance(links, list) and LINK in links:
        fresh = iter(session.publish(outcome))
        renewed["image_urls"] = [next(fresh) if link == LINK else link for link in links]
    return renewed
