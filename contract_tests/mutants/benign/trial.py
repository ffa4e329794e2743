"""Runs nights against a variation: what is accused, how much was judged, and how the run would end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from ...exit_codes import DRIFT
from ...pictures.server import unpublished
from ...planning.cases import Case
from ...planning.plan import DEFAULT_BUDGET, plan_round
from ...planning.planned import live_cases
from ...runner.judged import judged
from ...runner.options import MIN_JUDGED
from ...runner.runner import Runner
from ...runner.verdict_of_run import code_of
from ...runner.verdicts import Result
from ...targets import Target
from ...targets.mock import KEY, transport
from ..base import Mutant
from ..transport import MutantTransport
from . import by_name

CAN = frozenset({"paid"})


@dataclass(frozen=True)
class Trial:
    """What the nights against a variation came to. `accused` names checks and cases; empty is wanted."""

    name: str
    accused: tuple[str, ...]
    judged: float
    codes: tuple[int, ...]

    @property
    def is_alarm(self) -> bool:
        """Whether a night found drift where none is."""
        return bool(self.accused)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Trial:
        """From JSON."""
        return cls(**{**row, "accused": tuple(row["accused"]), "codes": tuple(row["codes"])})


def tried(name: str, nights: int = 0) -> tuple[Trial, ...]:
    """`try_benign`, as a list of results (../progress.py)."""
    return (try_benign(name, nights),)


def try_benign(name: str, nights: int = 0) -> Trial:
    """Run the first `nights` of a round, or all of it with 0, each with a session of its own."""
    found = [_night(by_name(name), cases) for cases in plan_round(live_cases(CAN), DEFAULT_BUDGET)[: nights or None]]
    results = [result for night in found for result in night]
    accused = {finding.check: None for one in results if one.verdict == "drift" for finding in one.findings
               if finding.severity == "error"}  # fmt: skip
    codes = tuple(code_of(night, MIN_JUDGED) for night in found)
    return Trial(name, tuple(accused), judged(results).total.share, codes)


def _night(variation: Mutant, cases: Sequence[Case]) -> list[Result]:
    client = httpx.Client(transport=MutantTransport(transport(), variation), base_url="http://127.0.0.1:8410")
    credentials = {"Authorization": f"Bearer {KEY}"}
    target = Target("benign", client, "/volcv/v1", CAN, credentials, secrets=(KEY,), sleep=lambda seconds: None)
    ordered = sorted(cases, key=lambda case: case.cost() > 0)
    return Runner(target, unpublished).run(ordered)


def is_as_it_should(trial: Trial, is_unjudgeable: bool) -> bool:
    """No drift; and what cannot be judged is never green."""
    if trial.is_alarm or DRIFT in trial.codes:
        return False
    return 0 not in trial.codes if is_unjudgeable else True
