"""A request the documents allow is answered; one they forbid is refused, with the row of the table.

Of a paid target only what a document says is demanded: where we assumed the code, any refusal will do.
"""

from __future__ import annotations

from .. import contract
from ..model import Exchange, Expect
from .base import Check, Texts, short


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    expect, answer = exchange.expect, exchange.answer
    if expect is None or (expect.success and answer.is_success):
        return
    seen = f"HTTP {answer.status}, code {answer.code!r}"
    if expect.success:
        reason = answer.header("x-volcv-mock-reason")
        yield f"a request that the documents allow was refused: {seen}" + (f" ({short(reason)})" if reason else "")
    elif answer.is_success:
        yield f"a request that breaks a rule was accepted: {seen}; rule: {_violation(exchange)}"
    elif answer.status < 400:
        yield f"a request that breaks a rule was neither accepted nor refused: {seen}; rule: {_violation(exchange)}"
    elif expect.row:
        yield from _row(exchange, expect, contract.rows()[expect.row], seen)


def _row(exchange: Exchange, expect: Expect, row: contract.Row, seen: str) -> Texts:
    is_known = "assumptions" in exchange.capabilities
    if not is_known and {row.grade, expect.grade} & set(contract.OWN_GRADES):
        return
    other_status = exchange.answer.status != row.http_status and (
        is_known or row.status_grade not in contract.OWN_GRADES
    )
    if other_status or (row.code is not None and exchange.answer.code != row.code):
        yield f"{_violation(exchange)} was refused with {seen}; wanted HTTP {row.http_status}, {row.id}"


def _violation(exchange: Exchange) -> str:
    return (exchange.request.violation if exchange.request else "") or f"{exchange.sent.method} {exchange.sent.query}"


CHECK = Check(
    "answers_as_expected",
    "what the documents allow is answered, what they forbid is refused",
    "S3-formats, S3-max-bytes, S3-sides, S3-mask-png, S3-mask-icc, S3-mask-rgba, S3-either",
    check,
)
