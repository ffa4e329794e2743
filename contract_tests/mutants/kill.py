"""Runs the suite against a mutant and reports whether the expected check detected it.

Two suites: `full` has every case and relation and a few drawn examples, with all that the mock can do;
`live` is the plan of a whole round, with only what a paid target can do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import httpx
from hypothesis import HealthCheck, Phase, given, settings

from .. import contract
from ..generate import Violation, one_violation
from ..pictures.server import unpublished
from ..planning.cases import Case, expect_row
from ..planning.planned import live_cases, planned_cases
from ..runner.runner import Runner
from ..runner.verdicts import Result
from ..targets import Target
from ..targets.mock import CAN, KEY, transport
from .base import Mutant
from .registry import by_name
from .transport import MutantTransport

LIVE = frozenset({"paid"})
"""What a paid target can do, but for time: the mock behind the mutant answers at once."""
BASE = "http://127.0.0.1:8410"


@dataclass(frozen=True)
class Kill:
    """What a suite made of a mutant: the expected check that caught it, or what else was found."""

    mutant: str
    suite: str
    caught_by: str = ""
    others: tuple[str, ...] = ()

    @property
    def is_killed(self) -> bool:
        """Whether any check detected the mutant."""
        return bool(self.caught_by)


def run_against(mutant: Mutant, suite: str, inner: httpx.BaseTransport | None = None) -> Kill:
    """Run one suite until an expected check finds something, or to the end."""
    others: dict[str, None] = {}
    for name in _found(mutant, suite, inner or transport()):
        if name in mutant.caught_by:
            return Kill(mutant.name, suite, name, tuple(others))
        others[name] = None
    return Kill(mutant.name, suite, others=tuple(others))


def run_against_named(name: str, suite: str) -> Kill:
    """For a worker process: names travel, functions do not."""
    return run_against(by_name(name), suite)


def _found(mutant: Mutant, suite: str, inner: httpx.BaseTransport) -> Iterator[str]:
    """The names of checks and cases that find something, as they do."""
    runner = Runner(_target(mutant, suite, inner), publish=unpublished)
    for case in _in_order(mutant, _cases(suite)):
        if case.needs <= runner.target.capabilities:
            yield from _names(runner.run_one(case))
    if suite == "full":
        yield from _violations(runner)


def _names(result: Result) -> Iterator[str]:
    """A warning counts: it is in the report."""
    yield from (finding.check for finding in result.findings)
    if any(finding.check == "answers_as_expected" for finding in result.findings):
        yield result.case_id


def _cases(suite: str) -> Sequence[Case]:
    return planned_cases() if suite == "full" else live_cases(LIVE)


def _in_order(mutant: Mutant, cases: Iterable[Case]) -> list[Case]:
    """The cases that should catch it first: the verdict is the same, the wait is shorter."""
    return sorted(cases, key=lambda case: case.id not in mutant.caught_by)


def _target(mutant: Mutant, suite: str, inner: httpx.BaseTransport) -> Target:
    capabilities = (CAN - {"reaches_loopback"}) if suite == "full" else LIVE
    client = httpx.Client(transport=MutantTransport(inner, mutant), base_url=BASE, timeout=60)
    return Target("mutant", client, "/volcv/v1", capabilities, {"Authorization": f"Bearer {KEY}"}, secrets=(KEY,))


def _violations(runner: Runner) -> Iterator[str]:
    """A few drawn violations for each operation: what the planned ones leave out, such as `true` for 1."""
    found: list[str] = []
    for req_key, mode in contract.branches():
        if mode.startswith("urls"):
            continue

        @settings(max_examples=40, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(one_violation(req_key, mode))
        def run(violation: Violation) -> None:
            runner.session.ask(violation.request, expect_row(violation.rule, name_rule=not violation.is_list_itself))
            found.extend("every_violation" for _ in runner.session.take_findings())

        run()
        yield from dict.fromkeys(found)
        found.clear()
