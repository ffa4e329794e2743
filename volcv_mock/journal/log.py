"""One line per call on standard error, as text or as JSON; never a key.

Control characters in a client's text are escaped, so it cannot begin a new line or control a terminal.
When standard error is closed or not read, lines are lost; no answer is delayed.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, Protocol

from volcv_mock.journal.entries import Entry

Mode = Literal["text", "json", "off"]


class Stream(Protocol):
    """What a line is written to: a text stream, or a BackgroundWriter."""

    def write(self, text: str, /) -> int:
        """Write a text, as files do."""

    def flush(self) -> None:
        """Write out what is buffered."""


MAX_REASON = 300
_quoted = json.JSONEncoder(ensure_ascii=False).encode


class CallLog:
    """Writes to standard error as it is at that moment, or to the stream given."""

    def __init__(self, mode: Mode = "off", stream: Stream | None = None) -> None:
        self.mode = mode
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, entry: Entry) -> None:
        """The line of a call that is over."""
        if self.mode != "off":
            self._print(json.dumps(summary(entry)) if self.mode == "json" else line(entry))

    def write_message(self, text: str) -> None:
        """A line that is about no call: a file reloaded, a setting refused."""
        self._print(json.dumps({"message": text}) if self.mode == "json" else escaped(text))

    def _print(self, text: str) -> None:
        stream: Stream = self._stream or sys.stderr
        try:
            with self._lock:
                stream.write(text + "\n")
                stream.flush()
        except (OSError, ValueError, AttributeError):  # closed, full, or none at all (pythonw)
            return


def line(entry: Entry) -> str:
    """`time status code req_key delay client call`, then further facts. Status and code are what the client received;
    "-" when it received none."""
    delay_s = entry.planned_delay_s if entry.delay_s is None else entry.delay_s
    status = "-" if entry.status is None else str(entry.status)
    code = _received(entry) if entry.has_arrived else "-"
    words = [entry.time, status, code, entry.req_key or entry.action or "-", f"{delay_s:.3f}s",
             entry.client, f"call={entry.id}", *_remarkable(entry)]  # fmt: skip
    return escaped(" ".join(words))


def summary(entry: Entry) -> dict[str, Any]:
    """The same as JSON: a flat object, the whole entry is at /_mock/calls/<id>."""
    names = ("time", "id", "scope", "number", "endpoint", "remote", "key", "req_key", "status", "code", "row",
             "request_id", "trace_id", "delivered", "decided_status", "decided_code")  # fmt: skip
    told: dict[str, Any] = {name: getattr(entry, name) for name in names}
    told |= {"planned_delay_s": entry.planned_delay_s, "delay_s": entry.delay_s, "client": entry.client}
    return told | {"fired": [_asked(each) for each in entry.fired], "reason": reason(entry), "notes": list(entry.notes)}


def reason(entry: Entry) -> str:
    """Why it was refused: the first problem decides."""
    if not entry.problems:
        return ""
    first = entry.problems[0]
    said = f"{first['where']}: {first['found']}; wanted {first['wanted']} (rule {first['rule']})"
    return said if len(said) <= MAX_REASON else said[: MAX_REASON - 3] + "..."


def escaped(text: str) -> str:
    """On one line, whatever the text holds."""
    if text.isprintable():  # spares the search: a log line is written for every call
        return text
    return _unprintable().sub(lambda found: f"\\u{ord(found[0]):04x}", text)


@cache
def _unprintable() -> re.Pattern[str]:
    """Control characters, and those that turn the direction of a line or hide in it. Compiled when there is one: the
    start of the server is not the time."""
    return re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def _received(entry: Entry) -> str:
    return str(entry.code) if entry.is_passed_on else _decided(entry)


def _decided(entry: Entry) -> str:
    code = entry.row if entry.decided_code is None else str(entry.decided_code)
    return f"{code}({entry.algorithm_status})" if entry.algorithm_status else code


def _remarkable(entry: Entry) -> list[str]:
    words = [] if entry.has_arrived else [f"delivered={entry.delivered}"]
    words += [f"decided={_decided(entry)}"] if entry.is_passed_on or not entry.has_arrived else []
    words += [] if entry.scope == "default" else [f"scope={entry.scope}"]
    words += [f"key={entry.key}"] if entry.key else []
    words += ["fired=" + ",".join(map(_asked, entry.fired))] if entry.fired else []
    words += [f"trace={entry.trace_id}"] if entry.trace else []
    words += [f"reason={_quoted(reason(entry))}"] if entry.problems else []
    return words + [f"note={_quoted(note)}" for note in entry.notes[:3]]


def _asked(fired: Mapping[str, str]) -> str:
    return f"{fired['rule_id'] or fired['origin']}:{fired['name']}"
