"""The argument parser of the commands that take keys: error messages show no value, which may be a key."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence

from volcv_mock.config.config_keys import MASKED


class KeyArgumentParser(argparse.ArgumentParser):
    """argparse, without abbreviated options, and with unknown options named but not their values."""

    def __init__(self, prog: str, description: str | None) -> None:
        super().__init__(prog=prog, description=description, allow_abbrev=False)

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Like `parse_args`: prints the error and exits with code 2 for an unknown argument."""
        options, unknown = self.parse_known_args(arguments)
        if unknown:
            names = [_without_value(word) for word in unknown]
            self.error(f"unrecognized arguments: {' '.join(names)}{self._nearest(names)}")
        return options

    def _nearest(self, names: Sequence[str]) -> str:
        known = [option for action in self._actions for option in action.option_strings]
        near = [found for name in names for found in difflib.get_close_matches(name, known, n=1)]
        return f". Did you mean {near[0]}?" if near else ""


def _without_value(word: str) -> str:
    name, equals, _ = word.partition("=")
    if not name.startswith("--"):
        return MASKED
    return f"{name}={MASKED}" if equals else name
