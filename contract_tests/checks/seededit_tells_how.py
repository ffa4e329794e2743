"""SeedEdit repeats the request's own seed and scale, and its ids, in `infer_ctx`."""

from __future__ import annotations

from typing import Any

from .. import contract
from ..model import Exchange
from .base import Check, Texts, gave_picture_at_once, short


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    request = exchange.request
    if not request or not gave_picture_at_once(exchange):
        return
    if contract.operations().get(request.req_key, {}).get("painter") != "recolour":
        return
    context = exchange.answer.data.get("infer_ctx")
    if not isinstance(context, dict):
        yield f"data.infer_ctx is {short(context)}, wanted an object"
        return
    yield from _ids(exchange, context)
    params = context.get("params") or {}
    for name in ("seed", "scale"):
        asked = request.fields.get(name)
        if asked is not None and asked != -1 and params.get(name) != asked:
            yield f"infer_ctx.params.{name} is {short(params.get(name))}, the request said {short(asked)}"


def _ids(exchange: Exchange, context: dict[str, Any]) -> Texts:
    pairs = ((context.get("log_id"), exchange.answer.members.get("request_id"), "infer_ctx.log_id"),
             (context.get("request_id"), exchange.answer.data.get("request_id"), "infer_ctx.request_id"))  # fmt: skip
    for found, wanted, name in pairs:
        if found != wanted:
            yield f"{name} is {short(found)}, wanted {short(wanted)}"


CHECK = Check("seededit_tells_how", "the answer carries the parameters it was made with",
              "S0-infer-ctx, S0-infer-params, S0-vlm", check, grade="example")  # fmt: skip
