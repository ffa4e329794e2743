"""Envelopes that no document forbids: other orders, members nobody reads, and what only this project assumed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ... import contract
from ..base import AnswerChange, Memory, Message, Mutant
from ..envelopes import every, refusals, successes

READ = ("seed", "scale")


def _ordered(key: Callable[[str], Any]) -> AnswerChange:
    return every(
        lambda reply: reply.with_document({name: reply.members[name] for name in sorted(reply.members, key=key)})
    )


def _params(change: Callable[[dict[str, Any]], dict[str, Any]]) -> AnswerChange:
    def changed(reply: Message) -> Message:
        context = reply.data.get("infer_ctx")
        if not isinstance(context, dict):
            return reply
        return reply.with_data(infer_ctx={**context, "params": change(context["params"])})

    return successes(changed)


def _own_number(asked: Message, reply: Message, memory: Memory) -> Message:
    """Another number of the same table where the row is only inferred."""
    if not reply.is_refusal or not _is_our_own(reply.members["code"]):
        return reply
    code = 50200 if reply.members["code"] != 50200 else 50204
    return reply.with_members(code=code, status=code, message="Invalid Input Parameters")


def _own_text(asked: Message, reply: Message, memory: Memory) -> Message:
    is_own = reply.is_refusal and _is_our_own(reply.members["code"])
    return reply.with_members(message="a text of the service's own") if is_own else reply


def _is_our_own(code: Any) -> bool:
    rows = contract.rows_for_code(code)
    return bool(rows) and all(row.grade in contract.OWN_GRADES for row in rows)


def _reseller(asked: Message, reply: Message, memory: Memory) -> Message:
    """The gateway's refusals in a reseller's own words, with a status of its own."""
    if "ResponseMetadata" not in reply.members:
        return reply
    document = {"error": {"message": "bad request", "type": "invalid_request_error", "code": "bad_request"}}
    return replace(reply.with_document(document), status=400)


def _forbidden(asked: Message, reply: Message, memory: Memory) -> Message:
    """403 where the project chose 401 for a missing key."""
    is_missing = not asked.header("authorization") and reply.status == 401
    return replace(reply, status=403) if is_missing else reply


def _stop_watch(text: str) -> AnswerChange:
    return every(lambda reply: reply.with_members(time_elapsed=text))


ENVELOPE = (
    Mutant("members in reverse order", (), answer=_ordered(lambda name: [-ord(letter) for letter in name])),
    Mutant("members by length", (), answer=_ordered(len)),
    Mutant("a trace beside the members", (), answer=every(lambda reply: reply.with_members(trace_id="7f3c"))),
    Mutant("usage beside the members", (), answer=successes(lambda reply: reply.with_members(usage={"images": 1}))),
    Mutant("a member more in data", (), answer=successes(lambda reply: reply.with_data(aigc_meta={"tagged": False}))),
    Mutant("only the parameters that clients read", (), answer=_params(
        lambda params: {name: params[name] for name in READ if name in params})),
    Mutant("a parameter more", (), answer=_params(lambda params: {**params, "lora": None})),
    Mutant("a parameter of another type", (), answer=_params(lambda params: {**params, "fps": "24"})),
    Mutant("another number for an inferred refusal", (), answer=_own_number),
    Mutant("another text for an inferred refusal", (), answer=_own_text),
    Mutant("a reseller's words for the gateway", (), answer=_reseller),
    Mutant("403 for a missing key", (), answer=_forbidden),
    Mutant("time_elapsed in milliseconds", (), answer=_stop_watch("0.019409ms")),
    Mutant("time_elapsed in microseconds", (), answer=_stop_watch("129.115µs")),
    Mutant("a refusal that says more", (), answer=refusals(
        lambda reply: reply.with_members(detail="see the manual"))),
)  # fmt: skip
