"""`volcv-mock contract` and `python -m contract_tests`: run the planned cases, decide, report.

Exit 0 when everything conforms, 1 on drift, 2 when nothing could be decided: unreachable, a key that cannot be
used or was refused, no budget, nothing run, an unforeseen error.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from volcv_mock.recording.addresses import shown_address
from volcv_mock.recording.ledger import BudgetMissing, Ledger
from volcv_mock.recording.readings_file import BadReadings, ReadingsFile
from volcv_mock.recording.redact import SecretFound, known_secrets, masked

from ..billing.limits import Pace
from ..calibration import nightly
from ..calibration.measure import Calibrator
from ..clock import today_utc
from ..exit_codes import CONFORM, UNDECIDED
from ..pictures.server import PictureServer, unpublished
from ..planning.cases import Case
from ..planning.plan import DEFAULT_BUDGET, Night, ages_of, capabilities_of, described, plan_night, too_dear
from ..planning.planned import live_cases, planned_cases, runnable
from ..report import deviations
from ..report.clean import cleaned
from ..report.folder import report
from ..report.history import HISTORY, BadReport, known
from ..report.not_judged import NOT_ENDED, PAGE, SUMMARY
from ..targets import Target, Unreachable, open_target
from ..targets.registry import is_own, is_paid
from . import preflight
from .contact import NO_CONTACT, as_unjudged, why_not_reached
from .judged import judged
from .options import misplaced_keys, only_report, parser
from .output import write_lines
from .progress import Progress
from .runner import Runner
from .start import mark
from .stopping import INTERRUPTED, TIME_LIMIT, Stop, Stopped
from .verdict_of_run import as_result, conclude
from .verdicts import Result

KEPT_FOR_READINGS = 2
"""Refusals return their call, so that all of them can be measured with these."""
EXPECTED = (Unreachable, BudgetMissing, BadReadings, deviations.BadDeviation, BadReport, SecretFound, OSError)


def main(argv: Sequence[str] | None = None, stop: Stop | None = None) -> int:
    """The command line. No exception leaves it: what stops a run is printed without credentials, and 2 returned."""
    stop = stop or Stop()
    with stop.listening():  # to the end: a signal while the report is written must not cost the report
        options = _options(argv)
        try:
            return _plan(options) if options.plan else _check(options, stop)
        except Stopped:
            return _undecided(options, stop.text)
        except EXPECTED as error:
            return _undecided(options, str(error))
        except (Exception, KeyboardInterrupt) as error:  # an exit code of 1 would mean drift
            return _undecided(options, f"{type(error).__name__}: {error}")


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options. When they are refused, a report folder among them says so before the process ends with 2."""
    try:
        return parser().parse_args(argv)
    except SystemExit as ended:
        if ended.code:
            mark(only_report(argv), "the options were refused; standard error says which")
        raise


def _undecided(options: argparse.Namespace, why: str) -> int:
    text = masked(why, (*known_secrets(), *misplaced_keys(options)))
    write_lines(f"could not judge: {text}")
    if not options.plan:
        mark(options, text)
    return UNDECIDED


def _ledger_path(options: argparse.Namespace) -> Path:
    given: Path | None = options.ledger
    report: Path | None = options.report
    return given or (report / "ledger.jsonl" if report else Path(".contract-ledger.jsonl"))


def _today(options: argparse.Namespace) -> dt.date:
    given: dt.date | None = options.date
    return given or today_utc()


def _live_cases(options: argparse.Namespace) -> tuple[Case, ...]:
    return live_cases(capabilities_of(options.target))


def _night(options: argparse.Namespace, budget: int) -> Night:
    """Tonight's plan: by the date, or, when the report folder has a history, by what was judged longest ago."""
    today = _today(options)
    judged_on = known(options.report / HISTORY, options.target).judged_on if options.report else {}
    return plan_night(_live_cases(options), _for_cases(options, budget), today, ages_of(judged_on, today))


