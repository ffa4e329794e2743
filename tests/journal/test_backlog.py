"""Journal entries that wait until the server pauses or somebody reads: their order, their limits, their deliveries."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from volcv_mock._util.gil_gate import GilGate
from volcv_mock.journal import backlog as module
from volcv_mock.journal.backlog import Backlog


class Written:
    """A backlog, and what was written, in order."""

    def __init__(self) -> None:
        self.backlog = Backlog()
        self.backlog.is_open = True
        self.found: list[str] = []

    def wait(self, name: str, size_bytes: int = 10) -> bool:
        place = self.backlog.take(b"x" * size_bytes)
        if place is None:
            return False
        self.backlog.add(lambda checks: self.found.append(name if checks else f"{name} unchecked"), place)
        return True

    def saying(self, name: str) -> Callable[[], None]:
        return lambda: self.found.append(name)


@pytest.fixture
def written() -> Written:
    return Written()


def test_entries_are_written_one_by_one_in_their_order(written: Written) -> None:
    for name in "abc":
        assert written.wait(name)

    assert written.backlog.write_one()
    assert written.found == ["a"]
    written.backlog.write_all()
    assert written.found == ["a", "b", "c"]
    assert not written.backlog.write_one()


def test_the_delivery_of_an_entry_that_waits_is_closed_behind_it(written: Written) -> None:
    written.backlog.ended(written.saying("end of b"))
    written.wait("a")
    written.backlog.ended(written.saying("end of a"))

    assert written.found == ["end of b"]
    written.backlog.write_all()
    assert written.found == ["end of b", "a", "end of a"]


def test_ends_of_deliveries_keep_their_place_among_the_entries(written: Written) -> None:
    """An attempt that began before the one before it had ended says so, whenever it is written."""
    written.wait("a")
    written.wait("b")
    written.backlog.ended(written.saying("end of a"))
    written.wait("c")

    written.backlog.write_all()

    assert written.found == ["a", "b", "end of a", "c"]
    assert not written.backlog.waits


def test_nothing_waits_where_no_server_writes_in_its_pauses(written: Written) -> None:
    written.backlog.is_open = False

    assert not written.wait("a")


def test_bytes_and_calls_are_bounded_and_both_are_freed(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    monkeypatch.setattr(module, "MOST_CALLS", 3)

    assert written.wait("a", 90)
    assert not written.wait("b", 11)
    assert written.wait("c", 10)
    assert written.wait("d", 0)
    assert not written.wait("e", 0)
    written.backlog.write_all()
    assert written.wait("f", 100)
    written.backlog.write_all()
    place = written.backlog.take(b"x" * 100)
    assert place
    assert not written.backlog.take(b"x")
    written.backlog.give_back(place)
    assert written.backlog.take(b"x" * 100)


def test_a_request_is_read_as_it_was_kept(written: Written) -> None:
    places = [written.backlog.take(body) for body in (b"first", b"", b"second")]

    assert [written.backlog.read(place) for place in places if place] == [b"first", b"", b"second"]


def test_nothing_waits_where_no_file_can_be_written(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)

    assert not written.wait("a")


def test_where_the_server_does_not_pause_some_are_written_when_too_many_wait(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    for name in "abcd":
        written.wait(name)

    written.backlog.keep_up()

    assert written.found == ["a", "b"]


def test_where_the_server_does_not_pause_some_are_written_when_an_answer_left_long_ago() -> None:
    """The log has the line of a call when its delivery is closed."""
    now_s = [100.0]
    found: list[str] = []
    backlog = Backlog(monotonic=lambda: now_s[0])
    backlog.add(lambda _: found.append("a"))
    backlog.ended(lambda: found.append("end of a"))
    backlog.add(lambda _: found.append("b"))

    backlog.keep_up()
    assert found == []

    now_s[0] += module.LATE_S + 1
    backlog.keep_up()
    assert found == ["a", "end of a"]


def test_at_the_end_of_a_mock_the_rest_is_written_without_its_check(written: Written) -> None:
    for name in "abc":
        written.wait(name)
    answers = iter([True, False, False])

    written.backlog.write_all(lambda: next(answers))

    assert written.found == ["a", "b unchecked", "c unchecked"]


def test_an_entry_that_fails_holds_up_no_other(written: Written, caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: bool) -> None:
        raise ZeroDivisionError

    written.backlog.add(fail)
    written.wait("b")

    written.backlog.write_all()

    assert written.found == ["b"]
    assert "a journal entry failed" in caplog.text


def test_who_waits_for_its_turn_holds_up_nobody_who_writes() -> None:
    """A worker reads the journal while another writes an entry, which needs the lock for Python again."""
    gate = GilGate(cores=2)
    backlog = Backlog(gate.released)
    entered, may_end, found = threading.Event(), threading.Event(), []

    def write(_: bool) -> None:
        entered.set()
        may_end.wait(10)
        with gate.python():
            found.append("written")

    def read() -> None:
        with gate.python():
            may_end.set()
            backlog.write_all()
            found.append("read")

    backlog.add(write)
    threads = [threading.Thread(target=backlog.write_one, daemon=True)]
    threads[0].start()
    assert entered.wait(10)
    threads.append(threading.Thread(target=read, daemon=True))
    threads[1].start()
    for thread in threads:
        thread.join(10)

    assert found == ["written", "read"]
