"""`volcv-mock readings`: list the open points, the alternatives of each, and which one is played."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from volcv_mock.cli import listing
from volcv_mock.cli.arguments import CommandParser
from volcv_mock.config import BadSetting, Settings
from volcv_mock.contract.readings import listing as points

COLUMNS = listing.columns(
    "point", "played", "grade", "probe", "alternatives",
    point=lambda row: row["id"],
    probe=lambda row: "yes" if row["probe"] else "no",
    alternatives=lambda row: " ".join(row["alternatives"]),
)  # fmt: skip
MORE = ("profile", "contract")
"""Further settings that only some of these commands have."""


def main(arguments: Sequence[str]) -> int:
    """Print the list. Returns 2 for a reading that cannot be used."""
    options = parser().parse(arguments)
    try:
        rows = points(settings_of(options).readings_table())
    except BadSetting as error:
        print(f"volcv-mock readings: {error}", file=sys.stderr)
        return 2
    return listing.show(rows, COLUMNS, options)


def parser() -> CommandParser:
    """The options of `readings`."""
    made = CommandParser("volcv-mock readings", __doc__)
    listing.add_options(made, COLUMNS)
    add_choice(made)
    return made


def add_choice(parser: CommandParser) -> None:
    """The options that choose readings, for each command that shows what is played."""
    parser.add_argument("--reading", action="append", default=[], metavar="ID=ALTERNATIVE", help="repeatable")
    parser.add_argument("--readings", default="", metavar="FILE", help="as `volcv-mock calibrate` writes it")


def settings_of(options: Any) -> Settings:
    """The settings with the readings of the command line. Raises BadSetting."""
    more: dict[str, Any] = {name: value for name in MORE if (value := getattr(options, name, ""))}
    return Settings(reading=tuple(options.reading), readings=options.readings, **more)
