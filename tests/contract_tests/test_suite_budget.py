"""The budget is safe: whatever happens in between, paid sends of a day never exceed it."""

from __future__ import annotations

import datetime as dt
import errno
import json
import multiprocessing
import os

import pytest

from contract_tests.generate import plain_request
from contract_tests.model import Answer
from contract_tests.planning.cases import Ask, Case
from contract_tests.runner.runner import Runner
from contract_tests.targets import Target
from tests.contract_tests.budget_worker import run_night
from volcv_mock.recording.ledger import BudgetMissing, Ledger

DAY = dt.date(2026, 11, 20)
LIMIT = 6


class Counting(Target):
    """Answers every request with success and counts; `after` is called with the number of sends so far."""

    def __init__(self, after=lambda count: None):
        super().__init__("counting", None, "/", frozenset({"paid"}))
        self.sent, self.after = 0, after

    def prepare(self, sent):
        return None

    def send(self, sent):
        self.sent += 1
        self.after(self.sent)
        return Answer(200, (), b'{"code": 10000}')


def _cases(count):
    return [Case(f"C{n}", "", "S3-10000", lambda variant, n=n: {"a": Ask(plain_request("i2i_inpainting", seed=n))})
            for n in range(1, count + 1)]  # fmt: skip


def _ledger(tmp_path, today=lambda: DAY):
    return Ledger(tmp_path / "ledger.jsonl", LIMIT, today)


def _sum(tmp_path, day=DAY):
    lines = (tmp_path / "ledger.jsonl").read_text(encoding="utf-8").splitlines()
    return sum(row["paid"] for row in map(json.loads, lines) if row["date"] == day.isoformat())


def test_two_runs_at_once_share_the_budget(tmp_path):
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        sent = pool.map(run_night, [tmp_path] * 2)

    assert sum(sent) == 12
    assert _sum(tmp_path) == 12


class Crash(BaseException):
    """The process dies."""


def test_a_crash_between_the_send_and_the_note_leaves_the_call_counted(tmp_path):
    def crash(count):
        if count == 3:
            raise Crash

    with pytest.raises(Crash):
        Runner(Counting(crash), ledger=_ledger(tmp_path)).run(_cases(20))
    again = Counting()
    Runner(again, ledger=_ledger(tmp_path)).run(_cases(20))

    assert 3 + again.sent == LIMIT == _sum(tmp_path)


def test_midnight_utc_in_the_middle_gives_each_day_its_own_budget(tmp_path):
    days = [DAY]

    def midnight(count):
        if count == 4:
            days.append(DAY + dt.timedelta(days=1))

    target = Counting(midnight)
    Runner(target, ledger=_ledger(tmp_path, lambda: days[-1])).run(_cases(40))

    assert _sum(tmp_path, days[0]) == 4
    assert _sum(tmp_path, days[-1]) == LIMIT
    assert target.sent == 4 + LIMIT


def test_on_a_full_disk_nothing_more_is_sent_and_the_ledger_stays_readable(tmp_path, monkeypatch):
    ledger, target = _ledger(tmp_path), Counting()
    sync = os.fsync

    def full(descriptor):
        if target.sent >= 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    results = Runner(target, ledger=ledger).run(_cases(10))

    assert target.sent == 2
    assert {one.reason for one in results[2:]} == {"ledger"}
    assert _ledger(tmp_path).spent() >= 2


def test_half_a_line_on_a_full_disk_is_taken_back(tmp_path, monkeypatch):
    ledger = _ledger(tmp_path)
    ledger.take("C1", "d")
    whole = (tmp_path / "ledger.jsonl").read_bytes()
    monkeypatch.setattr(os, "fsync", lambda descriptor: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))

    with pytest.raises(OSError, match="full"):
        ledger.take("C2", "d")

    assert (tmp_path / "ledger.jsonl").read_bytes() == whole


def test_a_ledger_that_becomes_unreadable_in_the_middle_ends_the_run(tmp_path):
    def damage(count):
        if count == 2:
            with (tmp_path / "ledger.jsonl").open("a", encoding="utf-8") as file:
                file.write("{half a line\n")

    target = Counting(damage)
    results = Runner(target, ledger=_ledger(tmp_path)).run(_cases(10))

    assert target.sent == 2
    assert results[-1].reason == "ledger"
    with pytest.raises(BudgetMissing, match="damaged"):
        _ledger(tmp_path).spent()
