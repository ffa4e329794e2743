"""`data.algorithm_base_resp` of a success says 0 and Success, and only 201304 otherwise."""

from __future__ import annotations

from .. import contract
from ..model import Exchange
from .base import Check, Texts, short


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.step != "sync" or not exchange.answer.is_success or not _is_promised(exchange):
        return
    found = exchange.answer.data.get("algorithm_base_resp")
    if not isinstance(found, dict):
        yield f"data.algorithm_base_resp is {short(found)}, wanted an object"
        return
    if found.get("status_code") == contract.GHOST_FACE:
        return
    wanted = {
        "status_code": contract.figure("algorithm_status"),
        "status_message": contract.figure("algorithm_message"),
    }
    if {name: found.get(name) for name in wanted} != wanted:
        yield f"data.algorithm_base_resp is {short(found)}, wanted {wanted}"


def _is_promised(exchange: Exchange) -> bool:
    """Whether successes of the req_key have the member; one of the user's own may lack it."""
    req_key = exchange.request.req_key if exchange.request else ""
    return req_key not in contract.served() or "algorithm_base_resp" in contract.data_members(req_key)


CHECK = Check("algorithm_reports_success", "a success carries status_code 0 and Success",
              "S3-example-answer, S3-ghost-face, P-algorithm-status", check, grade="example")  # fmt: skip
