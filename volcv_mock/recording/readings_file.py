"""The file format of readings: what `calibrate` writes and `--readings` reads. TOML, one table per point.

    version = 1

    [mask-size]
    alternative = "resize"
    measured = 2026-11-27
    confidence = "1 of 1"
    evidence = ["calibrate-mask-size-request-1f0c.json"]

Which points and alternatives exist is not known here: the caller checks each entry. Nothing of the mock is imported.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VERSION = 1
LARGEST_BYTES = 4_000_000
DETAILS = ("http_status", "code", "name", "message")
"""What may be measured of an answer beside its alternative."""
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "alternative": str, "measured": dt.date, "confidence": str, "evidence": list, "observed": str, "contradicts": list,
    "http_status": int, "code": int, "name": str, "message": str,
}  # fmt: skip
_TABLE = re.compile(r"\s*\[\s*\"?([A-Za-z0-9_.-]+)\"?\s*\]")
_AT_LINE = re.compile(r"line (\d+)")


class BadReadings(ValueError):
    """The file cannot be used. The message names the file, the line and the entry; nothing of it was applied."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One entry: the alternative of a point, when and how it was measured, and details of the answer."""

    alternative: str
    measured: dt.date | None = None
    confidence: str = ""
    evidence: tuple[str, ...] = ()
    observed: str = ""
    contradicts: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True)
class ReadingsFile:
    """The entries by the id of their point, and `untold`: what could not be told, by point, with the reason."""

    entries: Mapping[str, Measured]
    untold: Mapping[str, str] = field(default_factory=dict)
    target: str = ""


def read(path: Path) -> ReadingsFile:
    """The file. Raises BadReadings."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadReadings(f"{path}: {error.strerror or error}") from None
    if len(data) > LARGEST_BYTES:
        raise BadReadings(f"{path}: {len(data)} bytes; wanted at most {LARGEST_BYTES}")
    try:
        text = data.decode("utf-8-sig")  # editors on Windows begin a file with a byte order mark
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise BadReadings(f"{path}: byte {error.start} is not UTF-8") from None
    except RecursionError:
        raise BadReadings(f"{path}: nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        raise BadReadings(f"{path}:{found[1] if found else text.count(chr(10)) + 1}: {error}") from None
    return _checked(path, text, document)


def _checked(path: Path, text: str, document: Mapping[str, Any]) -> ReadingsFile:
    rest = dict(document)
    version = rest.pop("version", None)
    if version != VERSION or isinstance(version, bool):
        raise BadReadings(f"{path}:{_line(text, 'version')}: version = {version!r}; wanted {VERSION}")
    untold, target = rest.pop("untold", {}), rest.pop("target", "")
    if not isinstance(untold, dict) or not all(isinstance(why, str) for why in untold.values()):
        raise BadReadings(f"{path}:{_line(text, 'untold')}: untold; wanted a table from points to reasons")
    if not isinstance(target, str):
        raise BadReadings(f"{path}:{_line(text, 'target')}: target = {target!r}; wanted text")
    return ReadingsFile({name: _entry(path, text, name, raw) for name, raw in rest.items()}, untold, target)


def _entry(path: Path, text: str, name: str, raw: Any) -> Measured:
    line = _line(text, name)
    if not isinstance(raw, dict):
        raise BadReadings(f"{path}:{line}: {name} = {raw!r:.80}; wanted a table, [{name}] with an alternative")
    for key, value in raw.items():
        if key not in _KINDS:
            raise BadReadings(f"{path}:{line}: {name}.{key} is unknown; permitted: {', '.join(_KINDS)}")
        if not _fits(value, _KINDS[key]):
            raise BadReadings(f"{path}:{line}: {name}.{key} = {value!r:.80}; wanted {_WORDS[_KINDS[key]]}")
    if "alternative" not in raw:
        raise BadReadings(f"{path}:{line}: {name} has no alternative")
    details = {key: raw[key] for key in DETAILS if key in raw}
    return Measured(
        raw["alternative"], raw.get("measured"), raw.get("confidence", ""), tuple(map(str, raw.get("evidence", ()))),
        raw.get("observed", ""), tuple(map(str, raw.get("contradicts", ()))), details, line,
    )  # fmt: skip


_WORDS: Mapping[Any, str] = {str: "text", dt.date: "a date", list: "a list", int: "a whole number"}


def _fits(value: Any, kind: type | tuple[type, ...]) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _line(text: str, name: str) -> int:
    """The line of a table's header, or of a key at the top; 1 when it is written in another way."""
    for number, row in enumerate(text.splitlines(), 1):
        header = _TABLE.match(row)
        if (header and header[1] == name) or re.match(rf"\s*\"?{re.escape(name)}\"?\s*[=.]", row):
            return number
    return 1


def written(file: ReadingsFile, heading: Iterable[str] = ()) -> str:
    """The file as text; reading it gives the same entries."""
    lines = [*(f"# {line}" for line in heading), f"version = {VERSION}"]
    lines += [f"target = {_quoted(file.target)}"] if file.target else []
    for name, entry in file.entries.items():
        lines += ["", f"[{name}]", *_members(entry)]
    if file.untold:
        lines += ["", "[untold]", *(f"{name} = {_quoted(why)}" for name, why in file.untold.items())]
    return "\n".join(lines) + "\n"


def _members(entry: Measured) -> Iterable[str]:
    yield f"alternative = {_quoted(entry.alternative)}"
    for key, value in entry.details.items():
        yield f"{key} = {_quoted(value) if isinstance(value, str) else value}"
    if entry.observed:
        yield f"observed = {_quoted(entry.observed)}"
    if entry.measured:
        yield f"measured = {entry.measured.isoformat()}"
    if entry.confidence:
        yield f"confidence = {_quoted(entry.confidence)}"
    for key, values in (("evidence", entry.evidence), ("contradicts", entry.contradicts)):
        if values:
            yield f"{key} = [{', '.join(map(_quoted, values))}]"


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(c, c if c.isprintable() else _escaped(c)) for c in text) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    return "\\uFFFD" if 0xD800 <= code <= 0xDFFF else f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
