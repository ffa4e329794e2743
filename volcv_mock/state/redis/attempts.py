"""The attempt before a retry, as Redis keeps it: written with each entry and each end, read with the entry after it.

The scripts put the name of the call in flight before it, and `true` after its numbers when its end was written after
the retry had begun (lua/close.lua).
"""

from __future__ import annotations

from typing import Any

from volcv_mock.journal import retry_of
from volcv_mock.journal.entries import Entry
from volcv_mock.state.redis.texts import text_of

SKEW_S = 0.005
"""How far the clocks of two processes may be apart."""


def attempt_text(entry: Entry, ended_s: float | None) -> bytes:
    """JSON by hand, at a fifth of the price: an id of hex digits and numbers."""
    code = f'"{entry.code}"' if isinstance(entry.code, str) else entry.code  # a reseller's: a word of its profile
    numbers = f"{code},{entry.status},{entry.time_s},{ended_s}".replace("None", "null")
    return f'["{entry.id}",{numbers}]'.encode()


def retry_in(entry: Entry, before: bytes) -> dict[str, Any] | None:
    """The attempt before this one, and how long the client waited since its end.

    An end that was written after this attempt had begun precedes it all the same, unless the times say otherwise.
    """
    if not before:
        return None
    call_id, code, status, _, ended, *is_late = before.split(b"\n", 1)[1][1:-1].split(b",")  # as attempt_text writes it
    ended_s = None if ended == b"null" else float(ended)
    if is_late and ended_s is not None and entry.time_s < ended_s - SKEW_S:
        ended_s = None
    return retry_of(entry, text_of(call_id[1:-1]), _code(code), _whole(status), ended_s)


def _code(text: bytes) -> int | str | None:
    return text_of(text[1:-1]) if text.startswith(b'"') else _whole(text)


def _whole(text: bytes) -> int | None:
    return None if text == b"null" else int(text)
