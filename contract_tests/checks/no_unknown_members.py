"""An answer has no members beyond those of the samples. New ones break no client: on a paid target it is a warning."""

from __future__ import annotations

from .. import contract
from ..model import Exchange
from .base import Check, Texts, gave_success, is_service_answer
from .envelope_is_known import SERVICE


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if not is_service_answer(exchange):
        return
    if unknown := exchange.answer.members.keys() - SERVICE:
        yield f"the envelope has unknown members: {', '.join(sorted(unknown))}"
    request = exchange.request
    if request and gave_success(exchange) and request.req_key in contract.operations():
        known = contract.response_schema(request.req_key)["properties"]["data"]["properties"]
        if unknown := exchange.answer.data.keys() - known.keys():
            yield f"data has unknown members: {', '.join(sorted(unknown))}"


CHECK = Check(
    "no_unknown_members",
    "an answer has the members of the sample answer and no others",
    "S3-example-answer, S1-example-answer, S2-example-answer, S0-seededit-answer",
    check,
    grade="assumed",
)
