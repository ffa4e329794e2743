"""A done task gives its picture as a link when req_json asks for it with return_url, else as base64."""

from __future__ import annotations

import json
from typing import Any

from ..model import Exchange
from .base import Check, Texts, gave_success, short

LISTS = {True: "image_urls", False: "binary_data_base64"}


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.step != "result" or not gave_success(exchange) or exchange.answer.data.get("status") != "done":
        return
    wants_link = options_of(exchange).get("return_url") is True
    wanted, other = (exchange.answer.data.get(LISTS[one]) for one in (wants_link, not wants_link))
    if not wanted:
        yield f"no picture in data.{LISTS[wants_link]} of a done task, though return_url was {wants_link}"
    if other and not wants_link:
        yield f"data.{LISTS[True]} of a done task is {short(other)}, though no link was asked for"


def options_of(exchange: Exchange) -> dict[str, Any]:
    """req_json of a request for a result, parsed; empty without one."""
    try:
        options = json.loads(json.loads(exchange.sent.body).get("req_json") or "{}")
    except (ValueError, TypeError, AttributeError):
        return {}
    return options if isinstance(options, dict) else {}


CHECK = Check("task_picture_where_asked", "a done task gives its picture where req_json asks for it",
              "V-tasks-result, P-seen-tasks", check, grade="prose")  # fmt: skip
