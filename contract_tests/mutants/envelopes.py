"""Deviations in the envelope: statuses, codes, messages, ids, times, and what belongs into a refusal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .base import AnswerChange, Memory, Message, Mutant


def refusals(change: Callable[[Message], Message]) -> AnswerChange:
    """A deviation in refusals of the service only."""
    return lambda asked, reply, memory: change(reply) if reply.is_refusal else reply


def successes(change: Callable[[Message], Message]) -> AnswerChange:
    """A deviation in successes only."""
    return lambda asked, reply, memory: change(reply) if reply.is_success else reply


def every(change: Callable[[Message], Message]) -> AnswerChange:
    """A deviation in every answer of the service."""
    return lambda asked, reply, memory: change(reply) if reply.is_answer_of_service else reply


def stale_id(asked: Message, reply: Message, memory: Memory) -> Message:
    """Every answer has the first answer's request_id."""
    if not reply.is_answer_of_service:
        return reply
    return reply.with_members(request_id=memory.setdefault("id", reply.members["request_id"]))


def stale_data_id(asked: Message, reply: Message, memory: Memory) -> Message:
    """Every success has the first one's data.request_id."""
    if not reply.is_success or "request_id" not in reply.data:
        return reply
    return reply.with_data(request_id=memory.setdefault("id", reply.data["request_id"]))


def utc_id(reply: Message) -> Message:
    """The moment in request_id is UTC instead of UTC+8."""
    moment = reply.members["request_id"]
    hour = (int(moment[8:10]) - 8) % 24
    return reply.with_members(request_id=f"{moment[:8]}{hour:02d}{moment[10:]}")


def echo_key(asked: Message, reply: Message, memory: Memory) -> Message:
    """A header of the answer repeats the key."""
    key = (asked.header("authorization") or "").removeprefix("Bearer ")
    return reply.with_header("X-Debug-Key", key) if key else reply


def echo_key_in_body(asked: Message, reply: Message, memory: Memory) -> Message:
    """The message of a refusal repeats the credentials."""
    key = asked.header("authorization") or ""
    return reply.with_members(message=f"{reply.members['message']} ({key})") if reply.is_refusal and key else reply


def leak_picture(asked: Message, reply: Message, memory: Memory) -> Message:
    """A refusal that carries the picture of the success before it."""
    if reply.is_success:
        memory["data"] = reply.data
    return reply.with_members(data=memory["data"]) if reply.is_refusal and "data" in memory else reply


def html_errors(reply: Message) -> Message:
    """Refusals are HTML instead of JSON."""
    return replace(reply, body=b"<html><h1>Bad Request</h1></html>").with_header("Content-Type", "text/html")


def backwards(reply: Message) -> Message:
    """The members of the envelope are in reverse order."""
    return reply.with_document(dict(reversed(list(reply.members.items()))))


def gateway(change: Callable[[dict[str, Any]], dict[str, Any]]) -> AnswerChange:
    """A deviation in the ResponseMetadata of the gateway's refusals."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        metadata = reply.members.get("ResponseMetadata")
        return reply.with_members(ResponseMetadata=change(json.loads(json.dumps(metadata)))) if metadata else reply

    return answer


def proxy_error_as_text(asked: Message, reply: Message, memory: Memory) -> Message:
    """The proxy's `error` is a text instead of an object."""
    return reply.with_document({"error": "invalid key"}) if "error" in reply.members else reply


def without_error_code(metadata: dict[str, Any]) -> dict[str, Any]:
    """The gateway's `Error` has no `Code`."""
    del metadata["Error"]["Code"]
    return metadata


def algorithm(status: int | None) -> AnswerChange:
    """Another status in `algorithm_base_resp`; None removes it."""
    if status is None:
        return successes(
            lambda reply: reply.with_members(data={k: v for k, v in reply.data.items() if k != "algorithm_base_resp"})
        )
    return successes(
        lambda reply: reply.with_data(algorithm_base_resp={"status_code": status, "status_message": "Success"})
    )


def with_http(status: int) -> Callable[[Message], Message]:
    """Another HTTP status."""
    return lambda reply: replace(reply, status=status)


