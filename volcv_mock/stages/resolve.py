"""Resolve: which operation, and which of its input modes, a request means.

A wrong req_key answers 401 with 50400 "Access Denied": unexpected, but seen in real answers
(contract.md, ledger row 27); the reason header says what really was wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from volcv_mock import contract
from volcv_mock.contract.refusals import refuse
from volcv_mock.model import Call, Problem

WHERE = "$.req_key"


def resolve(call: Call) -> tuple[str, str]:
    """(req_key, mode). Raises Refusal for an unreadable body or a req_key that is not served."""
    if call.validated:
        _refuse_other_calls(call, call.validated.req_key)
        return call.validated.req_key, call.validated.mode
    if call.body_problem:
        raise refuse(call.body_problem.rule, call, call.body_problem)
    body: Mapping[str, Any] = call.body or {}
    if body.get("req_key") is None:
        raise refuse("req_key_missing", call, _missing("null" if "req_key" in body else "nothing"))
    req_key = body["req_key"]
    if not isinstance(req_key, str) or req_key not in contract.operations():
        raise refuse("req_key_unknown", call, _unknown(req_key))
    _refuse_other_calls(call, req_key)
    return req_key, contract.mode_of(req_key, body)


def _refuse_other_calls(call: Call, req_key: str) -> None:
    """A row of the user's folder may be served synchronously only, or by tasks only."""
    calls = contract.operation(req_key).calls
    if calls == "both" or (calls == "sync") == (call.step == "sync"):
        return
    found = f"{req_key}, which its row of the contract folder serves {calls} only"
    wanted = "CVProcess" if calls == "sync" else "a submit Action, such as CVSync2AsyncSubmitTask"
    problem = Problem(
        "query.Action", found, wanted, "Call another Action, or change `calls`.", "req_key_unknown", "user"
    )
    raise refuse("req_key_unknown", call, problem)


@contract.per_contract
def _known() -> str:
    return ", ".join(sorted(contract.operations()))


def _missing(found: str) -> Problem:
    return Problem(
        WHERE, found, f"one of {_known()}", "Name the operation in the body.", "req_key_missing", "S1, Body参数"
    )


def _unknown(req_key: object) -> Problem:
    nearest = contract.nearest(req_key, list(contract.operations())) if isinstance(req_key, str) else None
    hint = f"Did you mean {nearest!r}? " if nearest else "Check the spelling. "
    hint += "A req_key of your own can be added: a folder with catalog.json for --contract (docs/own-operations.md)."
    found = f"unknown req_key {repr(req_key)[:80]}"
    return Problem(WHERE, found, f"one of {_known()}", hint, "req_key_unknown", "seen: volc-sdk-python#39")
