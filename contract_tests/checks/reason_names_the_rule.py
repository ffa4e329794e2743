"""A mock's refusal names the rule that was broken in X-Volcv-Mock-Reason, in one ASCII line."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts, was_refused


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if "reason" not in exchange.capabilities or not was_refused(exchange) or exchange.sent.method != "POST":
        return
    if any(name.lower() == "x-volcv-mock" for name, _ in exchange.sent.headers):
        return  # the fault was asked for: no rule was broken
    reason = exchange.answer.header("x-volcv-mock-reason")
    if reason is None:
        yield f"HTTP {exchange.answer.status} came without X-Volcv-Mock-Reason"
    elif not reason.isascii() or len(reason) > 2048:
        yield f"X-Volcv-Mock-Reason has {len(reason)} characters or is not ASCII"
    elif exchange.expect and exchange.expect.rule and f"rule {exchange.expect.rule}" not in reason:
        yield f"the reason names another rule than {exchange.expect.rule}: {reason[-200:]}"


CHECK = Check(
    "reason_names_the_rule",
    "a refusal says which rule, what was found and how to fix it",
    "H-choice",
    check,
    grade="assumed",
)
