"""The TOML file: read with line numbers, and watched for changes.

tomllib reports no line for a key, so `line_of` searches the text for it. What the keys mean is defined in
config_keys.py.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

Where = tuple[str | int, ...]
"""A place in the file: ("quotas", "in_flight"), or ("faults", 1, "code") in the second [[faults]]."""

Loaded = TypeVar("Loaded")

LARGEST_BYTES = 1_000_000
_HEADER = re.compile(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_WORD = re.compile(r"""[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'""")
_KEY = re.compile(rf"\s*((?:{_WORD.pattern})(?:\s*\.\s*(?:{_WORD.pattern}))*)\s*=")
_AT_LINE = re.compile(r"\s*\(at line (\d+), column (\d+)\)")


class BadFile(ValueError):
    """The file cannot be read or is not TOML. The message names the reason and, if known, the line."""


def read(path: Path) -> tuple[dict[str, Any], str]:
    """The tables of a file, and its text for `line_of`. Raises BadFile."""
    import tomllib  # lazy: start-up time without a file

    text = _text_of(path)
    try:
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        raise BadFile(_syntax_error(path, text, str(error))) from None
    except RecursionError:
        raise BadFile(f"{path}: nested too deep") from None


def line_of(text: str, where: Where) -> int:
    """The line of a key, from 1; that of the innermost table or key around it when it has no line of its own."""
    best, best_depth = 1, 0
    for line, place in _places(text):
        depth = len(place)
        if place == where[:depth] and depth > best_depth:
            best, best_depth = line, depth
    return best


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror or 'cannot be read'}") from None
    if len(data) > LARGEST_BYTES:
        raise BadFile(f"{path}: more than {LARGEST_BYTES} bytes; that is no settings file")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadFile(f"{path}:1: not UTF-8 but UTF-16, as PowerShell's > writes it; save the file as UTF-8")
    try:
        return data.decode("utf-8-sig")  # editors on Windows begin a UTF-8 file with a byte order mark
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}:{data.count(10, 0, error.start) + 1}: not UTF-8, which TOML requires") from None


def _syntax_error(path: Path, text: str, message: str) -> str:
    found = _AT_LINE.search(message)
    line = int(found[1]) if found else text.count("\n") + 1
    key = _KEY.match((*text.split("\n"), "")[line - 1])
    reason = _AT_LINE.sub("", message)
    if key and not _is_access_key(text, line):
        reason = f"{key[1]}: {reason}"
    return f"{path}:{line}: {reason}{f' in column {found[2]}' if found else ''}"


def _is_access_key(text: str, line: int) -> bool:
    """Whether the names in this line are access keys, which are not printed: those of the table [keys.access]."""
    headers = [place for row, place in _places(text) if row <= line and place[:1] == ("keys",)]
    return any(len(place) > 2 for place in headers[-1:])


def _places(text: str) -> list[tuple[int, Where]]:
    """Every table header and key of the text, with its line, in order."""
    places: list[tuple[int, Where]] = []
    counts: dict[Where, int] = {}
    table: Where = ()
    for line, row in _rows(text):
        header = _HEADER.match(row)
        if header:
            table = _table(header[1], header[2], counts)
            places.append((line, table))
            continue
        key = _KEY.match(row)
        if key:
            path = table + _words(key[1])
            places += [(line, path[:depth]) for depth in range(len(table) + 1, len(path) + 1)]
    return places


def _rows(text: str) -> list[tuple[int, str]]:
    """The lines outside multi-line strings."""
    rows, quote = [], ""
    for line, row in enumerate(text.splitlines(), 1):
        if not quote:
            rows.append((line, row))
        for mark in re.findall(r"\"\"\"|'''", row):
            quote = "" if mark == quote else quote or mark
    return rows


def _table(bracket: str, name: str, counts: dict[Where, int]) -> Where:
    """The place of a header; [faults.match] belongs to the last of the [[faults]]."""
    *outer, last = _words(name)
    place: Where = ()
    for word in outer:
        place = _latest((*place, word), counts)
    place = (*place, last)
    if bracket == "[[":
        counts[place] = counts.get(place, -1) + 1
    return _latest(place, counts)


def _latest(place: Where, counts: Mapping[Where, int]) -> Where:
    return (*place, counts[place]) if place in counts else place


def _words(dotted: str) -> tuple[str, ...]:
    return tuple(word.strip("\"'") for word in _WORD.findall(dotted))


class ConfigWatch(Generic[Loaded]):
    """Reloads a file after a change. The owner calls `tick` regularly, or runs `run` in a thread.

    A changed file is read when two consecutive ticks saw it in the same state, so that a half-written file is not
    read. A file that cannot be loaded is reported once and changes nothing.
    """

    def __init__(
        self,
        path: Path,
        load: Callable[[], Loaded],
        on_change: Callable[[Loaded], None],
        on_error: Callable[[str], None],
    ) -> None:
        self._path = path
        self._load = load
        self._on_change = on_change
        self._on_error = on_error
        self._is_poked = threading.Event()
        self._stamp = self._seen = _stamp(path)
        self._digest = _digest(path)

    def poke(self) -> None:
        """Reload at the next tick, whether changed or not. Safe in a signal handler (SIGHUP)."""
        self._is_poked.set()

    def tick(self) -> bool:
        """Check once. Returns True when new settings took effect."""
        stamp = _stamp(self._path)
        is_settled, self._seen = stamp == self._seen, stamp
        if self._is_poked.is_set():
            self._is_poked.clear()
            return self._reload(stamp)
        if stamp == self._stamp or not is_settled:
            return False
        if _digest(self._path) == self._digest:
            self._stamp = stamp
            return False
        return self._reload(stamp)

    def run(self, stop: threading.Event, every_s: float = 1.0) -> None:
        """Tick every `every_s` seconds until `stop` is set; the body of a thread."""
        while not stop.wait(0.1 if self._is_poked.is_set() else every_s):
            self.tick()

    def _reload(self, stamp: object) -> bool:
        self._stamp, self._digest = stamp, _digest(self._path)
        try:
            self._on_change(self._load())
        except (ValueError, OSError) as error:
            self._on_error(f"{error} (the current settings stay in effect)")
            return False
        return True


def _stamp(path: Path) -> object:
    try:
        facts = path.stat()
    except OSError:
        return None
    return (facts.st_mtime_ns, facts.st_size, facts.st_ino)


def _digest(path: Path) -> bytes:
    try:
        return hashlib.blake2b(path.read_bytes()).digest()
    except OSError:
        return b""