def _for_cases(options: argparse.Namespace, budget: int) -> int:
    """The paid calls of a day without those that are kept for measuring readings again."""
    return max(1, budget - KEPT_FOR_READINGS) if options.readings else budget


def _plan(options: argparse.Namespace) -> int:
    if not is_paid(options.target):
        write_lines(f"{options.target}: all {len(planned_cases())} planned cases, none of them paid")
        return CONFORM
    budget = options.budget or DEFAULT_BUDGET
    path = _ledger_path(options)
    spent = Ledger(path, budget).spent() if path.exists() else 0
    write_lines(described(_night(options, budget), budget, spent, options.rps), *too_dear(_live_cases(options), budget))
    return CONFORM


def _check(options: argparse.Namespace, stop: Stop) -> int:
    """Run the planned cases, and the drawn requests where they cost nothing; then compare, and write the report."""
    accepted_by_hand = deviations.read(options.deviations)
    before = nightly.read(options.readings) if options.readings else None
    target = open_target(options.target, base_url=options.base_url, recordings=options.recordings, **_played(options))
    pictures = PictureServer()
    stop.limit(options.time_limit)
    options.date = _today(options)  # a night that crosses midnight UTC is one night
    try:
        ledger = preflight.check(options, _ledger_path(options))
        mark(options, NOT_ENDED)
        with stop.limited():
            run, results = _reached(target, *_run(options, target, pictures, stop, ledger))
            is_reached = NO_CONTACT not in run
            compared = _measured_again(options, before, target, stop, ledger) if before and is_reached else None
            results += _drawn(options, stop) if not before and is_reached else []
        try:
            return _concluded(options, target, run, results, compared, accepted_by_hand, pictures, stop)
        except Exception:  # the calls are spent: what they showed is told where it still can be
            conclude(run, cleaned(results, target.secrets)[0])
            raise
    finally:
        pictures.close()
        target.close()


def _reached(target: Target, run: dict[str, Any], results: list[Result]) -> tuple[dict[str, Any], list[Result]]:
    """The run, without a verdict on any case when the API itself was not reached. A proxy may be why nothing is judged.
    """
    if target.proxy_hint and not any(one.is_judged for one in results):
        run["remarks"].append(target.proxy_hint)
    why = why_not_reached(results, target)
    return ({**run, NO_CONTACT: why}, as_unjudged(results, why)) if why else (run, results)


def _drawn(options: argparse.Namespace, stop: Stop) -> list[Result]:
    """The drawn requests as one more case. They expect the mock's own choices."""
    if not is_own(options.target) or options.quick:
        return []
    if stop.reason:
        return [as_result(UNDECIDED, stop.reason)]
    from .drawn import run_drawn  # pytest is needed for nothing else here

    try:
        with stop.waiting():
            return [as_result(run_drawn(options.target, options.base_url))]
    except Stopped:
        return [as_result(UNDECIDED, stop.reason)]


def _concluded(
    options: argparse.Namespace,
    target: Target,
    run: dict[str, Any],
    results: list[Result],
    compared: nightly.Compared | None,
    accepted_by_hand: Sequence[deviations.Deviation],
    pictures: PictureServer,
    stop: Stop,
) -> int:
    """Compare with the mock, apply what was accepted, and report: the exit code is what the report says."""
    mock = {}
    if compared or not is_own(options.target):
        mock = _mock_results(results, run["variant"], pictures, _played(options))
    today = _today(options)
    if compared:
        results = [*nightly.held_to(results, mock), *compared.results]
        run["remarks"] += compared.remarks
    clean, left_out = cleaned(results, target.secrets)
    run["remarks"] += [*left_out, *deviations.expired(accepted_by_hand, today)]
    run["remarks"] += [stop.text] if stop.reason == TIME_LIMIT else []
    accepted = deviations.apply(clean, accepted_by_hand, target.name, today)
    if not options.report:
        return conclude(run | _interrupted(stop), accepted)
    score = report(options.report, target, run, accepted, mock, partial(_interrupted, stop), options.keep_nights)
    if compared:
        nightly.write(options.report, compared.now)
    write_lines(*(f"report: {options.report / name}" for name in (SUMMARY, PAGE)))
    write_lines(*([str(score)] if any(one.is_judged for one in accepted) else []))
    return conclude(run, accepted, judged(accepted, score.nights_unjudged))


