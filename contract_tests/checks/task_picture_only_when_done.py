"""Only a done task has a picture: a client that finds one earlier would show something unfinished."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts, gave_success, short

LISTS = ("binary_data_base64", "image_urls", "video_url")


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    status = exchange.answer.data.get("status")
    if exchange.step != "result" or not gave_success(exchange) or status == "done":
        return
    for name in LISTS:
        if found := exchange.answer.data.get(name):
            yield f"a task that is {short(status)} has data.{name} {short(found)}"


CHECK = Check("task_picture_only_when_done", "a task has a picture once it is done, not before",
              "V-tasks-statuses, P-seen-tasks", check, grade="prose")  # fmt: skip
