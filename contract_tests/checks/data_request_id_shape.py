"""`data.request_id` is the algorithm's id: lower-case hexadecimal, 64 digits, or 24 in one sample."""

from __future__ import annotations

import re

from .. import contract
from ..model import Exchange
from .base import Check, Texts, gave_picture_at_once, short

SHAPE = re.compile(r"[0-9a-f]{64}|[0-9a-f]{24}")


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    found = exchange.answer.data.get("request_id")
    if found is None and exchange.request and not _is_promised(exchange.request.req_key):
        return
    if gave_picture_at_once(exchange) and not (isinstance(found, str) and SHAPE.fullmatch(found)):
        yield f"data.request_id is {short(found)}, wanted 64 lower-case hexadecimal digits"


def _is_promised(req_key: str) -> bool:
    """Whether answers of the operation have the member: those of segmentation have none."""
    if req_key not in contract.served():
        return True
    return "request_id" in contract.response_schema(req_key)["properties"]["data"]["properties"]


CHECK = Check("data_request_id_shape", "the algorithm's id is lower-case hexadecimal",
              "S1-example-answer, S2-example-answer, S0-seededit-answer", check, grade="example")  # fmt: skip
