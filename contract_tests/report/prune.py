"""Deletes what older nights recorded: exchanges that no kept night names, and pictures that no kept exchange names.

Only files whose names the recorder makes are touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

EXCHANGE = re.compile(r".+-[0-9a-f]{16}(-\d+)?\.json")
PICTURE = re.compile(r"[0-9a-f]{64}")
DIGEST = re.compile(rb"sha256:([0-9a-f]{64})")


def kept_rows(rows: Iterable[Mapping[str, Any]], nights: int) -> list[dict[str, Any]]:
    """The rows of a history; those older than the last `nights` dates lose their list of recordings."""
    found = [dict(row) for row in rows]
    dates = sorted({str(row["date"]) for row in found})[-nights:]
    for row in found:
        if str(row["date"]) not in dates:
            row.pop("recordings", None)
    return found


def prune(folder: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Delete the recordings that no row names; gives how many files went."""
    named = {name for row in rows for name in row.get("recordings", ())}
    exchanges = _files(folder / "exchanges", EXCHANGE)
    gone = [path for path in exchanges if path.name not in named]
    if not gone:
        return 0
    used = {digest.decode() for path in exchanges if path.name in named for digest in DIGEST.findall(path.read_bytes())}
    gone += [path for path in _files(folder / "pictures", PICTURE) if path.name not in used]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _files(folder: Path, pattern: re.Pattern[str]) -> list[Path]:
    return [path for path in sorted(folder.glob("*")) if pattern.fullmatch(path.name)]
