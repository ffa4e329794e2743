"""What nobody waits for: ends that Redis cannot take hold up no others, and none vanishes in silence."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.helpers.calls import READ, entry
from tests.helpers.redis_server import RedisServer
from tests.server.scripted import WAIT_S, until
from tests.state.test_one_mock import Replicas, control
from volcv_mock import VolcvMock
from volcv_mock.cli.process import logged_in_background
from volcv_mock.state.redis.writer import AT_ONCE, Write, Writer


class Unwritable:
    """Something that cannot even be sent."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


def heard(mock: VolcvMock) -> list[str]:
    said: list[str] = []
    mock.world.log.write_message = said.append
    return said


@pytest.mark.parametrize("bad", [("default", "default-call-1", "0"), (Unwritable(),)], ids=["refused", "not sent"])
def test_an_end_that_redis_cannot_take_is_dropped_counted_and_told_once(processes: Replicas, bad: Any) -> None:
    """The first lacks arguments, so its script fails; it stands between ends that are written."""
    a, b = processes()
    journal, writer, said = a.world.journal, a.world.state._writer, heard(a)
    for number in (1, 2, 3):
        journal.open(entry(number))
    bad = tuple(f"{a.world.state.replica}:default-call-1" if part == "0" else part for part in bad)

    journal.close("default-call-2", READ)
    writer.add("close", *bad)
    writer.add("close", *bad)
    journal.close("default-call-3", READ)
    writer.flush()

    assert [call.client for call in b.calls] == ["waiting", "read_all", "read_all"]
    assert control(b, "/calls")["journal"]["lost"] == 2
    assert b"volcv_mock_journal_lost_total 2.0" in b.app.test_client().get("/_mock/metrics").data
    assert len(said) == 1
    assert said[0].startswith("volcv-mock: WARNING: Redis cannot take a write (close: ")
    assert not writer._pending


def test_an_end_after_a_long_time_is_not_gathered_with_others(
    processes: Replicas, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where calls are rare the thread wakes up once for each, not twice."""
    monkeypatch.setattr("volcv_mock.state.redis.writer.GATHER_S", 3600.0)
    [mock] = processes(number=1)
    mock.world.journal.open(entry(1))

    mock.world.journal.close("default-call-1", READ)

    assert until(lambda: not (mock.world.state._writer._pending or mock.world.state._writer._is_writing))


def test_ends_that_redis_is_too_full_for_are_written_later(make: Any, redis_server: RedisServer) -> None:
    mock = make(state=redis_server.url())
    ask = mock.world.state.connections.command
    mock.world.journal.open(entry(1))
    ask("CONFIG", "SET", "maxmemory", "1")
    mock.world.journal.close("default-call-1", READ)
    mock.world.state._writer.flush()
    assert mock.world.state._writer._pending
    ask("CONFIG", "SET", "maxmemory", "0")

    mock.close()

    assert make(state=f"unix://{redis_server.socket}?name={mock.world.state._name}").calls.last.client == "read_all"


def test_ends_that_are_left_when_a_process_ends_without_redis_are_told(capfd: pytest.CaptureFixture[str]) -> None:
    """After the log's own thread has ended, as in `serve`."""
    server = RedisServer()
    mock = VolcvMock(state=server.url())
    with logged_in_background(mock.world):
        mock.world.journal.open(entry(1))
        mock.world.journal.open(entry(2))
        server.close()
        mock.world.journal.close("default-call-1", READ)

    mock.close()
    mock.close()

    line = 'volcv-mock: WARNING: ends of deliveries could not be written to Redis: 1; they stay client: "lost"\n'
    assert capfd.readouterr().err == line


class Recorder:
    """Connections that keep what they are given to run."""

    def __init__(self) -> None:
        self.written: list[tuple[Any, ...]] = []

    def run(self, batch: list[Write], *, keeps_refusals: bool) -> list[None]:
        self.written += [arguments for _, arguments in batch]
        return [None] * len(batch)

    def close(self) -> None:
        pass


@pytest.mark.parametrize("is_urgent", [True, False])
def test_who_flushes_finds_written_what_it_added_however_many_add(is_urgent: bool) -> None:
    recorder, threads, each = Recorder(), 8, 50
    writer = Writer(lambda: recorder, time.monotonic)

    def add_and_flush(thread: int) -> list[int]:
        missing = []
        for number in range(each):
            writer.add("close", thread, number, is_urgent=is_urgent)
            writer.flush(WAIT_S)
            missing += [] if (thread, number) in recorder.written else [number]
        return missing

    with ThreadPoolExecutor(threads) as pool:
        assert list(pool.map(add_and_flush, range(threads))) == [[]] * threads

    assert writer.close() == 0
    assert sorted(recorder.written) == [(thread, number) for thread in range(threads) for number in range(each)]


def test_what_is_added_last_is_written_before_the_writer_ends() -> None:
    recorder = Recorder()
    writer = Writer(lambda: recorder, time.monotonic)
    for number in range(3 * AT_ONCE):
        writer.add("close", number)

    assert writer.close() == 0

    assert recorder.written == [(number,) for number in range(3 * AT_ONCE)]
