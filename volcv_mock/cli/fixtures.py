"""`volcv-mock fixtures DIR`: write pictures and masks at and beyond every limit, and the trigger pictures."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from volcv_mock.cli.arguments import CommandParser

TRIGGERS = "triggers"


def main(arguments: Sequence[str]) -> int:
    """Write the files. Returns 2 when the folder cannot be written."""
    folder: Path = parser().parse(arguments).folder
    from volcv_mock import border_set  # lazy: start-up time
    from volcv_mock.injection import trigger_pictures  # lazy: start-up time

    try:
        folder.mkdir(parents=True, exist_ok=True)
        rows = border_set.write(folder)
        triggers = trigger_pictures.write(folder / TRIGGERS)
    except OSError as error:
        print(f"volcv-mock fixtures: cannot write into {folder}: {error.strerror}", file=sys.stderr)
        return 2
    verdicts = Counter(row["verdict"] for row in rows)
    print(f"{len(rows)} files in {folder}: {verdicts['accept']} to accept, {verdicts['refuse']} to refuse")
    print("index.json lists the verdict, rule and code of each file")
    print(f"{len(triggers) - 1} trigger pictures in {folder / TRIGGERS}: each injects the code or fault in its name")
    return 0


def parser() -> CommandParser:
    """The options of `fixtures`."""
    made = CommandParser("volcv-mock fixtures", __doc__)
    made.add_argument("folder", type=Path, metavar="DIR", help="folder to write to; created if missing")
    return made
