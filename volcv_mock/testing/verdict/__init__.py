"""The verdict: how the client behaved, as far as the wire shows it.

    verdict = judge(world)
    verdict.findings, verdict.not_observable, str(verdict)

One file per kind of finding, listed in JUDGES; a new kind is a file and its line there. What only the
app's own screen shows is listed as not observable, unless a test says it (statements.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from volcv_mock import contract
from volcv_mock.testing.verdict import (
    gave_up,
    key_in_clear,
    mask_as_jpeg,
    mask_inverted,
    no_back_off,
    no_fallback,
    no_read_timeout,
    retried_auth_error,
    retried_refusal,
    retry_storm,
    upload_too_large,
    url_never_fetched,
)
from volcv_mock.testing.verdict.base import Evidence, Finding, Judge, Open
from volcv_mock.testing.verdict.statements import note_shown, open_questions, shown_for
from volcv_mock.world import DEFAULT_SCOPE, World

__all__ = ["JUDGES", "NAMES", "Evidence", "Finding", "Open", "Verdict", "judge", "note_shown", "verdict_of"]

JUDGES: tuple[tuple[str, Judge], ...] = (
    (retried_refusal.NAME, retried_refusal.judge),
    (retried_auth_error.NAME, retried_auth_error.judge),
    (retry_storm.NAME, retry_storm.judge),
    (no_back_off.NAME, no_back_off.judge),
    (gave_up.NAME, gave_up.judge),
    (no_read_timeout.NAME, no_read_timeout.judge),
    (no_fallback.NAME, no_fallback.judge),
    (mask_as_jpeg.NAME, mask_as_jpeg.judge),
    (mask_inverted.NAME, mask_inverted.judge),
    (upload_too_large.NAME, upload_too_large.judge),
    (url_never_fetched.NAME, url_never_fetched.judge),
    (key_in_clear.NAME, key_in_clear.judge),
)
NAMES = tuple(name for name, _ in JUDGES)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Findings, the gravest first, and what nobody can tell from the wire."""

    calls: int
    findings: tuple[Finding, ...]
    not_observable: tuple[Open, ...]

    @property
    def is_resilient(self) -> bool:
        """No finding of severity `error`."""
        return not any(finding.severity == "error" for finding in self.findings)

    def demand(self, ignore: Sequence[str] = ()) -> None:
        """AssertionError with every error that is not ignored; TypeError for a name that is none."""
        for name in ignore:
            if name not in NAMES:
                near = contract.nearest(str(name), NAMES)
                hint = f" Did you mean {near!r}?" if near else ""
                raise TypeError(f"unknown finding {name!r}; permitted: {', '.join(NAMES)}.{hint}")
        errors = [each for each in self.findings if each.severity == "error" and each.name not in ignore]
        if errors:
            rest = [each for each in self.findings if each not in errors]
            told = map(str, (*errors, *rest, *self.not_observable))
            raise AssertionError("\n".join(["the client is not resilient:", *told]))

    def to_dict(self) -> dict[str, Any]:
        """As /_mock/verdict tells it."""
        return {
            "calls": self.calls,
            "is_resilient": self.is_resilient,
            "findings": [finding.to_dict() for finding in self.findings],
            "not_observable": [question.to_dict() for question in self.not_observable],
        }

    def __str__(self) -> str:
        lines = [*map(str, self.findings), *map(str, self.not_observable)]
        return "\n".join(lines) or f"nothing found in {self.calls} calls"


def judge(world: World, scope: str = DEFAULT_SCOPE) -> Verdict:
    """The verdict on the calls that the journal still holds."""
    calls = world.journal.entries(scope)
    shown = shown_for(world, calls)
    evidence = Evidence(calls, world.pictures.reads, shown)
    findings = [finding for _, each in JUDGES for finding in each(evidence)]
    findings.sort(key=lambda finding: finding.severity)
    return Verdict(len(calls), tuple(findings), tuple(open_questions(calls, shown)))


def verdict_of(world: World, scope: str = DEFAULT_SCOPE) -> dict[str, Any]:
    """The document of /_mock/verdict."""
    return judge(world, scope).to_dict()
