"""The mode `diff`: what the mock would have answered, compared with what the upstream answered.

Values that differ by nature are left out: ids, times, and the picture itself, of which only facts are compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from volcv_mock.delivery import Incoming, Reply
from volcv_mock.imaging import probe
from volcv_mock.imaging.changed import changed_outside
from volcv_mock.imaging.decode import Undecodable, Unreadable, decode, decode_mask
from volcv_mock.model import Job, Painted, Picture
from volcv_mock.recording.redact import masked
from volcv_mock.upstream import answers
from volcv_mock.upstream.difference_log import Difference

CLOSE_SHARE = 0.02
"""Shares of changed area that differ by less are not reported."""

_UNDECODABLE = (Undecodable, Unreadable, OSError, ValueError, SyntaxError)


def compare(mock: Reply, incoming: Incoming, job: Job | None, secrets: tuple[str, ...] = ()) -> tuple[Difference, ...]:
    """Every difference between the mock's reply and the upstream's answer to the same request, with `secrets` masked.
    """
    ours = answers.read(Incoming(mock.status, mock.headers, b"".join(mock.body)))
    theirs = answers.read(incoming, secrets)
    facts = {
        "status": (mock.status, incoming.status),
        "code": (ours.row.code or ours.row.id, theirs.row.code or theirs.row.id),
        "message": (ours.message, theirs.message),
        "envelope": (envelope(ours.document), envelope(theirs.document)),
        "algorithm_status": (ours.algorithm_status, theirs.algorithm_status),
    }
    found = [Difference(what, *pair) for what, pair in facts.items() if pair[0] != pair[1]]
    found += _shape(ours.document, theirs.document)
    found += _pictures(ours.painted, theirs.painted, job)
    return tuple(replace(each, what=masked(each.what, secrets)) for each in found)


def envelope(document: Any) -> str:
    """Which of the three envelopes a document is, or `other`."""
    if not isinstance(document, Mapping):
        return "other"
    names = {"ResponseMetadata": "gateway", "error": "proxy", "code": "service"}
    return next((name for member, name in names.items() if member in document), "other")


def _shape(ours: Any, theirs: Any) -> Iterator[Difference]:
    """Members that only one has, and members of another type; not what is inside of those."""
    mine, other = dict(_types(ours)), dict(_types(theirs))
    differing = {path for path in mine.keys() | other.keys() if mine.get(path) != other.get(path)}
    for path in sorted(path for path in differing if not any(inside(path, outer) for outer in differing)):
        if path not in mine or path not in other:
            yield Difference(f"members.{path}", mine.get(path, "absent"), other.get(path, "absent"))
        else:
            yield Difference(f"types.{path}", mine[path], other[path])


def inside(path: str, outer: str) -> bool:
    """Whether a path leads to a part of what another path leads to."""
    return path != outer and path.startswith((f"{outer}.", f"{outer}[]"))


def _types(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if path:
        yield path, _TYPES.get(type(value), "null")
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _types(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list) and value:
        yield from _types(value[0], f"{path}[]")


_TYPES: Mapping[type, str] = {
    bool: "boolean", int: "number", float: "number", str: "text", dict: "object", list: "list",
}  # fmt: skip


def _pictures(ours: Painted | None, theirs: Painted | None, job: Job | None) -> Iterator[Difference]:
    if ours is None or theirs is None:
        return
    mine, other = _facts(ours.data), _facts(theirs.data)
    yield from (Difference(f"picture.{name}", mine[name], other[name]) for name in mine if mine[name] != other[name])
    shares = _shares(ours.data, theirs.data, job) if job else (None, None)
    if shares[0] is not None and shares[1] is not None and abs(shares[0] - shares[1]) > CLOSE_SHARE:
        yield Difference("picture.changed_outside_mask", round(shares[0], 4), round(shares[1], 4))


def _facts(data: bytes) -> dict[str, Any]:
    header = probe.read_header(data)
    return {"format": header.format, "size": f"{header.width} x {header.height}", "mode": header.mode}


def _shares(ours: bytes, theirs: bytes, job: Job) -> tuple[float | None, float | None]:
    """The shares of the area outside the mask that each changed; None where they cannot be compared."""
    picture = next((each for each in job.pictures if each.role == "picture"), None)
    mask = next((each for each in job.pictures if each.role == "mask"), None)
    if picture is None or mask is None:
        return None, None
    try:
        before, where = decode(picture), decode_mask(mask)
        mine, other = (decode(Picture("answer", data, _picture_facts(data))) for data in (ours, theirs))
    except _UNDECODABLE:
        return None, None
    return changed_outside(before, where, mine), changed_outside(before, where, other)


def _picture_facts(data: bytes) -> Any:
    return probe.facts_of(data, probe.read_header(data))


def to_text(differences: tuple[Difference, ...]) -> list[str]:
    """The differences as notes of the journal."""
    return [f"differs in {each.what}: mock {json.dumps(each.mock)[:200]}, upstream {json.dumps(each.upstream)[:200]}"
            for each in differences]  # fmt: skip
