"""One process of several that share a ledger; imports little, because each process starts anew."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from volcv_mock.recording.ledger import BudgetSpent, Ledger

DAY = dt.date(2026, 11, 20)


def take_ten(folder: Path) -> int:
    """Book up to ten calls on a budget of 12; return how many were allowed."""
    taken = 0
    for _ in range(10):
        try:
            Ledger(folder / "ledger.jsonl", 12, lambda: DAY).take("case", "digest")
            taken += 1
        except BudgetSpent:
            pass
    return taken


def run_night(folder: Path) -> int:
    """One of two runs at once, each with more cases than the shared budget of 12; return how many calls were sent."""
    from contract_tests.runner.runner import Runner
    from tests.contract_tests.test_suite_budget import Counting, _cases

    target = Counting()
    Runner(target, ledger=Ledger(folder / "ledger.jsonl", 12, lambda: DAY)).run(_cases(12))
    return target.sent
