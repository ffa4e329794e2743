"""The log: one line per call on standard error, and never a key."""

from __future__ import annotations

import io
import json
import os
import re
from dataclasses import replace

import pytest

from tests.helpers.calls import KEY, PROBLEM, RISK, entry
from volcv_mock.cli.process import logged_in_background
from volcv_mock.config import Settings
from volcv_mock.delivery import Delivered
from volcv_mock.journal import Journal
from volcv_mock.journal.background_writer import BackgroundWriter
from volcv_mock.journal.entries import Entry
from volcv_mock.journal.log import CallLog, Mode, line
from volcv_mock.model import Fired
from volcv_mock.world import World


def logged(mode: Mode, told: Entry) -> str:
    stream, journal = io.StringIO(), Journal(1_000_000)
    journal.open(told)
    closed = journal.close(told.id, Delivered(3.25, "read_all"))
    assert closed is not None
    CallLog(mode, stream).write(closed)
    return stream.getvalue()


def test_a_call_is_one_line_of_text() -> None:
    assert logged("text", entry()) == (
        "2023-11-14T22:13:20.000Z 200 10000 i2i_inpainting 3.250s read_all call=default-call-1 key=sk-***\n"
    )


def test_a_line_tells_scope_rule_and_reason() -> None:
    told = entry(scope="t1", row=RISK, problems=(PROBLEM,), fired=(Fired("rule", "reset", "rule-3"),))

    assert line(told).endswith(
        "scope=t1 key=sk-*** fired=rule-3:reset reason=\"$.seed: '7'; wanted a whole number (rule schema_type)\""
    )


def test_a_call_is_one_object_of_json() -> None:
    text = logged("json", entry(row=RISK, fired=(Fired("header", "50411"),)))

    told = json.loads(text)

    assert text.count("\n") == 1
    assert (told["code"], told["status"], told["delay_s"], told["fired"]) == (50411, 400, 3.25, ["header:50411"])


def test_a_server_that_ends_by_a_mistake_still_says_its_last_lines(capfd: pytest.CaptureFixture[str]) -> None:
    world = World(Settings(log="text"))

    def serve() -> None:
        with logged_in_background(world):
            world.log.write_message("the last line")
            raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        serve()

    assert "the last line" in capfd.readouterr().err


def test_off_writes_nothing() -> None:
    assert logged("off", entry()) == ""


@pytest.mark.parametrize("mode", ["text", "json"])
def test_no_line_holds_the_key(mode: Mode) -> None:
    leaky = replace(PROBLEM, found=f"the key {KEY}")

    assert KEY not in logged(mode, entry(problems=(leaky,), body={"req_key": KEY}))


@pytest.mark.parametrize(
    "text",
    ["a\nb", "a\r\nb", "a\x1b[2Jb", "a\x00b", "a\u2028b", "a\u202eb", "a\x85b", "a\ud800b"],
    ids=["newline", "return", "escape", "null", "line separator", "right to left", "next line", "lone surrogate"],
)
@pytest.mark.parametrize("mode", ["text", "json"])
def test_a_client_cannot_begin_a_line_or_steer_a_terminal(mode: Mode, text: str) -> None:
    """A forged line in a log is a lie about another call."""
    told = entry(body={"req_key": text}, problems=(replace(PROBLEM, found=text),))

    written = logged(mode, told)

    assert len(written.splitlines()) == 1
    assert written.isprintable() or written[:-1].isprintable()
    written.encode("utf-8")


def test_a_closed_standard_error_costs_the_line_only() -> None:
    stream = io.StringIO()
    stream.close()

    CallLog("text", stream).write_message("reloaded")


def test_a_line_may_be_about_no_call() -> None:
    stream = io.StringIO()

    CallLog("json", stream).write_message("mock.toml reloaded")

    assert json.loads(stream.getvalue()) == {"message": "mock.toml reloaded"}


def test_lines_are_written_in_their_order() -> None:
    reading, writing = os.pipe()
    writer = BackgroundWriter(writing)
    log = CallLog("text", writer)

    for number in range(100):
        log.write_message(f"line {number}")
    writer.close(5)
    os.close(writing)

    with open(reading) as told:
        assert told.read().splitlines() == [f"line {number}" for number in range(100)]


def test_nobody_waits_for_a_reader_who_does_not_read_and_what_is_lost_is_counted() -> None:
    reading, writing = os.pipe()
    writer = BackgroundWriter(writing, most_lines=10)
    log, wide = CallLog("text", writer), "x" * 10_000

    for _ in range(100):  # a pipe holds 64 KB: whoever wrote to it himself would stand still here
        log.write_message(wide)

    whole, lost = 0, 0
    with open(reading) as told:
        while whole + lost < 100:  # on a busy machine the loss is told in parts
            line = told.readline()
            notice = re.fullmatch(r"volcv-mock: (\d+) lines lost, standard error was not read\n", line)
            assert notice or line == wide + "\n"
            whole, lost = (whole, lost + int(notice[1])) if notice else (whole + 1, lost)
        writer.close(5)
        os.close(writing)
    assert whole + lost == 100
    assert lost > 0


def test_a_reader_who_left_costs_the_lines_only() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    writer = BackgroundWriter(writing)

    CallLog("text", writer).write_message("reloaded")

    writer.close(5)
    os.close(writing)
