"""Two measurements beside each other, in words."""

from __future__ import annotations

from collections.abc import Sequence

from volcv_mock.recording.readings_file import Measured, ReadingsFile


def is_same(one: Measured, other: Measured) -> bool:
    """Whether two measurements found the same."""
    return (one.alternative, dict(one.details)) == (other.alternative, dict(other.details))


def changed(before: ReadingsFile, now: ReadingsFile) -> list[str]:
    """A line for each point whose alternative or answer changed, with both values and both recordings."""
    lines = []
    for name, new in now.entries.items():
        old = before.entries.get(name)
        if old and not is_same(old, new):
            lines.append(f"{name}: {_one(old)} became {_one(new)}")
    return lines


def vanished(name: str, old: Measured, why: str, evidence: Sequence[str]) -> str:
    """A line for a point whose answer fits no alternative any more, with both recordings."""
    return f"{name}: {_one(old)} became: {why} ({', '.join(evidence) or 'no recording'})"


def _one(entry: Measured) -> str:
    details = "".join(f", {name} {value!r}" for name, value in entry.details.items())
    when = f" on {entry.measured.isoformat()}" if entry.measured else ""
    return f"{entry.alternative}{details}{when} ({', '.join(entry.evidence) or 'no recording'})"


def contradictions(found: ReadingsFile) -> list[str]:
    """A line for each reading that contradicts what a document states: drift."""
    return [f"{name}: {entry.alternative} contradicts {', '.join(entry.contradicts)}"
            for name, entry in found.entries.items() if entry.contradicts]  # fmt: skip
