"""A success satisfies the response schema of its operation."""

from __future__ import annotations

from .. import contract, validation
from ..model import Exchange
from .base import Check, Texts, gave_success


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.request and gave_success(exchange) and exchange.request.req_key in contract.operations():
        yield from validation.answer_breaches(exchange.request.req_key, exchange.answer.document)


CHECK = Check(
    "success_satisfies_schema",
    "an answer has the members of the sample answer",
    "S3-example-answer, S1-example-answer, S2-example-answer, S0-seededit-answer, S0-infer-ctx, S0-infer-params",
    check,
)
