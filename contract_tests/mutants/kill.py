"""Runs the suite against a mutant and reports whether the expected check detected it.

Four modes. `quick` has every planned case, with all that the mock can do; `full` a few drawn examples besides.
`round` is the plan of a whole round of nights, with only what a paid target can do, and `night` one night of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import httpx
from hypothesis import HealthCheck, Phase, given, settings

from .. import contract
from ..generate import Violation, one_violation
from ..pictures.server import unpublished
from ..planning.cases import Case, expect_row
from ..planning.plan import DEFAULT_BUDGET, in_order, plan_night
from ..planning.planned import live_cases, planned_cases
from ..runner.runner import Runner
from ..runner.verdicts import Result
from ..targets import Target
from ..targets.mock import CAN, KEY, SIGNATURE, transport
from .base import Mutant
from .registry import by_name
from .transport import MutantTransport

MODES = ("quick", "full", "round")
LIVE = {"proxy": frozenset({"paid", "checks_keys"}), "official": frozenset({"paid", "signs", "checks_signatures"})}
"""What a paid target can do, but for time: the mock behind the mutant answers at once."""
BASE = "http://127.0.0.1:8410"
FIRST_NIGHT = dt.date.fromordinal(1)
"""Any date would do: a round has the same nights, in turn."""


@dataclass(frozen=True)
class Kill:
    """What a mode made of a mutant: the expected check that caught it, or what else was found.

    `nights` says, for a round, in which of its nights it was caught.
    """

    mutant: str
    mode: str
    caught_by: str = ""
    others: tuple[str, ...] = ()
    nights: tuple[bool, ...] = ()

    @property
    def is_killed(self) -> bool:
        """Whether any check detected the mutant."""
        return bool(self.caught_by)


def run_against(mutant: Mutant, mode: str) -> Kill:
    """Run one mode until an expected check finds something, or to the end; a round, night by night."""
    if mode == "round":
        return _round(mutant)
    return _until_caught(mutant, mode, _found(mutant, mode))


def run_against_named(name: str, mode: str) -> Kill:
    """For a worker process: names travel, functions do not."""
    return run_against(by_name(name), mode)


def _until_caught(mutant: Mutant, mode: str, found: Iterable[str]) -> Kill:
    others: dict[str, None] = {}
    for name in found:
        if name in mutant.caught_by:
            return Kill(mutant.name, mode, name, tuple(others))
        others[name] = None
    return Kill(mutant.name, mode, others=tuple(others))


def _round(mutant: Mutant) -> Kill:
    kills = [_until_caught(mutant, "round", _found_in_night(mutant, night)) for night in nights(mutant.endpoint)]
    caught_by = next((kill.caught_by for kill in kills if kill.is_killed), "")
    others = tuple(dict.fromkeys(name for kill in kills for name in kill.others))
    return Kill(mutant.name, "round", caught_by, others, tuple(kill.is_killed for kill in kills))


@cache
def nights(endpoint: str) -> tuple[tuple[Case, ...], ...]:
    """The nights of a round, as a paid target gets them."""
    return plan_night(live_cases(LIVE[endpoint]), DEFAULT_BUDGET, FIRST_NIGHT).coming


def _found_in_night(mutant: Mutant, night: Iterable[Case]) -> Iterator[str]:
    """What one night finds. A night that has none of the cases that should catch the mutant need not be run."""
    cases = in_order(night)
    names = {case.id for case in planned_cases()}
    if mutant.caught_by and names.issuperset(mutant.caught_by) and not mutant.needs_traffic:
        cases = tuple(case for case in cases if case.id in mutant.caught_by)
    runner = Runner(_target(mutant, "round"), publish=unpublished)
    for case in cases if mutant.needs_traffic else _expected_first(mutant, cases):
        yield from _names(runner.run_one(case))


def _found(mutant: Mutant, mode: str) -> Iterator[str]:
    """The names of checks and cases that find something, as they do."""
    runner = Runner(_target(mutant, mode), publish=unpublished)
    cases = in_order(planned_cases())
    for case in cases if mutant.needs_traffic else _expected_first(mutant, cases):
        if case.needs <= runner.target.capabilities:
            yield from _names(runner.run_one(case))
    if mode == "full":
        yield from _violations(runner)


def _names(result: Result) -> Iterator[str]:
    """The names of what a drift contradicts. A warning is no drift."""
    if result.verdict != "drift":
        return
    found = [finding for finding in result.findings if finding.severity == "error"]
    yield from (finding.check for finding in found)
    if any(finding.check == "answers_as_expected" for finding in found):
        yield result.case_id


def _expected_first(mutant: Mutant, cases: Iterable[Case]) -> list[Case]:
    """The cases that should catch it first: the verdict is the same, the wait is shorter."""
    return sorted(cases, key=lambda case: case.id not in mutant.caught_by)


def _target(mutant: Mutant, mode: str) -> Target:
    client = httpx.Client(transport=MutantTransport(transport(), mutant), base_url=BASE, timeout=60)
    if mode != "round":
        return _bearer(client, CAN - {"reaches_loopback"})
    if mutant.endpoint == "proxy":
        return _bearer(client, LIVE["proxy"])
    return Target("mutant", client, "/", LIVE["official"], auth=SIGNATURE, secrets=(SIGNATURE.secret_key,))


def _bearer(client: httpx.Client, capabilities: frozenset[str]) -> Target:
    credentials = {"Authorization": f"Bearer {KEY}"}
    return Target("mutant", client, "/volcv/v1", capabilities, credentials, secrets=(KEY,), signature=SIGNATURE)


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
