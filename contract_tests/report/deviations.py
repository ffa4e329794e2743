"""Known deviations: findings that were looked at and accepted for a while.

Each entry needs a reason, evidence and an expiry date; without one of them the file is refused, and an
expired entry accepts nothing any more.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from ..model import Finding
from ..paths import own
from ..runner.verdicts import Result

FIELDS = ("check", "case", "target", "reason", "evidence", "expires")


class BadDeviation(Exception):
    """An entry lacks what makes it answerable."""


@dataclass(frozen=True)
class Deviation:
    """One accepted finding: a check and the cases (a pattern) it is accepted for, on one target."""

    check: str
    case: str
    target: str
    reason: str
    evidence: str
    expires: dt.date

    def accepts(self, finding: Finding, target: str, today: dt.date) -> bool:
        """Whether this finding is the known one, and the deviation has not expired."""
        return (finding.check == self.check and fnmatchcase(finding.case_id, self.case) and self.target in ("*", target)
                and today <= self.expires)  # fmt: skip


def read(path: Path | None = None) -> tuple[Deviation, ...]:
    """The entries of the file; every one must carry all its fields."""
    path = path or own("report", "deviations.json")
    try:
        entries = json.loads(path.read_text(encoding="utf-8-sig"))["deviations"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadDeviation(f'{path} is no JSON of the form {{"deviations": [...]}}: {error}') from error
    return tuple(_entry(path, number, entry) for number, entry in enumerate(entries))


def _entry(path: Path, number: int, entry: dict[str, str]) -> Deviation:
    if lacking := [name for name in FIELDS if not entry.get(name)]:
        raise BadDeviation(f"{path}: deviation {number} lacks {', '.join(lacking)}; wanted {', '.join(FIELDS)}")
    try:
        expires = dt.date.fromisoformat(entry["expires"])
    except ValueError as error:
        raise BadDeviation(f"{path}: deviation {number}: expires is {entry['expires']!r}, wanted YYYY-MM-DD") from error
    check, case, target, reason, evidence = (entry[name] for name in FIELDS[:-1])
    return Deviation(check, case, target, reason, evidence, expires)


def apply(results: Iterable[Result], known: Sequence[Deviation], target: str, today: dt.date) -> list[Result]:
    """The results with accepted findings turned into remarks; the verdict follows."""
    return [_applied(result, known, target, today) for result in results]


def _applied(result: Result, known: Sequence[Deviation], target: str, today: dt.date) -> Result:
    findings = tuple(_softened(finding, known, target, today) for finding in result.findings)
    if result.verdict != "drift" or any(finding.severity == "error" for finding in findings):
        return replace(result, findings=findings)
    return replace(result, findings=findings, verdict="conform", reason="accepted deviation")


def _softened(finding: Finding, known: Sequence[Deviation], target: str, today: dt.date) -> Finding:
    for deviation in known:
        if deviation.accepts(finding, target, today):
            return replace(
                finding,
                severity="info",
                text=f"{finding.text} [accepted until {deviation.expires}: {deviation.reason}]",
            )
    return finding


def expired(known: Sequence[Deviation], today: dt.date) -> list[str]:
    """Entries whose time is over, in words."""
    return [
        f"the deviation for {one.check} on {one.case} expired on {one.expires}: {one.reason}"
        for one in known
        if one.expires < today
    ]
