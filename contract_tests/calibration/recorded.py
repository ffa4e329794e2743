"""What recordings tell that no probe has asked for: every success shows how answers look, and 201304 where it stands.

Any folder will do: a night's, or what `serve --mode record` wrote of a test suite.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from volcv_mock.recording.readings_file import Measured

from .. import contract
from ..model import Exchange
from . import observe

SHOWN_BY_ANY = frozenset({"empty_list", "has_algorithm", "quality", "subsampling", "ghost_face"})
"""Observations that mean the same whatever was asked for."""
NAMED = 3
"""Recordings that an entry names."""


def shown_by_any() -> Mapping[str, Mapping[str, Any]]:
    """Point -> alternative -> what an answer then shows."""
    found = {}
    for row in contract.read("divergences.json")["rows"]:
        answers = {one["id"]: one["answer"] for one in row.get("alternatives", ()) if "answer" in one}
        if answers and all(isinstance(one, dict) and one.keys() <= SHOWN_BY_ANY for one in answers.values()):
            found[row["id"]] = answers
    return found


def told_by_any(exchanges: Iterable[tuple[str, Exchange]], today: dt.date) -> dict[str, Measured]:
    """The alternatives that most of the recordings show, by point, with N of M as confidence."""
    votes: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for file, exchange in exchanges:
        for name, answers in shown_by_any().items():
            for alternative in _fitting(exchange, answers):
                votes[name][alternative].append(file)
    return {name: _entry(found, today) for name, found in votes.items()}


def _fitting(exchange: Exchange, answers: Mapping[str, Any]) -> list[str]:
    return [name for name, pattern in answers.items() if observe.holds(pattern, lambda _: exchange)][:1]


def _entry(found: Mapping[str, list[str]], today: dt.date) -> Measured:
    alternative, files = max(found.items(), key=lambda item: len(item[1]))
    confidence = f"{len(files)} of {sum(map(len, found.values()))}"
    return Measured(alternative, today, confidence, tuple(files[:NAMED]), "seen in recordings of other requests")
