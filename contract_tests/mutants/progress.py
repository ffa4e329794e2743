"""The kills of an interrupted run, one line of JSON each, so that the next run goes on where it ended.

They hold only for the code they were found with: a changed file of the suite, the mock or the contract ends them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from ..paths import own, shelf
from .kill import Kill


def digest() -> str:
    """Of every file that decides a kill."""
    found = hashlib.sha256()
    for folder in (own(), own().parent / "volcv_mock", shelf("schemas")):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".json"):
                found.update(path.read_bytes())
    return found.hexdigest()[:16]


class Progress:
    """What is known already. `path` is removed by `done`."""

    def __init__(self, path: Path) -> None:
        self._path, self._digest = path, digest()
        self._known = {(kill.mutant, kill.mode): kill for kill in self._read()}

    def _read(self) -> Iterator[Kill]:
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:  # a line cut short when the run was ended
                continue
            if row.pop("digest", None) == self._digest:
                yield Kill(**{**row, "others": tuple(row["others"]), "nights": tuple(row["nights"])})

    def known(self, mutant: str, mode: str) -> Kill | None:
        """What an earlier run found, if it did."""
        return self._known.get((mutant, mode))

    def note(self, kill: Kill) -> None:
        """Write a kill down."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**asdict(kill), "digest": self._digest}, ensure_ascii=False) + "\n")

    def done(self) -> None:
        """The run is over: nothing is left to go on with."""
        self._path.unlink(missing_ok=True)
