"""The history of a target: one line of JSON per run, in `history.jsonl` of the report folder.

The last line of a target also carries what is known of each obligation: its last verdict, the day it was
last judged, and the nights in a row in which it was planned and not judged. Earlier lines keep the scores only.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from volcv_mock.recording.lock import lock

from ..runner.verdicts import Result
from .not_judged import replace_text
from .prune import kept_rows

HISTORY, LOCK = "history.jsonl", ".report.lock"
STATE = ("known", "judged_on", "unjudged", "since")


class BadReport(Exception):
    """A file of the report folder cannot be read or written. Nothing was sent."""


@dataclass(frozen=True)
class Known:
    """What earlier runs found: by obligation its verdict, the date of its last judgement, the nights without one."""

    known: Mapping[str, str] = field(default_factory=dict)
    judged_on: Mapping[str, str] = field(default_factory=dict)
    unjudged: Mapping[str, int] = field(default_factory=dict)
    since: Mapping[str, list[str]] = field(default_factory=dict)
    """Checks that find drift: the date of the first night, and the case."""
    scores: tuple[float, ...] = ()
    date: str = ""
    """Of the last run."""

    def after(self, results: Iterable[Result], date: str) -> Known:
        """With the results of a run on `date`. Two runs of one day are one night."""
        found = list(results)
        known, judged_on, unjudged = dict(self.known), dict(self.judged_on), dict(self.unjudged)
        for result in (one for one in found if one.is_judged):
            known.update(dict.fromkeys(sorted(result.obligations), result.verdict))
            judged_on.update(dict.fromkeys(sorted(result.obligations), date))
        planned = frozenset[str]().union(*(one.obligations for one in found))
        for name in planned:
            unjudged[name] = self._nights(name, judged_on.get(name), date)
        counted = {name: count for name, count in sorted(unjudged.items()) if count}
        return Known(known, judged_on, counted, self._since(found, date), self.scores, date)

    def _since(self, results: list[Result], date: str) -> dict[str, list[str]]:
        """A drift lasts until the case that showed it first conforms."""
        conforming = {one.case_id for one in results if one.verdict == "conform"}
        since = {check: list(first) for check, first in self.since.items() if first[1] not in conforming}
        for finding in (one for result in results if result.verdict == "drift" for one in result.findings):
            if finding.severity == "error":
                since.setdefault(finding.check, [date, finding.case_id])
        return since

    def _nights(self, name: str, judged_on: str | None, date: str) -> int:
        if judged_on == date:
            return 0
        before = self.unjudged.get(name, 0)
        return max(before, 1) if self.date == date else before + 1


def known(path: Path, target: str) -> Known:
    """What the history says of a target. Raises BadReport for a line that is no row."""
    rows = [row for row in rows_of(path) if row["target"] == target]
    if not rows:
        return Known()
    scores, date = tuple(row["score"] for row in rows), str(rows[-1]["date"])
    return Known(**{name: rows[-1].get(name, {}) for name in STATE}, scores=scores, date=date)


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a history file, oldest first; none if there is no file."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    return [_row(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def _row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
        if _is_sound(row):
            return dict(row)
    except (ValueError, AttributeError, KeyError, TypeError):
        pass
    raise BadReport(f"line {number} of {path} is no row of a history; delete that line, or the file")


def _is_sound(row: Mapping[str, Any]) -> bool:
    """Whether a row can be used after the run too, when it is too late to say that it cannot."""
    since = [(date, case) for date, case in row.get("since", {}).values()]
    dates = (row["date"], *row.get("judged_on", {}).values(), *(date for date, _ in since))
    numbers = (row["score"], *row.get("unjudged", {}).values())
    return (
        isinstance(row["target"], str)
        and all(isinstance(row.get(name, {}), dict) for name in STATE)
        and all(isinstance(number, int | float) for number in numbers)
        and all(dt.date.fromisoformat(date) for date in dates)
    )


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two runs that write one report folder do so one after the other: each keeps the history of the other."""
    with (folder / LOCK).open("a+b") as file:
        lock(file)
        yield


def append(path: Path, row: Mapping[str, Any], state: Known) -> None:
    """Add a row with the state; earlier rows of its target lose theirs. The file is replaced at once or not at all."""
    earlier = [_without_state(one, row["target"]) for one in rows_of(path)]
    last = {**row, **{name: getattr(state, name) for name in STATE}}
    replace_text(path, "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in (*earlier, last)))


def keep_recordings(path: Path, target: str, names: Iterable[str], nights: int) -> list[dict[str, Any]]:
    """Note what the last run of a target recorded, and let go of what nights before the last `nights` did."""
    rows = rows_of(path)
    last = max((number for number, row in enumerate(rows) if row["target"] == target), default=-1)
    if last >= 0:
        rows[last]["recordings"] = sorted(names)
    rows = kept_rows(rows, nights)
    replace_text(path, "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows))
    return rows


def _without_state(row: dict[str, Any], target: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if row["target"] != target or name not in STATE}