def _run(
    options: argparse.Namespace, target: Target, pictures: PictureServer, stop: Stop, ledger: Ledger | None
) -> tuple[dict[str, Any], list[Result]]:
    """The facts of the run and its results. Only a paid target has a ledger."""
    facts = {
        "target": target.name,
        "capabilities": sorted(target.capabilities),
        "variant": 0,
        "remarks": [],
        "min_judged": options.min_judged,
        "date": _today(options).isoformat(),
        "base_url": "" if target.can("replays") else shown_address(str(target.client.base_url)),
    }
    if target.can("paid") and ledger is None:
        raise BudgetMissing(f"{target.name} costs money, and no ledger was opened for it")
    return _paid(options, target, facts, stop, ledger) if ledger else _unpaid(target, pictures, facts, stop)


def _unpaid(
    target: Target, pictures: PictureServer, facts: dict[str, Any], stop: Stop
) -> tuple[dict[str, Any], list[Result]]:
    recorded: dict[str, Any] = getattr(target, "summary", {})
    cases, unknown = runnable(target)
    if unknown:
        facts["remarks"].append(f"recorded, but no longer planned: {', '.join(unknown)}")
    variant = int(recorded.get("variant", 0))
    publish = unpublished if is_paid(recorded.get("target", "")) else pictures.publish
    runner = Runner(target, publish, variant=variant, stop=stop, progress=Progress())
    return {**facts, "variant": variant}, runner.run(cases)


def _paid(
    options: argparse.Namespace, target: Target, facts: dict[str, Any], stop: Stop, ledger: Ledger
) -> tuple[dict[str, Any], list[Result]]:
    if ledger.was_missing:
        facts["remarks"].append(f"no ledger was found at {ledger.path}: what was spent earlier today is not known")
    night = _night(options, options.budget)
    ledger.limit = _for_cases(options, options.budget)
    facts |= {"variant": night.variant, "night": night.number + 1, "nights": night.nights, "budget": options.budget}
    results = Runner(target, unpublished, ledger, Pace(options.rps), night.variant, stop=stop,
                     progress=Progress()).run(night.cases)  # fmt: skip
    return {**facts, "spent_today": ledger.spent()}, results


def _played(options: argparse.Namespace) -> dict[str, str]:
    return {"readings": str(options.readings)} if options.readings else {}


def _measured_again(
    options: argparse.Namespace, before: ReadingsFile, target: Target, stop: Stop, ledger: Ledger | None
) -> nightly.Compared:
    """The readings as they are tonight, within what the cases left of the budget."""
    if ledger:
        ledger.limit = options.budget
    pace, today, replays = Pace(options.rps) if ledger else None, _today(options), target.can("replays")
    calibrator = Calibrator(
        target, None if replays else options.report, ledger, pace, lambda: today, is_recorded=replays, stop=stop,
        prefix=f"reading-{today.isoformat()}",
    )  # fmt: skip
    return nightly.compare(before, calibrator)


def _mock_results(
    results: Sequence[Result], variant: int, pictures: PictureServer, played: dict[str, str]
) -> dict[str, Result]:
    """The same cases sent to the mock, if it is installed here: the third observer. It plays the readings given."""
    try:
        mock = open_target("mock", **played)
    except ImportError:
        return {}
    wanted = {result.case_id for result in results if result.verdict != "inconclusive"}
    cases = [case for case in planned_cases() if case.id in wanted and case.needs <= mock.capabilities]
    return {result.case_id: result for result in Runner(mock, pictures.publish, variant=variant).run(cases)}


def _interrupted(stop: Stop) -> dict[str, str]:
    return {INTERRUPTED: stop.text} if stop.reason == INTERRUPTED else {}


if __name__ == "__main__":
    sys.exit(main())
