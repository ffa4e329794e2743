"""A success satisfies the response schema of its operation."""

from __future__ import annotations

from .. import contract, validation
from ..model import Exchange
from .base import Check, Graded, Texts, gave_picture_at_once


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.request and gave_picture_at_once(exchange) and exchange.request.req_key in contract.served():
        usual = CHECK.grade if exchange.request.req_key in contract.operations() else "inferred"
        for text in validation.answer_breaches(exchange.request.req_key, exchange.answer.document):
            yield Graded(text, "assumed" if _is_unread(text) else usual)


def _is_unread(text: str) -> bool:
    """Whether a breach is among the parameters of infer_ctx that no client reads: a dump that may change."""
    return text.startswith("$.data.infer_ctx.params") and not any(f'"{name}"' in text for name in READ)


READ = ("seed", "scale")
CHECK = Check(
    "success_satisfies_schema",
    "an answer has the members of the sample answer",
    "S3-example-answer, S1-example-answer, S2-example-answer, S0-seededit-answer, S0-infer-ctx, S0-infer-params",
    check,
    grade="example",
)
