"""What a folder of a year costs a night: its ledger and history, beside the night itself, in one process."""

from __future__ import annotations

import datetime as dt
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx

from benchmarks.serving import Row
from contract_tests.pictures.server import unpublished
from contract_tests.planning.cases import Case
from contract_tests.planning.plan import DEFAULT_BUDGET, Night, ages_of, capabilities_of, plan_night
from contract_tests.planning.planned import live_cases
from contract_tests.report import history
from contract_tests.runner.runner import Runner
from contract_tests.targets import Target
from contract_tests.targets.mock import KEY, transport
from volcv_mock.recording.ledger import Ledger

DAYS, LINES_A_DAY = 365, 110
"""A night writes two lines for each of its requests."""
LAST = dt.date(2026, 11, 20)
TURNS = 3


def rows(quick: bool = False) -> Iterator[Row]:
    turns, days = (1, 3) if quick else (TURNS, DAYS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, days)
        plan_night(_cases(), DEFAULT_BUDGET, LAST)  # what is imported and kept once is no cost of the folder
        spent = [(_kept_s(folder), _night_s()) for _ in range(turns)]
    kept_s, night_s = (statistics.median(column) for column in zip(*spent, strict=True))
    note = f"{kept_s:.2f} and {night_s:.2f} s; the night without its pauses"
    yield Row("ledger and history of a year / a night in this process", kept_s / night_s, 1, note=note)


@cache
def _cases() -> tuple[Case, ...]:
    return live_cases(capabilities_of("proxy"))


def _write(folder: Path, days: int) -> None:
    dates = [(LAST - dt.timedelta(days=ago)).isoformat() for ago in range(days, 0, -1)]
    call = {"case": "W-EDT-custom_prompt-required", "request": "0123456789abcdef", "outcome": "HTTP 200 code 10000"}
    lines = (json.dumps({"date": date, **call, "paid": number % 2}) for date in dates for number in range(LINES_A_DAY))
    (folder / "ledger.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    known = dict.fromkeys(frozenset().union(*(case.obligations() for case in _cases())), "conform")
    state = history.Known(known, dict.fromkeys(known, dates[-1]))
    past = [{"date": date, "target": "proxy", "score": 0.8} for date in dates]
    (folder / "history.jsonl").write_text("".join(json.dumps(row) + "\n" for row in past), encoding="utf-8")
    history.append(folder / "history.jsonl", past[-1], state)


def _kept_s(folder: Path) -> float:
    """What a night does with the files of earlier nights, but for its own requests."""
    began_at = time.process_time()
    Ledger(folder / "ledger.jsonl", DEFAULT_BUDGET, lambda: LAST).spent()
    earlier = history.known(folder / "history.jsonl", "proxy")
    plan_night(_cases(), DEFAULT_BUDGET, LAST, ages_of(earlier.judged_on, LAST))
    history.append(folder / "history.jsonl", {"date": LAST.isoformat(), "target": "proxy", "score": 0.8}, earlier)
    history.keep_recordings(folder / "history.jsonl", "proxy", [], DAYS)
    return time.process_time() - began_at


def _night_s() -> float:
    client = httpx.Client(transport=transport(), base_url="http://127.0.0.1:8410")
    credentials = {"Authorization": f"Bearer {KEY}"}
    target = Target("proxy", client, "/volcv/v1", capabilities_of("proxy") - {"real_time"}, credentials, secrets=(KEY,))
    night: Night = plan_night(_cases(), DEFAULT_BUDGET, LAST)
    began_at = time.process_time()
    Runner(target, unpublished).run(night.cases)
    return time.process_time() - began_at
