"""What can be known to be wrong before anything is sent or counted: folders, files of earlier nights, numbers."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path

from volcv_mock.recording.ledger import BudgetMissing, Ledger

from ..report import history, write
from ..report.history import HISTORY, BadReport
from ..targets.registry import is_paid

ROOM_BYTES = 32 * 2**20
"""What a report needs: a night against a paid target writes 5 to 10 MB, and half-written files come on top."""


def check(options: argparse.Namespace, path: Path) -> Ledger | None:
    """Raise BadReport or BudgetMissing, naming the file, when a run could not end as it should.

    Gives the ledger of a paid target, read: that of a year has tens of thousands of lines.
    """
    if options.report:
        assert_writable(options.report)
        _assert_replaceable(options.report)
        _assert_room(options.report)
        history.rows_of(options.report / HISTORY)
        write.last_shapes(options.report)
    if not is_paid(options.target):
        return None
    assert_writable(path.parent)
    if path.exists() and not os.access(path, os.R_OK | os.W_OK):
        raise BudgetMissing(f"the ledger {path} cannot be read and written; without it nothing is sent")
    ledger = Ledger(path, options.budget)
    ledger.spent()
    return ledger


def _assert_replaceable(folder: Path) -> None:
    """What the report writes may be there already, but only as what it writes."""
    for name in (*write.FILES, HISTORY, history.LOCK):
        if (folder / name).exists() and not (folder / name).is_file():
            raise BadReport(f"{folder / name} is in the way: the report writes a file of that name")
    for name in write.FOLDERS:
        if (folder / name).exists():
            assert_writable(folder / name)


def _assert_room(folder: Path) -> None:
    """A report that no longer fits would be noticed when the calls are spent."""
    total, _, free = shutil.disk_usage(folder)
    if total and free < ROOM_BYTES:  # some network folders tell nothing
        raise BadReport(f"only {free >> 20} MB are free for {folder}; a report needs {ROOM_BYTES >> 20} MB")


def assert_writable(folder: Path) -> None:
    """Create the folder and write into it: permissions alone do not tell about a full disk or a file of that name."""
    probe = folder / f".probe.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"0" * 4096)
    except OSError as error:
        raise BadReport(f"nothing can be written to {folder}: {error.strerror or error}") from error
    finally:
        probe.unlink(missing_ok=True) if folder.is_dir() else None
