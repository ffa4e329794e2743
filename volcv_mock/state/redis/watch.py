"""Listens to what other processes change, and shows every second that this one is alive. One thread.

A message may be lost: after each interruption, and every second, the scopes that somebody waits for are read again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from redis.exceptions import RedisError

from volcv_mock.state import StateUnavailable
from volcv_mock.state.redis.connection import FAST_S
from volcv_mock.state.redis.texts import text_of

EVERY_S = 1.0

TakeMessage = Callable[[str, Sequence[str]], None]


class Watch:
    """`take(kind, facts)` for each message, `beat()` every second; both in a thread of this object."""

    def __init__(self, connect: Callable[[], Any], channel: str, take: TakeMessage, beat: Callable[[], None],
                 monotonic: Callable[[], float]) -> None:  # fmt: skip
        self._connect = connect
        self._channel = channel
        self._take = take
        self._beat = beat
        self._monotonic = monotonic
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="volcv-mock state", daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def close(self, wake: Callable[[], object]) -> None:
        """End the thread, which `wake` sends a message."""
        self._ended.set()
        self._try(wake)
        self._thread.join(EVERY_S * 2)

    def _run(self) -> None:
        while not self._ended.is_set():
            connection = self._connect()
            try:
                connection.send_command("SUBSCRIBE", self._channel)
                connection.read_response()
                self._try(partial(self._take, "changed", [""]))  # what was told meanwhile is lost
                self._listen(connection)
            except (RedisError, OSError):
                self._ended.wait(FAST_S)
            finally:
                connection.disconnect()

    def _listen(self, connection: Any) -> None:
        due_s = 0.0
        while not self._ended.is_set():
            now_s = self._monotonic()
            if now_s >= due_s:
                self._try(self._beat)
                due_s = now_s + EVERY_S
            if connection.can_read(timeout=max(0.01, due_s - now_s)):
                message = connection.read_response()
                if isinstance(message, list) and message[0] == b"message":
                    kind, *facts = text_of(message[2]).split("\n")
                    self._try(partial(self._take, kind, facts))

    @staticmethod
    def _try(work: Callable[[], object]) -> None:
        try:
            work()
        except StateUnavailable:
            return  # the next second is another try
