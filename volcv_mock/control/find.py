"""Finds calls for the listing of the control API: page by page, the newest first, by what the query names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.control.messages import ControlRequest, unknown
from volcv_mock.control.parsing import call_id, digest, instant, limit, since, status, trace_id

if TYPE_CHECKING:
    from volcv_mock.journal import Entry

MAX_CALLS, DEFAULT_CALLS = 1000, 100

Test = Callable[["Entry"], bool]

IS: Mapping[str, Test] = {
    "passed": lambda entry: entry.has_arrived and _is_success(entry) and not _is_changed(entry),
    "refused": lambda entry: entry.has_arrived and not _is_success(entry),
    "faulted": lambda entry: _is_changed(entry),
    "lost": lambda entry: not entry.has_arrived,
    "waiting": lambda entry: entry.client == "waiting",
    "retried": lambda entry: bool(entry.retry),
}
"""What a call can be, by the word of `is`; one call can be several."""

FILTERS: Mapping[str, str] = {
    "req_key": "Only calls of this operation.",
    "code": "Only calls answered with this code: a number, the id of a code row, or 201304 inside a success.",
    "status": "Only calls with this HTTP status: a number, or a class such as 4xx.",
    "is": "Only calls that are passed, refused, faulted, lost, waiting or retried.",
    "text": "Only calls with this text in prompt, parameters, message, problems, notes, ids, host or user agent.",
    "since": "Only calls from this time on (seconds since 1970, or ISO 8601), or after the call with this id.",
    "until": "Only calls before this time (seconds since 1970, or ISO 8601).",
    "before": "Only calls that are older than the call with this id: the next page.",
    "attempt": "Only calls with this digest of the request: the attempts at one request.",
    "trace": "Only calls whose traceparent names this trace id.",
    "limit": f"Only the newest calls, at most this many: 1 to {MAX_CALLS}, default {DEFAULT_CALLS}.",
}


def find(request: ControlRequest) -> tuple[list[Entry], bool]:
    """The calls of one page, oldest first, and whether older ones match too. Raises ControlError."""
    query = request.query
    most = limit(query["limit"], MAX_CALLS) if "limit" in query else DEFAULT_CALLS
    after = since(query["since"]) if "since" in query else None
    before = call_id(query["before"], "before") if "before" in query else None
    tests = list(_tests(query))
    calls = request.world.journal.newest_first(request.scope, after, before)
    found = list(islice((call for call in calls if all(test(call) for test in tests)), most + 1))
    return found[:most][::-1], len(found) > most


def _tests(query: Mapping[str, str]) -> Iterator[Test]:
    """The cheapest first."""
    if "req_key" in query:
        yield lambda entry: entry.req_key == query["req_key"]
    if "code" in query:
        yield lambda entry: query["code"] in map(str, entry.received_codes)
    if "trace" in query:
        trace = trace_id(query["trace"])
        yield lambda entry: entry.trace_id == trace
    if "attempt" in query:
        attempt = digest(query["attempt"], "attempt")
        yield lambda entry: entry.attempt == attempt
    if "status" in query:
        statuses = status(query["status"])
        yield lambda entry: entry.status in statuses
    if "until" in query:
        until_s = instant(query["until"], "until") if not _is_number(query["until"]) else float(query["until"])
        yield lambda entry: entry.time_s < until_s
    if "is" in query:
        if query["is"] not in IS:
            raise unknown(query["is"], IS, "kind of call")
        yield IS[query["is"]]
    if query.get("text", "").strip():
        needle = query["text"].strip().lower()
        yield lambda entry: needle in _text_of(entry)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def _is_success(entry: Entry) -> bool:
    return entry.decided_code == contract.success().code


def _is_changed(entry: Entry) -> bool:
    return bool(entry.fired or entry.wire or entry.algorithm_status)


def _text_of(entry: Entry) -> str:
    """Everything of a call that a person might look for, in lower case."""
    texts: list[Any] = [
        entry.id, entry.scope, entry.req_key, entry.mode, entry.action, entry.row, entry.message, entry.request_id,
        entry.task_id, entry.host, entry.remote, entry.user_agent, entry.delivered, entry.trace_id, *entry.notes,
    ]  # fmt: skip
    texts += [value for problem in entry.problems for value in problem.values()]
    texts += [value for fired in entry.fired for value in fired.values()]
    return "\n".join(map(str, (*texts, json.dumps(entry.parameters, ensure_ascii=False)))).lower()
