"""The command line before anything is loaded: a signal, and a folder with last night's report, are dealt with first.

Loading the suite takes a while. Nothing but the standard library is imported until then.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Sequence

from ..exit_codes import UNDECIDED
from ..report.not_judged import NOT_ENDED, write_not_judged
from .options import only_report, parser
from .output import write_lines
from .stopping import Stop
from .surroundings import wrong_in_surroundings


def main(argv: Sequence[str] | None = None) -> int:
    """`volcv-mock contract`. Raises ImportError when the extra is not installed."""
    stop = Stop()
    with stop.listening():
        options = only_report(argv)
        if not options.plan and not options.help:
            mark(options, NOT_ENDED)
        if why := wrong_in_surroundings():
            return _not_started(argv, options, why)
        from .run import main as run

        return run(argv, stop)


def _not_started(argv: Sequence[str] | None, options: argparse.Namespace, why: str) -> int:
    """The exit code of a run that cannot start here. The help, and mistakes in the options, need nothing of it."""
    parser().parse_args(argv)
    write_lines(f"could not judge: {why}")
    if not options.plan:
        mark(options, why)
    return UNDECIDED


def mark(options: argparse.Namespace, why: str) -> None:
    """Last night's summary must not stand in for a run that did not start or end. An error here changes nothing."""
    with contextlib.suppress(OSError):
        if options.report and options.report.is_dir():
            write_not_judged(options.report, options.target or "", why)
