"""`volcv-mock calibrate`: measure the open points at a service and write readings.toml.

Exit 0 when something was measured, 1 when a reading contradicts a document, 2 when nothing could be measured.
"""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Sequence
from pathlib import Path

from volcv_mock.recording.ledger import BudgetMissing, Ledger
from volcv_mock.recording.readings_file import BadReadings, ReadingsFile, written
from volcv_mock.recording.redact import SecretFound, known_secrets, masked

from ..billing.limits import Pace
from ..exit_codes import CONFORM, DRIFT, UNDECIDED
from ..report.history import BadReport
from ..report.not_judged import replace_text
from ..runner.options import Parser, calls, misplaced_keys, positive, whole
from ..runner.output import write_lines
from ..runner.preflight import assert_writable
from ..runner.stopping import Stop
from ..targets import Target, Unreachable, open_target
from .compared import contradictions
from .measure import Calibrator
from .order import order_of_checks
from .points import points
from .recorded import shown_by_any

MOST_RECORDED = 9
"""Answers to one probe that are read from recordings."""
EXPECTED = (Unreachable, BudgetMissing, SecretFound, BadReadings, BadReport, OSError)


def parser() -> argparse.ArgumentParser:
    """Every option of `volcv-mock calibrate`."""
    made = Parser(
        prog="volcv-mock calibrate", description="Measure how a service answers the points that no document decides."
    )
    add = made.add_argument
    add("--target", choices=("proxy", "official", "mock"), default="proxy", help="what to measure (default: proxy)")
    add("--base-url", default="", help="of the target, with or without /volcv/v1")
    add("--budget", type=calls, default=0, help="paid calls a day at most; required for a paid target")
    add("--plan", action="store_true", help="print the probes and what they may cost, send nothing")
    add("--from", dest="recordings", default="", metavar="RECORDINGS", help="measure from recordings, without a call")
    add("--out", type=Path, default=Path("readings.toml"), help="the file to write (default: readings.toml)")
    add(
        "--recordings",
        dest="evidence",
        type=Path,
        default=None,
        help="folder for the exchanges (default: beside --out)",
    )
    add("--ledger", type=Path, default=Path(".contract-ledger.jsonl"), help="file that counts paid calls")
    add("--repeat", type=whole, default=1, metavar="N", help="measure each point N times; most answers decide")
    add("--rps", type=positive, default=1.0, help="requests per second to a paid target")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """The command line. What stops a run is printed without credentials, and 2 returned."""
    options = parser().parse_args(argv)
    secrets = (*known_secrets(), *misplaced_keys(options))
    if options.plan:
        return plan(options.target, options.budget)
    try:
        return calibrate(options)
    except EXPECTED as error:
        write_lines(f"could not calibrate: {masked(_reason(error), secrets)}")
    except Exception as error:  # an exit code of 1 would mean drift
        write_lines(f"could not calibrate: {type(error).__name__}: {masked(str(error), secrets)}")
    return UNDECIDED


def _reason(error: Exception) -> str:
    """The error in one line; of a file its name and what is wrong with it."""
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def plan(target: str, budget: int) -> int:
    """Print each probe with the paid calls it may need."""
    mine = [one for one in points().values() if one.endpoint in ("", target) or target == "mock"]
    free = sum(one.cost == 0 for one in mine)
    paid = sum(one.cost for one in mine)
    write_lines(*(f"{one.cost} paid at most  {one.id}: {' | '.join(one.answers) or 'any row'}" for one in mine))
    write_lines(f"{len(mine)} points; {free} should be refused before inference, the others take {paid} paid calls",
                *([f"budget {budget}: {min(budget, paid)} of them"] if budget else []))  # fmt: skip
    return CONFORM


def calibrate(options: argparse.Namespace) -> int:
    """Measure, write the file, print what was found."""
    evidence = options.evidence or options.out.parent / f"{options.out.stem}-evidence"
    _check_places(options.out, () if options.recordings else (evidence,))
    target = _opened(options)
    ledger = Ledger(options.ledger, options.budget) if target.can("paid") else None
    pace = Pace(options.rps) if target.can("paid") else None
    folder = None if options.recordings else evidence
    try:
        stop, is_recorded = Stop(), bool(options.recordings)
        times = MOST_RECORDED if is_recorded else options.repeat
        calibrator = Calibrator(target, folder, ledger, pace, is_recorded=is_recorded, stop=stop, times=times)
        with stop.listening():
            order = order_of_checks(calibrator)  # refusals: they leave the budget to the points
            found = calibrator.run()
    finally:
        target.close()
    if not found.entries:
        write_lines("nothing could be measured", *_untold(found))
        return UNDECIDED
    replace_text(options.out, written(found, ["Written by volcv-mock calibrate.", *order]))
    write_lines(*order, *([f"ended early: {stop.text}"] if stop.reason else []))
    return report(found, options.out)


def _check_places(out: Path, folders: Sequence[Path]) -> None:
    """Raises OSError or BadReport for places that cannot be written to, before a call is paid for."""
    if out.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder; wanted the name of a file", str(out))
    for folder in (out.parent, *folders):
        assert_writable(folder)


def _opened(options: argparse.Namespace) -> Target:
    if options.recordings:
        return open_target("replay", recordings=options.recordings)
    return open_target(options.target, base_url=options.base_url)


def report(found: ReadingsFile, out: Path) -> int:
    """Print what differs from the mock's default readings, and what contradicts a document."""
    for name, entry in found.entries.items():
        served = points()[name].served if name in points() else next(iter(shown_by_any()[name]))
        if entry.alternative != served or entry.details:
            write_lines(f"{name}: {entry.alternative} (the mock plays {served}); {entry.observed}")
    drift = contradictions(found)
    write_lines(*(f"drift: {line}" for line in drift), *_untold(found))
    write_lines(f"{len(found.entries)} of {len(points())} points measured: {out}")
    return DRIFT if drift else CONFORM


def _untold(found: ReadingsFile) -> list[str]:
    return [f"not told: {name}: {why}" for name, why in found.untold.items() if name in points()]


if __name__ == "__main__":
    sys.exit(main())
