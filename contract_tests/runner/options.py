"""The options of a run, apart from all that runs: `--help` works where the extra is not installed.

Nothing but the standard library is imported here.
"""

from __future__ import annotations

import argparse
import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn


@dataclass(frozen=True)
class TargetKind:
    """What is known of a target before it is opened. `can` are the capabilities by which a paid night is planned."""

    title: str
    is_own: bool = False
    """The mock itself: then everything runs, and nothing costs."""
    is_paid: bool = False
    """Calls cost money: a night of planned cases runs, within a budget, and nothing generated is sent."""
    can: frozenset[str] = frozenset()


_SIGNED = frozenset({"checks_signatures", "signs"})
TARGETS: Mapping[str, TargetKind] = {
    "mock": TargetKind("the mock in this process, triggers off", is_own=True),
    "server": TargetKind("the mock behind a socket", is_own=True),
    "proxy": TargetKind("a reseller's /volcv/v1, Bearer key", is_paid=True, can=frozenset({"checks_keys"})),
    "official": TargetKind("the vendor's endpoint, signed", is_paid=True, can=_SIGNED),
    "replay": TargetKind("recorded exchanges"),
}
"""A target is one row here, and one file in `targets/`."""
MIN_JUDGED = 0.6
"""The share of planned obligations that must be judged before a run without drift counts as conforming."""
TIME_LIMIT_S = 45 * 60.0
KEEP_NIGHTS = 30
UNITS_S = {"s": 1, "m": 60, "h": 3600}


class Parser(argparse.ArgumentParser):
    """argparse with a hint for an unknown option, and one line for a mistake. A value is not repeated: it may be a key.

    So the types below name what is wanted and not what was given.
    """

    def parse_args(self, args: Any = None, namespace: Any = None) -> argparse.Namespace:  # type: ignore[override]
        """Prints the error and exits with code 2 for an unknown argument."""
        options: argparse.Namespace
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            names = [word.partition("=")[0] if word.startswith("--") else "***" for word in unknown]
            self.error(f"unrecognized arguments: {' '.join(names)}.{self._nearest(names)}")
        return options

    def error(self, message: str) -> NoReturn:
        """Ends with code 2; `--help` has the usage."""
        full_stop = "" if message.endswith((".", "?")) else "."
        self.exit(2, f"{self.prog}: {message}{full_stop} '{self.prog} --help' lists the options.\n")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """argparse would quote the value."""
        if action.choices is not None and value not in action.choices:
            raise argparse.ArgumentError(action, f"invalid choice (choose from {', '.join(map(repr, action.choices))})")

    def _nearest(self, names: Sequence[str]) -> str:
        known = [option for action in self._actions for option in action.option_strings]
        longer = [option for name in names for option in known if option.startswith(name)]  # "--lat" for "--latency"
        near = longer or [found for name in names for found in difflib.get_close_matches(name, known, n=1)]
        return f" Did you mean {near[0]}?" if near else ""


def positive(text: str) -> float:
    """A number above 0. Raises ArgumentTypeError."""
    return _number(text, float, "a number above 0")


def whole(text: str) -> int:
    """A whole number, at least 1. Raises ArgumentTypeError."""
    return int(_number(text, int, "a whole number, at least 1"))


def calls(text: str) -> int:
    """A number of calls, 0 for none. Raises ArgumentTypeError."""
    return 0 if text.strip() == "0" else whole(text)


def duration(text: str) -> float:
    """Seconds from `90`, `90s`, `45m` or `1h`. Raises ArgumentTypeError."""
    unit = UNITS_S.get(text[-1:], 0)
    return _number(text[:-1] if unit else text, float, "a duration above 0 such as 90s, 45m or 1h") * (unit or 1)


def _number(text: str, kind: type[int] | type[float], wanted: str) -> float:
    try:
        value = kind(text)
    except ValueError:
        value = kind(0)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"wanted {wanted}")
    return value


def share(text: str) -> float:
    """A number from 0 to 1. Raises ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("wanted a number from 0 to 1")
    return value


def date(text: str) -> dt.date:
    """A date as ISO 8601 has it. Raises ArgumentTypeError."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("wanted a date, YYYY-MM-DD") from None


def misplaced_keys(options: argparse.Namespace) -> list[str]:
    """The values that look like a key: a message that names the file of an option would show them."""
    from volcv_mock.recording.redact import is_like_key  # lazy: not needed for --help

    return [text for text in map(str, vars(options).values()) if is_like_key(text)]


def only_report(argv: Sequence[str] | None) -> argparse.Namespace:
    """The report folder, the target, and whether anything is sent at all, from arguments that may be refused."""
    made = argparse.ArgumentParser(add_help=False, allow_abbrev=True, exit_on_error=False)
    made.add_argument("--report", type=Path, default=None, nargs="?")
    made.add_argument("--target", default="mock", nargs="?")
    made.add_argument("--plan", action="store_true")
    made.add_argument("-h", "--help", action="store_true")
    try:
        return made.parse_known_args(argv)[0]
    except argparse.ArgumentError:
        return argparse.Namespace(report=None, target="", plan=False, help=False)


def parser() -> Parser:
    """Every option of `volcv-mock contract`."""
    made = Parser(prog="volcv-mock contract", description="Check a CVProcess endpoint against its documents.")
    made.add_argument(
        "--target", choices=list(TARGETS), default="mock",
        help="; ".join(f"{name}: {kind.title}" for name, kind in TARGETS.items()),
    )
    made.add_argument("--base-url", default="", help="of the proxy or server, with or without /volcv/v1")
    made.add_argument(
        "--budget", type=calls, default=0, help="paid calls a day at most; required for a paid target"
    )
    made.add_argument("--plan", action="store_true", help="print tonight's cases and calls, send nothing")
    made.add_argument("--quick", action="store_true", help="mock and server: the planned cases only, no drawn requests")
    made.add_argument("--report", type=Path, default=None, metavar="DIR", help="write every form of the report there")
    made.add_argument("--ledger", type=Path, default=None, help="file that counts paid calls (default: in DIR)")
    made.add_argument("--rps", type=positive, default=1.0, help="requests per second to a paid target")
    made.add_argument(
        "--time-limit",
        type=duration,
        default=TIME_LIMIT_S,
        metavar="DURATION",
        help="end the run after this time and report what was judged: 2700, 90s, 45m, 1h (default 45m)",
    )
    made.add_argument(
        "--keep-nights",
        type=whole,
        default=KEEP_NIGHTS,
        metavar="N",
        help="exchanges and pictures of older nights are deleted from DIR (default %(default)s)",
    )
    made.add_argument(
        "--min-judged",
        type=share,
        default=MIN_JUDGED,
        metavar="SHARE",
        help="exit 2 when a smaller share of the planned obligations was judged (default %(default)s)",
    )
    made.add_argument("--recordings", default="", help="a folder written by --report, for --target replay")
    made.add_argument(
        "--readings",
        type=Path,
        default=None,
        metavar="FILE",
        help="written by calibrate: measure these again, and expect what they say instead of the mock's choices",
    )
    made.add_argument(
        "--contract",
        default="",
        metavar="DIR",
        help="mock and server: also check the req_keys of this folder (docs/own-operations.md)",
    )
    made.add_argument("--deviations", type=Path, default=None, help="a file of accepted deviations")
    made.add_argument("--date", type=date, default=None, help="plan as on this UTC date (YYYY-MM-DD)")
    return made
