"""Deviations that only requests in flight at the same time show."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from .base import AnswerChange, Memory, Message, Mutant

WAIT_S = 0.03
"""How long a request waits for company: long enough for threads that were started together."""


class Crowd:
    """Counts the requests in flight. `first` is the first success of a crowd."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._is_crowd = False
        self.first: Message | None = None

    def enter(self) -> None:
        """Count a request, and wait a moment for others."""
        with self._changed:
            self._count += 1
            self._is_crowd = self._is_crowd or self._count > 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_crowd, WAIT_S)

    def leave(self, reply: Message) -> Message | None:
        """None when the request was alone; in a crowd the first success, or this reply."""
        with self._changed:
            was_crowd = self._is_crowd
            if was_crowd and reply.is_success and self.first is None:
                self.first = reply
            first = self.first or reply
            self._count -= 1
            if not self._count:
                self._is_crowd, self.first = False, None
            return first if was_crowd else None


def enter(asked: Message, memory: Memory) -> Message:
    """Pass a request on once others are in flight, or after a moment."""
    if asked.method == "POST":
        memory.setdefault("crowd", Crowd()).enter()
    return asked


def in_crowds(change: Callable[[Message, Message], Message]) -> AnswerChange:
    """`change` gets a reply and the first success among those in flight."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        first = memory["crowd"].leave(reply) if asked.method == "POST" else None
        return reply if first is None else change(reply, first)

    return answer


def _picture_of_first(reply: Message, first: Message) -> Message:
    if not reply.is_success or not first.is_success or "binary_data_base64" not in first.data:
        return reply
    return reply.with_data(binary_data_base64=first.data["binary_data_base64"])


def _id_of_first(reply: Message, first: Message) -> Message:
    return reply.with_members(request_id=first.members["request_id"]) if reply.is_success else reply


def _status_200(reply: Message, first: Message) -> Message:
    return replace(reply, status=200) if reply.is_refusal else reply


CROWDS = (
    Mutant("pictures shared between requests in flight", ("CC-pair", "CC-crowd"), enter, in_crowds(_picture_of_first)),
    Mutant("request ids shared between requests in flight", ("request_id_is_new",), enter, in_crowds(_id_of_first)),
    Mutant("HTTP 200 for refusals under load", ("http_status_matches", "success_is_http_200"), enter,
           in_crowds(_status_200)),
)  # fmt: skip