ENVELOPES = (
    Mutant(
        "HTTP 200 for every refusal", ("http_status_matches", "success_is_http_200"), answer=refusals(with_http(200))
    ),
    Mutant("HTTP 422 for a bad parameter", ("http_status_matches",), answer=refusals(with_http(422))),
    Mutant("HTTP 201 for a success", ("http_status_matches", "success_is_http_200"), answer=successes(with_http(201))),
    Mutant("message missing", ("envelope_is_known",), answer=every(lambda reply: reply.without("message"))),
    Mutant("time_elapsed missing", ("envelope_is_known",), answer=every(lambda reply: reply.without("time_elapsed"))),
    Mutant("status missing", ("envelope_is_known",), answer=every(lambda reply: reply.without("status"))),
    Mutant(
        "code as text",
        ("envelope_types",),
        answer=every(lambda reply: reply.with_members(code=str(reply.members["code"]))),
    ),
    Mutant(
        "code as a float",
        ("envelope_types",),
        answer=every(lambda reply: reply.with_members(code=float(reply.members["code"]))),
    ),
    Mutant(
        "status 0 beside the code", ("status_equals_code",), answer=every(lambda reply: reply.with_members(status=0))
    ),
    Mutant(
        "a member of its own",
        ("no_unknown_members",),
        answer=every(lambda reply: reply.with_members(trace="x")),
        only_warned="no document says that the sample answers show every member",
    ),
    Mutant(
        "members backwards",
        ("members_in_order",),
        answer=every(backwards),
        only_warned="JSON leaves the order of members open, and no document demands one",
    ),
    Mutant(
        "success spelled ok", ("success_is_http_200",), answer=successes(lambda reply: reply.with_members(message="ok"))
    ),
    Mutant(
        "a wrong message for a refusal",
        ("message_matches",),
        answer=refusals(lambda reply: reply.with_members(message="Oops")),
    ),
    Mutant(
        "a code of its own",
        ("code_is_in_table", "answers_as_expected"),
        answer=refusals(lambda reply: reply.with_members(code=59999, status=59999)),
    ),
    Mutant("HTML for errors", ("answer_is_json",), answer=refusals(html_errors)),
    Mutant(
        "JSON called text",
        ("answer_is_json",),
        answer=every(lambda reply: reply.with_header("Content-Type", "text/plain")),
    ),
    Mutant(
        "time_elapsed a float",
        ("envelope_types", "time_elapsed_is_duration"),
        answer=every(lambda reply: reply.with_members(time_elapsed=2.17)),
    ),
    Mutant(
        "time_elapsed with a comma",
        ("time_elapsed_is_duration",),
        answer=every(lambda reply: reply.with_members(time_elapsed="2,17 s")),
    ),
    Mutant(
        "time_elapsed exaggerated",
        ("wall_time_covers_elapsed",),
        answer=every(lambda reply: reply.with_members(time_elapsed="1m39.9s")),
    ),
    Mutant("a stale request_id", ("request_id_is_new",), answer=stale_id),
    Mutant("a stale data.request_id", ("request_id_is_new", "seededit_tells_how"), answer=stale_data_id),
    Mutant(
        "request_id in lower case",
        ("request_id_shape",),
        answer=every(lambda reply: reply.with_members(request_id=reply.members["request_id"].lower())),
    ),
    Mutant("request_id in UTC", ("request_id_is_recent",), answer=every(utc_id)),
    Mutant(
        "request_id a uuid",
        ("request_id_shape",),
        answer=every(
            lambda reply: reply.with_members(request_id="6b1f0d4e-0000-4000-8000-" + reply.members["request_id"][-12:])
        ),
    ),
    Mutant(
        "data.request_id is the other id",
        ("data_request_id_shape",),
        answer=successes(lambda reply: reply.with_data(request_id=reply.members["request_id"])),
    ),
    Mutant(
        "an empty object for null", ("no_data_on_refusal",), answer=refusals(lambda reply: reply.with_members(data={}))
    ),
    Mutant("a picture with a refusal", ("no_data_on_refusal",), answer=leak_picture),
    Mutant("a gateway error without its Code", ("envelope_is_known",), answer=gateway(without_error_code)),
    Mutant("the reseller's error as text", ("envelope_is_known",), answer=proxy_error_as_text),
    Mutant(
        "algorithm_base_resp missing", ("algorithm_reports_success", "success_satisfies_schema"), answer=algorithm(None)
    ),
    Mutant("algorithm status 10000", ("algorithm_reports_success",), answer=algorithm(10000)),
    Mutant("the key in a header", ("key_is_never_echoed",), answer=echo_key),
    Mutant("the key in the message", ("key_is_never_echoed",), answer=echo_key_in_body),
)
