"""An answer has no members beyond those of the samples. New ones break no client: on a paid target it is a warning."""

from __future__ import annotations

from .. import contract
from ..model import Exchange
from .base import Check, Texts, gave_picture_at_once, is_service_answer
from .envelope_is_known import SERVICE


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if not is_service_answer(exchange):
        return
    if unknown := exchange.answer.members.keys() - SERVICE:
        yield f"the envelope has unknown members: {', '.join(sorted(unknown))}"
    if exchange.step != "sync" and exchange.answer.is_success:
        yield from _of_a_task(exchange)
    request = exchange.request
    if request and gave_picture_at_once(exchange) and request.req_key in contract.served():
        known = contract.response_schema(request.req_key)["properties"]["data"]["properties"]
        if unknown := exchange.answer.data.keys() - known.keys():
            yield f"data has unknown members: {', '.join(sorted(unknown))}"


def _of_a_task(exchange: Exchange) -> Texts:
    names = {"submit": ("submitted",), "result": ("waiting", "done")}.get(exchange.step, ())
    known = {one for name in names for one in contract.task_schema(name)["properties"]}
    if exchange.request and exchange.request.req_key in contract.served():  # one of the user's own may have more
        known |= contract.data_members(exchange.request.req_key)
    if names and (unknown := exchange.answer.data.keys() - known - {"algorithm_base_resp"}):
        yield f"data of a task has unknown members: {', '.join(sorted(unknown))}"


CHECK = Check(
    "no_unknown_members",
    "an answer has the members of the sample answer and no others",
    "S3-example-answer, S1-example-answer, S2-example-answer, S0-seededit-answer",
    check,
    grade="assumed",
)
