"""The shape of an answer: what two answers must share when ids, times and pixels may differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..model import Exchange

Severity = Literal["error", "warn", "info"]


@dataclass(frozen=True)
class ShapeDifference:
    """One place where two shapes part."""

    where: str
    one: str
    other: str
    severity: Severity

    def __str__(self) -> str:
        return f"{self.where}: {self.one} against {self.other}"


def shape_of(exchange: Exchange) -> dict[str, Any]:
    """HTTP status, code, message, the tree of types, and the picture's facts."""
    answer, facts = exchange.answer, exchange.picture_facts
    error = (answer.members.get("ResponseMetadata") or {}).get("Error") or {}
    return {
        "http": answer.status,
        "code": answer.code,
        "message": answer.members.get("message", error.get("Message", "")),
        "content-type": (answer.header("content-type") or "").partition(";")[0],
        "members": _tree(answer.document),
        "picture": [facts.format, facts.mode, list(facts.size)] if facts else None,
    }


def _tree(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _tree(item) for name, item in sorted(value.items())}
    if isinstance(value, list):
        return [_tree(value[0])] if value else []
    return {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}.get(
        type(value), "other"
    )


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[ShapeDifference]:
    """Where two shapes part, the gravest first."""
    found = [
        ShapeDifference(name, str(one[name]), str(other[name]), _severity(name))
        for name in ("http", "code", "message", "content-type", "picture")
        if one[name] != other[name]
    ]
    found += _tree_differences("$", one["members"], other["members"])
    return sorted(found, key=lambda difference: ("error", "warn", "info").index(difference.severity))


def _severity(name: str) -> Severity:
    return "warn" if name == "message" else "error"


def _tree_differences(where: str, one: Any, other: Any) -> Iterator[ShapeDifference]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            here = f"{where}.{name}"
            if name not in one:
                yield ShapeDifference(here, "absent", "present", "error")
            elif name not in other:
                yield ShapeDifference(here, "present", "absent", "warn")
            else:
                yield from _tree_differences(here, one[name], other[name])
    elif one != other and not (isinstance(one, list) and isinstance(other, list) and (not one or not other)):
        yield ShapeDifference(where, str(one), str(other), "error")
