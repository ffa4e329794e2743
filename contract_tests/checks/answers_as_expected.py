"""A request the documents allow is answered; one they forbid is refused, with the row of the table.

That a request is refused is as sure as the rule it breaks; with which code and status, as sure as the row is.
"""

from __future__ import annotations

from .. import contract
from ..grades import of_row, weakest
from ..model import Exchange, Expect
from .base import Check, Graded, Texts, short


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    expect, answer = exchange.expect, exchange.answer
    if expect is None or (expect.success and answer.is_success):
        return
    seen = f"HTTP {answer.status}, code {short(answer.code)}"
    if expect.success:
        reason = answer.header("x-volcv-mock-reason")
        text = f"a request that the documents allow was refused: {seen}" + (f" ({short(reason)})" if reason else "")
        yield Graded(text, expect.rule_grade)
    elif answer.is_success:
        text = f"a request that breaks a rule was accepted: {seen}; rule: {_violation(exchange)}"
        yield Graded(text, expect.rule_grade)
    elif answer.status < 400:
        text = f"a request that breaks a rule was neither accepted nor refused: {seen}; rule: {_violation(exchange)}"
        yield Graded(text, expect.rule_grade)
    elif expect.row:
        yield from _row(exchange, expect, contract.rows()[expect.row], seen)


def _row(exchange: Exchange, expect: Expect, row: contract.Row, seen: str) -> Texts:
    """Which refusal it is. The code is as sure as its row, the rule and the expectation; the status by itself."""
    text = f"{_violation(exchange)} was refused with {seen}; wanted HTTP {row.http_status}, {row.id}"
    sure = weakest(of_row(row, exchange.capabilities), expect.grade, expect.rule_grade)
    if row.code is not None and exchange.answer.code != row.code:
        yield Graded(text, sure)
    elif exchange.answer.status != row.http_status:
        yield Graded(text, weakest(sure, row.status_grade))


def _violation(exchange: Exchange) -> str:
    return (exchange.request.violation if exchange.request else "") or f"{exchange.sent.method} {exchange.sent.query}"


CHECK = Check(
    "answers_as_expected",
    "what the documents allow is answered, what they forbid is refused",
    "S3-formats, S3-max-bytes, S3-sides, S3-mask-png, S3-mask-icc, S3-mask-rgba, S3-either",
    check,
)
