"""A call in the mode `pass` is checked after its answer left: who reads the journal sees nothing of that."""

from __future__ import annotations

from typing import Any

import pytest

from tests.upstream.front import KEY, front, post
from volcv_mock.journal.backlog import MOST_BYTES
from volcv_mock.testing.handles import RunningMock


@pytest.fixture
def busy(real: RunningMock, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A mock whose server never pauses."""
    monkeypatch.setattr("volcv_mock.server.workers._PAUSE_S", 60.0)
    with front(real, "pass").serve() as server:
        server.world.spans = None  # a tracer of another test
        yield server


def test_the_journal_is_complete_whoever_reads_it(real: RunningMock, busy: RunningMock) -> None:
    post(busy, real.body())
    post(busy, {**real.body(), "seed": "x"})
    post(busy, real.body(), X_Volcv_Mock="mode=mock")
    assert len(busy.world.backlog) == 3

    first, second, third = (call.entry for call in busy.calls)

    assert first.thumbnails == ["result", "picture", "mask"]
    assert (first.result or {})["size_bytes"] > 100
    assert first.client == "read_all"
    assert any(note.startswith("the mock would refuse: $.seed") for note in second.notes)
    assert not any("upstream" in note for note in third.notes)
    assert len(busy.world.backlog) == 0


def test_a_failed_call_has_its_check_as_well(busy: RunningMock, real: RunningMock) -> None:
    real.fault("html_502")

    reply = post(busy, real.body())

    assert reply.status_code == 502
    assert list(busy.calls.last.entry.thumbnails) == ["picture", "mask"]
    assert busy.world.backlog.take(bytes(MOST_BYTES)), "what the call took was given back"


def test_a_call_that_may_not_leave_leaves_nothing_behind(busy: RunningMock, real: RunningMock) -> None:
    assert post(busy, real.body(), key="sk-mock-0123456789").status_code == 401

    assert KEY not in repr(busy.calls.last.entry)
    assert busy.world.backlog.take(bytes(MOST_BYTES))
