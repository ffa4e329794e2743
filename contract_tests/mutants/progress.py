"""The results of an interrupted run, one line of JSON each, so that the next run goes on where it ended.

They hold only for the code they were found with: a changed file of the suite, the mock or the contract ends them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, is_dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from ..paths import own, shelf

KEPT = Path(".mutants.jsonl")
"""Where the results are while a run goes on (everything.py removes them at its end)."""
WORKERS = 2


def digest() -> str:
    """Of every file that decides a result."""
    found = hashlib.sha256()
    for folder in (own(), own().parent / "volcv_mock", shelf("schemas"), shelf("fixtures")):
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".json"):
                found.update(path.read_bytes())
    return found.hexdigest()[:16]


class KnownResults:
    """What is known already of one part of the run, by name. Each result is a list of rows."""

    def __init__(self, path: Path, part: str) -> None:
        self._path, self._of = path, {"part": part, "digest": digest()}
        self._known = {row["name"]: row["rows"] for row in self._read()}

    def _read(self) -> Iterator[Mapping[str, Any]]:
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:  # a line cut short when the run was ended
                continue
            if self._of.items() <= row.items():
                yield row

    def known(self, name: str) -> list[dict[str, Any]] | None:
        """What an earlier run found, if it did."""
        return self._known.get(name)

    def note(self, name: str, rows: Sequence[Any]) -> None:
        """Write a result down: dataclasses, or anything that JSON has."""
        kept = [asdict(row) if is_dataclass(row) and not isinstance(row, type) else row for row in rows]
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**self._of, "name": name, "rows": kept}, ensure_ascii=False) + "\n")

    def run(self, work: Callable[[str], Sequence[Any]], names: Iterable[str]) -> None:
        """Do the work for every name of which nothing is known, in two processes, and note each result."""
        left = [name for name in names if name not in self._known]
        with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
            running = {pool.submit(work, name): name for name in left}
            for done in as_completed(running):
                self.note(running[done], done.result())
        self._known = {row["name"]: row["rows"] for row in self._read()}
