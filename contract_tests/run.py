"""`volcv-mock contract` and `python -m contract_tests`: run the planned cases, judge, report.

Exit 0 when all conforms, 1 on drift, 2 when it could not be judged (unreachable, refused key, budget
missing or spent before anything was seen).
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .live.ledger import BudgetMissing, Ledger, today_utc
from .live.limits import Pace
from .live.plan import Night, described, plan_night
from .live.planned import live_cases, planned_cases
from .live.runner import Runner
from .live.verdicts import Result
from .options import parser
from .picture_server import PictureServer
from .places import own
from .record.redact import SecretFound
from .report import deviations, write
from .report.clean import cleaned
from .report.drift import Drift, three_ways
from .report.groups import grouped
from .report.score import keep_score
from .targets import Target, Unreachable, open_target
from .targets.registry import is_own, is_paid

CONFORM, DRIFT, UNJUDGED = 0, 1, 2
PLANNED_BUDGET = 24
PAID = frozenset({"paid", "real_time"})


def main(argv: Sequence[str] | None = None) -> int:
    """The command line. Never raises for what a user can mend: it says what to mend, and returns 2."""
    options = parser().parse_args(argv)
    try:
        return _plan(options) if options.plan else _judge(options)
    except (Unreachable, BudgetMissing, deviations.BadDeviation, SecretFound, FileNotFoundError) as error:
        _say(f"could not judge: {error}")
        return UNJUDGED


def _ledger_path(options: argparse.Namespace) -> Path:
    return options.ledger or (options.report or Path()) / (
        "ledger.jsonl" if options.report else ".contract-ledger.jsonl"
    )


def _night(options: argparse.Namespace, budget: int) -> Night:
    return plan_night(live_cases(PAID), budget, options.date or today_utc())


def _plan(options: argparse.Namespace) -> int:
    if not is_paid(options.target):
        _say(f"{options.target}: all {len(planned_cases())} planned cases, none of them paid")
        return CONFORM
    budget = options.budget or PLANNED_BUDGET
    path = _ledger_path(options)
    spent = Ledger(path, budget).spent() if path.exists() else 0
    _say(described(_night(options, budget), budget, spent))
    return CONFORM


def _judge(options: argparse.Namespace) -> int:
    known = deviations.read(options.deviations)
    target = open_target(options.target, base_url=options.base_url, recordings=options.recordings)
    pictures = PictureServer()
    try:
        run, results = _run(options, target, pictures)
        mock = _mock_results(results, run["variant"], pictures) if not is_own(options.target) else {}
    finally:
        pictures.close()
        target.close()
    today = options.date or today_utc()
    clean, left_out = cleaned(results, target.secrets)
    run["remarks"] += [*left_out, *deviations.expired(known, today)]
    judged = deviations.apply(clean, known, target.name, today)
    verdict = _report(options, target, run, judged, mock, today)
    return max(verdict, _properties(options)) if is_own(options.target) and not options.quick else verdict


def _properties(options: argparse.Namespace) -> int:
    """The drawn requests, the tables and the state machine, by pytest; a failure is a drift."""
    import pytest  # only where it is needed: the planned cases do without

    files = [str(own(f"test_{name}.py")) for name in ("requests", "pictures", "doors", "wire", "state")]
    which = ["--target", options.target, "--base-url", options.base_url, "--rootdir", str(own())]
    alone = f"-q -c {os.devnull} -p no:cacheprovider -p no:randomly -W ignore".split()
    verdict = {0: CONFORM, 1: DRIFT}.get(int(pytest.main([*files, *which, *alone])), UNJUDGED)
    _say(f"{options.target}, drawn requests: {('conform', 'drift', 'could not judge')[verdict]}")
    return verdict


def _run(options: argparse.Namespace, target: Target, pictures: PictureServer) -> tuple[dict[str, Any], list[Result]]:
    """The facts of the run and its results."""
    run: dict[str, Any] = {"target": target.name, "variant": 0, "remarks": []}
    if not target.can("paid"):
        cases = [case for case in planned_cases() if case.needs <= target.capabilities]
        recorded = _recorded(options)
        run["variant"] = recorded.get("variant", 0)
        publish = _no_place if is_paid(recorded.get("target", "")) else pictures.publish
        return run, Runner(target, publish, variant=run["variant"]).run(cases)
    ledger = Ledger(_ledger_path(options), options.budget)
    if ledger.was_missing:
        run["remarks"].append(f"no ledger was found at {ledger.path}: what was spent earlier today is not known")
    night = _night(options, options.budget)
    run |= {"variant": night.variant, "night": night.number + 1, "nights": night.nights, "budget": options.budget}
    results = Runner(target, _no_place, ledger, Pace(options.rps), night.variant).run(night.cases)
    run["spent_today"] = ledger.spent()
    return run, results


def _no_place(data: bytes) -> str:
    """Requests by URL that go to a paid target are refused before anyone fetches."""
    return "https://pictures.invalid/never-fetched.png"


def _recorded(options: argparse.Namespace) -> dict[str, Any]:
    """The facts of the run that is replayed: whose answers they are, and of which variant."""
    path = Path(options.recordings or "nowhere") / "results.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _mock_results(results: Sequence[Result], variant: int, pictures: PictureServer) -> dict[str, Result]:
    """The same cases asked of the mock, if it is installed here: the third witness."""
    try:
        mock = open_target("mock")
    except ImportError:
        return {}
    wanted = {result.case_id for result in results if result.verdict != "inconclusive"}
    cases = [case for case in planned_cases() if case.id in wanted]
    return {result.case_id: result for result in Runner(mock, pictures.publish, variant=variant).run(cases)}


def _report(
    options: argparse.Namespace,
    target: Target,
    run: dict[str, Any],
    results: list[Result],
    mock: dict[str, Result],
    today: dt.date,
) -> int:
    drifts: list[Drift] = []
    if options.report:
        last = write.last_shapes(options.report)
        drifts = three_ways(results, mock, last) if mock or last else three_ways(results, {}, {})
        score = keep_score(
            options.report / "history.jsonl", target.name, target.capabilities, today.isoformat(), results
        )
        write.write(options.report, results, drifts, score, run)
        _say(f"report: {options.report / 'summary.md'}", str(score))
    return _conclude(run, results)


def _conclude(run: dict[str, Any], results: Sequence[Result]) -> int:
    """Say it in a few lines, and give the exit code."""
    drifting = [result for result in results if result.verdict == "drift"]
    conform = sum(result.verdict == "conform" for result in results)
    _say(*(line for group in grouped(drifting) for line in group.lines()))
    open_ones = [result for result in results if result.verdict == "inconclusive"]
    reasons = {result.reason for result in open_ones}
    _say(*(f"inconclusive: {line}" for line in _reasons(open_ones)))
    _say(
        *run["remarks"],
        f"{run['target']}: {conform} conform, {len(drifting)} drift, "
        f"{len(results) - conform - len(drifting)} inconclusive",
    )
    if drifting:
        return DRIFT
    return CONFORM if conform and "unwelcome" not in reasons else UNJUDGED


def _reasons(results: Sequence[Result]) -> list[str]:
    """Each reason once, with what was found the first time: which host, which budget, which answer."""
    first: dict[str, str] = {}
    for result in results:
        notes = [one.text for one in result.findings if one.check == result.reason]
        first.setdefault(result.reason, f"{result.reason}: {notes[0]}" if notes else result.reason)
    return sorted(first.values())


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
