"""`volcv-mock fixtures DIR`: the border set, with the verdict each file must get, and the trigger pictures."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

TRIGGERS = "triggers"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="volcv-mock fixtures", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR", help="written into; made if it is not there")
    folder: Path = parser.parse_args(arguments).folder
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
    print("index.json names for each the verdict, the rule and the code")
    print(f"{len(triggers) - 1} trigger pictures in {folder / TRIGGERS}: each asks for the trouble it is named after")
    return 0
