"""The suites of the journal once more, over a state in fakeredis and in Redis: every test that is given a journal."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from tests.helpers.calls import BUDGET, NOW_S, READ, RISK, entry, opened
from tests.helpers.states import NewUrl
from tests.journal import test_journal_entries, test_journal_keeping
from volcv_mock import VolcvMock
from volcv_mock.delivery import Delivered

NEEDS_MEMORY = {
    "test_no_retry_waited_for_less_than_nothing": "an end is written up to 5 ms later: the times tell what came first",
}

for _module in (test_journal_entries, test_journal_keeping):
    for _name, _test in vars(_module).items():
        if _name.startswith("test_") and "journal" in inspect.signature(_test).parameters:
            globals()[_name] = _test


@pytest.fixture(scope="module")
def kept(in_redis: NewUrl) -> Iterator[Any]:
    mock = VolcvMock(state=in_redis(), journal_bytes=BUDGET)
    yield mock.world.state.journal
    mock.close()


@pytest.fixture
def journal(kept: Any, request: pytest.FixtureRequest) -> Any:
    reason = NEEDS_MEMORY.get(request.node.originalname)
    if reason:
        pytest.skip(reason)
    kept.clear()
    kept._cache = type(kept._cache)()  # as a process that has seen no picture yet
    return kept


@pytest.mark.parametrize(
    ("at_s", "waited_s"), [(1.5, 0.0), (3.0, 1.5), (1.0, None)], ids=["at once", "later", "beside"]
)
def test_a_retry_that_overtook_the_end_before_it_waited_since_that_end(
    journal: Any, at_s: float, waited_s: float | None
) -> None:
    """Ends are written some milliseconds later, and a client may retry at once, at another process."""
    opened(journal, entry(1, row=RISK, at_s=NOW_S), entry(2, row=RISK, at_s=NOW_S + at_s))
    assert journal.get("default-call-2").retry["waited_s"] is None

    journal.close("default-call-1", Delivered(1.5, "read_all"))

    assert journal.get("default-call-2").retry["waited_s"] == waited_s
    journal.close("default-call-2", READ)
    opened(journal, entry(3, at_s=NOW_S + 9))
    assert journal.get("default-call-3").retry["of"] == "default-call-2"
