"""No two answers carry the same id, and the id of the service is not that of the algorithm."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts
from .request_id_shape import top_id


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if "replays" in exchange.capabilities:
        return
    for name, found in (("request_id", top_id(exchange)), ("data.request_id", exchange.answer.data.get("request_id"))):
        if not isinstance(found, str):
            continue
        if found in memory:
            yield f"{name} {found} was already the {memory[found]} of an earlier answer"
        memory[found] = name


CHECK = Check(
    "request_id_is_new", "every answer has ids of its own", "S3-example-answer, P-seen-service", check, grade="seen"
)
