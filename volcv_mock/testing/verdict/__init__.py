"""The verdict: how the client behaved, as far as its requests show it.

    verdict = audit(world)
    verdict.findings, verdict.not_observable, str(verdict)

Each kind of finding has one module, listed in AUDITS. Behaviour that only the screen of the app shows is listed as
not observable, unless a test states it (statements.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from volcv_mock import contract
from volcv_mock.scope import DEFAULT_SCOPE
from volcv_mock.testing.rules import unused_rules
from volcv_mock.testing.verdict import (
    gave_up,
    ignores_lost_task,
    ignores_task_code,
    key_in_clear,
    mask_as_jpeg,
    mask_inverted,
    mask_marks_nothing,
    no_back_off,
    no_fallback,
    no_read_timeout,
    polls_after_done,
    polls_too_often,
    resubmits,
    retried_auth_error,
    retried_refusal,
    retry_storm,
    task_id_as_number,
    upload_too_large,
    url_never_fetched,
)
from volcv_mock.testing.verdict.base import Audit, Evidence, Finding, OpenQuestion, Severity, lines_of
from volcv_mock.testing.verdict.statements import SHOWN, open_questions, record_shown, shown_for
from volcv_mock.world import World

__all__ = ["AUDITS", "NAMES", "SHOWN", "Evidence", "Finding", "OpenQuestion", "Verdict", "audit", "record_shown",
           "verdict_of"]  # fmt: skip

AUDITS: tuple[tuple[str, Audit], ...] = (
    (retried_refusal.NAME, retried_refusal.audit),
    (retried_auth_error.NAME, retried_auth_error.audit),
    (retry_storm.NAME, retry_storm.audit),
    (no_back_off.NAME, no_back_off.audit),
    (gave_up.NAME, gave_up.audit),
    (no_read_timeout.NAME, no_read_timeout.audit),
    (no_fallback.NAME, no_fallback.audit),
    (mask_as_jpeg.NAME, mask_as_jpeg.audit),
    (mask_inverted.NAME, mask_inverted.audit),
    (mask_marks_nothing.NAME, mask_marks_nothing.audit),
    (upload_too_large.NAME, upload_too_large.audit),
    (url_never_fetched.NAME, url_never_fetched.audit),
    (key_in_clear.NAME, key_in_clear.audit),
    (polls_too_often.NAME, polls_too_often.audit),
    (polls_after_done.NAME, polls_after_done.audit),
    (ignores_lost_task.NAME, ignores_lost_task.audit),
    (ignores_task_code.NAME, ignores_task_code.audit),
    (task_id_as_number.NAME, task_id_as_number.audit),
    (resubmits.NAME, resubmits.audit),
)
NAMES = tuple(name for name, _ in AUDITS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings, errors first, the questions that the wire does not answer, and the rules that never fired."""

    calls: int
    findings: tuple[Finding, ...]
    not_observable: tuple[OpenQuestion, ...]
    unused_rules: tuple[str, ...] = ()

    @property
    def is_resilient(self) -> bool:
        """Whether there is no finding of severity `error`."""
        return not any(finding.severity == "error" for finding in self.findings)

    def findings_from(self, level: Severity) -> tuple[Finding, ...]:
        """The findings of a severity and of those above it."""
        return tuple(each for each in self.findings if level == "warning" or each.severity == "error")

    def assert_resilient(self, ignore: Sequence[str] = ()) -> None:
        """Raises AssertionError if there is an error that is not ignored, TypeError for an unknown name in `ignore`."""
        __tracebackhide__ = True
        for name in ignore:
            if name not in NAMES:
                near = contract.nearest(str(name), NAMES)
                hint = f" Did you mean {near!r}?" if near else ""
                raise TypeError(f"unknown finding {name!r}; permitted: {', '.join(NAMES)}.{hint}")
        errors = [each for each in self.findings if each.severity == "error" and each.name not in ignore]
        if errors:
            rest = [each for each in self.findings if each not in errors]
            lines = [*lines_of(errors), *lines_of(rest), *map(str, self.not_observable), *self.unused_rules]
            raise AssertionError("\n".join(["the client is not resilient:", *lines]))

    def to_dict(self) -> dict[str, Any]:
        """The document of /_mock/verdict."""
        return {
            "calls": self.calls,
            "is_resilient": self.is_resilient,
            "findings": [finding.to_dict() for finding in self.findings],
            "not_observable": [question.to_dict() for question in self.not_observable],
            "unused_rules": list(self.unused_rules),
        }

    def __str__(self) -> str:
        lines = [*lines_of(self.findings), *map(str, self.not_observable), *self.unused_rules]
        return "\n".join(lines) or f"no findings in {self.calls} calls"


def audit(world: World, scope: str = DEFAULT_SCOPE) -> Verdict:
    """Audit the client by the calls in the journal. Each scope is judged on its own: it is a client, or a test."""
    calls = world.journal.entries(scope)
    shown = shown_for(world, calls)
    scopes = [[call for call in calls if call.scope == name] for name in dict.fromkeys(call.scope for call in calls)]
    evidence = [Evidence(each, world.pictures.reads, shown) for each in scopes]
    findings = [finding for _, each in AUDITS for of_scope in evidence for finding in each(of_scope)]
    findings.sort(key=lambda finding: finding.severity)
    unused = tuple(unused_rules(world, scope).values())
    return Verdict(len(calls), tuple(findings), tuple(open_questions(calls, shown)), unused)


def verdict_of(world: World, scope: str = DEFAULT_SCOPE) -> dict[str, Any]:
    """The document of /_mock/verdict."""
    return audit(world, scope).to_dict()
