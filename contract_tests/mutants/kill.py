"""Runs the suite against a mutant and reports whether the expected check detected it.

Three modes. `quick` has every planned case, with all that the mock can do; `full` a few drawn examples besides, so that
it detects what `quick` does. `round` is the plan of a whole round of nights, with only what a paid target can do;
each of its nights is run by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, NamedTuple

import httpx
from hypothesis import HealthCheck, Phase, given, settings

from .. import contract
from ..checks import CHECKS
from ..generate import Violation, one_violation
from ..pictures.server import unpublished
from ..planning.cases import Case, expect_row
from ..planning.derived import NEWER
from ..planning.plan import DEFAULT_BUDGET, in_order, plan_night
from ..planning.planned import live_cases, planned_cases
from ..runner.runner import Runner
from ..runner.session import EXPECTATION
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

    `nights` says, for a round, in which of its nights it was caught. `warned_by` is an expected check that warned.
    """

    mutant: str
    mode: str
    caught_by: str = ""
    others: tuple[str, ...] = ()
    nights: tuple[bool, ...] = ()
    warned_by: str = ""

    @property
    def is_killed(self) -> bool:
        """Whether any check detected the mutant."""
        return bool(self.caught_by)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Kill:
        """From JSON."""
        return cls(**{**row, "others": tuple(row["others"]), "nights": tuple(row["nights"])})


class Seen(NamedTuple):
    """A check or case that contradicted an answer, and whether that is drift or a warning."""

    name: str
    is_drift: bool = True


def kills_of(name: str) -> tuple[Kill, ...]:
    """A mutant in every mode. For a worker process: names travel, functions do not."""
    mutant = by_name(name)
    quick = run_against(mutant, "quick")
    full = replace(quick, mode="full") if quick.is_killed else run_against(mutant, "full")
    return quick, full, run_against(mutant, "round")


def run_against(mutant: Mutant, mode: str) -> Kill:
    """Run one mode until an expected check finds something, or to the end; a round, night by night.

    Raises ValueError for a mode that is none of MODES.
    """
    if mode not in MODES:
        raise ValueError(f"unknown mode {mode!r}; known: {', '.join(MODES)}")
    if mode == "round":
        return _round(mutant)
    return _until_caught(mutant, mode, _found(mutant, mode))


def _until_caught(mutant: Mutant, mode: str, seen: Iterable[Seen]) -> Kill:
    others: dict[str, None] = {}
    warned_by = ""
    for one in seen:
        is_expected = one.name in mutant.caught_by
        if one.is_drift and is_expected:
            return Kill(mutant.name, mode, one.name, tuple(others))
        if one.is_drift:
            others[one.name] = None
        elif is_expected:
            warned_by = warned_by or one.name
    return Kill(mutant.name, mode, others=tuple(others), warned_by=warned_by)


def _round(mutant: Mutant) -> Kill:
    kills = [_until_caught(mutant, "round", _found_in_night(mutant, night)) for night in nights(mutant.endpoint)]
    caught_by = next((kill.caught_by for kill in kills if kill.is_killed), "")
    warned_by = next((kill.warned_by for kill in kills if kill.warned_by), "")
    others = tuple(dict.fromkeys(name for kill in kills for name in kill.others))
    return Kill(mutant.name, "round", caught_by, others, tuple(kill.is_killed for kill in kills), warned_by)


@cache
def nights(endpoint: str) -> tuple[tuple[Case, ...], ...]:
    """The nights of a round, as a paid target gets them."""
    return plan_night(live_cases(LIVE[endpoint]), DEFAULT_BUDGET, FIRST_NIGHT).coming


def is_met(mutant: Mutant) -> bool:
    """Whether a night has a case that could catch the mutant, or a check could: some cases move the mock's clock."""
    ids = {case.id for case in planned_cases()}
    planned = {case.id for night in nights(mutant.endpoint) for case in night}
    return any(name in planned or name not in ids for name in mutant.caught_by)


def _found_in_night(mutant: Mutant, night: Iterable[Case]) -> Iterator[Seen]:
    """What one night finds. A night that has none of the cases that should catch the mutant need not be run."""
    cases = in_order(night)
    rests_on_cases = mutant.caught_by and not {check.name for check in CHECKS}.intersection(mutant.caught_by)
    if rests_on_cases and not mutant.needs_traffic:
        cases = tuple(case for case in cases if case.id in mutant.caught_by)
    runner = Runner(target_of(mutant, "round"), publish=unpublished)
    for case in cases if mutant.needs_traffic else _expected_first(mutant, cases):
        yield from _seen(runner.run_one(case))


def _found(mutant: Mutant, mode: str) -> Iterator[Seen]:
    """The checks and cases that find something, as they do."""
    runner = Runner(target_of(mutant, mode), publish=unpublished)
    cases = in_order(case for case in planned_cases() if NEWER not in case.tags)  # they would find the same, later
    for case in cases if mutant.needs_traffic else _expected_first(mutant, cases):
        if case.needs <= runner.target.capabilities:
            yield from _seen(runner.run_one(case))
    if mode == "full":
        yield from map(Seen, _violations(runner))


def _seen(result: Result) -> Iterator[Seen]:
    """What a drift contradicts, and what was warned of."""
    for finding in result.findings:
        is_drift = result.verdict == "drift" and finding.severity == "error"
        if is_drift or finding.severity == "warn":
            yield Seen(finding.check, is_drift)
        if finding.check == EXPECTATION and (is_drift or finding.severity == "warn"):
            yield Seen(result.case_id, is_drift)


def _expected_first(mutant: Mutant, cases: Iterable[Case]) -> list[Case]:
    """The cases that should catch it first: the verdict is the same, the wait is shorter."""
    return sorted(cases, key=lambda case: case.id not in mutant.caught_by)


def target_of(mutant: Mutant, mode: str) -> Target:
    """The mutant as a target of the suite: for a round one that costs money, else one that can do what the mock can."""
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
