"""Argument parsing shared by the commands; not a command itself."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from typing import Any, NoReturn

from volcv_mock.recording.addresses import MASK


class CommandParser(argparse.ArgumentParser):
    """argparse without abbreviated options. A mistake is told in one line, as that of a setting is; an unknown option
    is named without its value, and a refused value is not repeated: it may be a key."""

    def __init__(self, prog: str, document: str | None) -> None:
        """`document` is the docstring of the command's file; what follows its first colon describes the command."""
        description = (document or "").partition(": ")[2].strip()
        super().__init__(prog=prog, description=description[:1].upper() + description[1:], allow_abbrev=False)

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Like `parse_args`: prints the error and exits with code 2 for an unknown argument."""
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            names = [_without_value(word) for word in unknown]
            self.error(f"unrecognized arguments: {' '.join(names)}.{self._nearest(names)}")
        return options

    def error(self, message: str) -> NoReturn:
        """Ends with code 2; `--help` has the usage, which for `serve` is longer than a screen."""
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


def _without_value(word: str) -> str:
    name, equals, _ = word.partition("=")
    if not name.startswith("--"):
        return MASK
    return f"{name}={MASK}" if equals else name
