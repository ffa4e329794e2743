"""Every file that a user may have edited: on Windows an editor begins it with a byte order mark, ends its lines with
CR LF, and may leave the last line end out."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contract_tests.report import deviations, history, not_judged, write
from contract_tests.targets import replay
from tests.recording.test_library import exchange_in
from volcv_mock._util.paths import shelf
from volcv_mock.config import config_file
from volcv_mock.contract import folder as contract_folder
from volcv_mock.recording import readings_file
from volcv_mock.recording.ledger import Ledger
from volcv_mock.recording.library import Library

BOM = b"\xef\xbb\xbf"
TODAY = dt.date(2026, 1, 2)
DEVIATION = {"check": "http_status_matches", "case": "CV-*", "target": "proxy", "reason": "201",
             "evidence": "CV-1.json", "expires": "2026-12-31"}  # fmt: skip
AS_SAVED: dict[str, Callable[[bytes], bytes]] = {
    "a byte order mark": lambda data: BOM + data,
    "CR LF": lambda data: data.replace(b"\n", b"\r\n"),
    "both": lambda data: BOM + data.replace(b"\n", b"\r\n"),
    "no last line end": lambda data: data.rstrip(b"\n"),
}


@dataclass(frozen=True)
class Case:
    """How a file is written into a folder, and what is read from it."""

    write: Callable[[Path], Path]
    read: Callable[[Path], Any]


def of_text(name: str, text: str) -> Callable[[Path], Path]:
    def written(folder: Path) -> Path:
        (folder / name).write_text(text, encoding="utf-8", newline="")
        return folder / name

    return written


def pretty(document: Any) -> str:
    return json.dumps(document, indent=1) + "\n"


def of_contract(name: str) -> Callable[[Path], Path]:
    """A file of the contract folder that the first block of docs/own-operations.md writes."""

    def written(folder: Path) -> Path:
        (folder / "fixtures").symlink_to(shelf("fixtures"))
        page = (shelf("docs") / "own-operations.md").read_text(encoding="utf-8")
        block = re.findall(r"```python\n(.*?)```", page, re.DOTALL)[0]
        with contextlib.chdir(folder):
            exec(block, {})
        return folder / "own" / name

    return written


LEDGER_ROWS = "".join(json.dumps({"date": TODAY.isoformat(), "case": "a", "paid": 1}) + "\n" for _ in range(2))
HISTORY_ROW = json.dumps({"date": "2026-01-02", "target": "proxy", "score": 1.0}) + "\n"
CASES: dict[str, Case] = {
    "settings": Case(of_text("mock.toml", "port = 9000\n[quotas]\nin_flight = 2\n"),
                     lambda path: config_file.read(path)[0]),
    "readings": Case(of_text("r.toml", 'version = 1\n[mask-size]\nalternative = "resize"\n'),
                     lambda path: readings_file.read(path).entries["mask-size"].alternative),
    "ledger": Case(of_text("ledger.jsonl", LEDGER_ROWS), lambda path: Ledger(path, 9, lambda: TODAY).spent()),
    "recorded exchange": Case(exchange_in, lambda path: list(Library(path.parents[1]))),
    "replayed exchange": Case(exchange_in, lambda path: replay._record(path)),
    "catalog of a contract folder": Case(of_contract("catalog.json"),
                                         lambda path: contract_folder.load(path.parent).rows),
    "schema of a contract folder": Case(of_contract("requests/my_card.schema.json"),
                                        lambda path: contract_folder.load(path.parents[1]).rows),
    "deviations": Case(of_text("deviations.json", pretty({"deviations": [DEVIATION]})), deviations.read),
    "history": Case(of_text("history.jsonl", HISTORY_ROW * 2), history.rows_of),
    "shapes": Case(of_text(write.SHAPES, pretty({"a": {"$": "object"}})),
                   lambda path: write.last_shapes(path.parent)),
    "results": Case(of_text("results.json", pretty({"results": []})), not_judged._read),
}  # fmt: skip


@pytest.mark.parametrize("as_saved", AS_SAVED.values(), ids=AS_SAVED)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_file_from_an_editor_is_read_as_any_other(
    tmp_path: Path, case: Case, as_saved: Callable[[bytes], bytes]
) -> None:
    path = case.write(tmp_path)
    wanted = case.read(path)

    path.write_bytes(as_saved(path.read_bytes()))

    assert case.read(path) == wanted


@pytest.mark.parametrize("content", [b"", BOM, BOM + b"\r\n"], ids=["empty", "a byte order mark", "and a line end"])
def test_a_ledger_that_was_emptied_in_an_editor_is_an_empty_one(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(content)
    ledger = Ledger(path, 9, lambda: TODAY)

    ledger.take("CV-1", "digest")

    assert ledger.spent() == Ledger(path, 9, lambda: TODAY).spent() == 1


def test_a_call_after_a_line_without_its_end_gets_a_line_of_its_own(tmp_path: Path) -> None:
    """Two rows on one line could not be read, and no further call would be sent."""
    path = of_text("ledger.jsonl", LEDGER_ROWS.rstrip("\n"))(tmp_path)

    Ledger(path, 9, lambda: TODAY).take("CV-1", "digest")

    assert Ledger(path, 9, lambda: TODAY).spent() == 3
    assert path.read_bytes().count(b"\n") == 3
