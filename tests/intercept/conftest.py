"""The fixtures of the test kit: a mock, an intercepted one, and every client in turn; virtual time without haste."""

import pytest

from tests.helpers.deadlines import DEADLINE_S
from tests.helpers.kit_fixtures import body, everything_imported, intercepted, mock, post, virtual
from volcv_mock.intercept import busy_threads, other_waits, timeline

__all__ = ["body", "everything_imported", "intercepted", "mock", "post", "virtual"]
BOUNDS = {busy_threads: ["BEGIN_S", "STILL_S"], other_waits: ["BEGIN_S", "LEAVE_S", "BUDGET_S"],
          timeline: ["BUDGET_S"]}  # fmt: skip


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may hold a thread back for longer than the bounds in real time, which are for tests of users."""
    for module, names in BOUNDS.items():
        for name in names:
            monkeypatch.setattr(module, name, DEADLINE_S)
