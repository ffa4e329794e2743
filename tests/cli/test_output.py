"""No write to standard output or standard error ends a command or changes its exit code."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import DEADLINE_S, command, environment
from volcv_mock import cli, contract
from volcv_mock.cli.banner import announce
from volcv_mock.cli.output import print_json, protected_output
from volcv_mock.config import Settings

ENCODINGS = ("cp1252", "gbk", "ascii")
LISTINGS = (
    ("openapi", "--profile", "strict", "--auth", "off"),
    ("explain", "50413"),
    ("codes", "--json"),
    ("codes",),
    ("operations",),
    ("assumptions", "--json"),
)


def run(*words: str, **options: object) -> subprocess.CompletedProcess[bytes]:
    variables = {name: str(options.pop(name)) for name in list(options) if name.isupper()}
    return subprocess.run(command(words), env=environment(PYTHONUTF8="0", **variables), timeout=DEADLINE_S,
                          check=False, **{"capture_output": True, **options})  # type: ignore[call-overload, no-any-return]  # fmt: skip


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("words", LISTINGS, ids=" ".join)
def test_a_listing_is_printed_in_any_encoding(
    words: tuple[str, ...], encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Output that is redirected on Windows is cp1252, in China gbk; in a container without a locale ASCII."""
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, (tmp_path / name).open("w", encoding=encoding))

    code = cli.main(words)
    for stream in (sys.stdout, sys.stderr):
        stream.close()

    assert (code, (tmp_path / "stderr").read_bytes()) == (0, b"")
    assert (tmp_path / "stdout").read_bytes()


@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-8"])
def test_a_printed_json_document_is_utf_8_whatever_the_stream_is(encoding: str) -> None:
    """RFC 8259, section 8.1: the file of `volcv-mock openapi > openapi.json` is read as UTF-8."""
    done = run("openapi", PYTHONIOENCODING=encoding)

    assert json.loads(done.stdout.decode("utf-8")) == contract.openapi("default", "any")


def test_an_error_is_printed_in_any_encoding_with_its_own_exit_code() -> None:
    word: Any = "图 ä ł".encode() if os.name == "posix" else "图 ä ł"  # whatever the locale of this process is

    done = run("explain", word, PYTHONIOENCODING="ascii", LC_ALL="C.UTF-8")  # the locale decodes arguments

    assert done.returncode == 2
    assert b"unknown code '\\u56fe \\xe4 \\u0142'" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize(("words", "code"), [(("codes",), 0), (("serve", "--help"), 0), (("nope",), 2)], ids=str)
def test_a_full_disk_changes_no_exit_code(words: tuple[str, ...], code: int, stream: str) -> None:
    with open("/dev/full", "wb") as full:
        done = run(*words, capture_output=False, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: full})

    assert done.returncode == code
    assert b"Traceback" not in (done.stderr or b"")


@pytest.mark.skipif(os.name != "posix", reason="needs sh")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(("words", "code"), [("codes", 0), ("nope", 2)])
def test_a_closed_stream_changes_no_exit_code(words: str, code: int, closed: str) -> None:
    line = f'"{sys.executable}" -m volcv_mock.cli {words} {closed}'

    done = subprocess.run(["/bin/sh", "-c", line], env=environment(), capture_output=True, timeout=DEADLINE_S,
                          check=False)  # fmt: skip

    assert done.returncode == code
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "python -u"])
@pytest.mark.parametrize("words", [["openapi"], ["codes", "--json"]], ids=" ".join)
def test_a_reader_that_leaves_early_changes_no_exit_code(words: list[str], unbuffered: str) -> None:
    """`volcv-mock codes | head -1`."""
    with subprocess.Popen(command(words), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment(PYTHONUNBUFFERED=unbuffered)) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()

        assert (process.stderr.read(), process.wait(DEADLINE_S)) == (b"", 0)


def test_serve_goes_on_when_the_reader_of_its_first_line_leaves() -> None:
    """A script reads the address and closes the pipe: `volcv-mock serve | head -1`."""
    with subprocess.Popen(command(["serve", "--port", "0"]), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment()) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        process.stdout.close()
        process.send_signal(signal.SIGTERM)

        assert (process.stderr.read(), process.wait(DEADLINE_S)) == (b"", 0)

    assert b"listening on http://127.0.0.1:" in first


def test_the_start_up_lines_raise_nothing_when_nobody_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr("sys.stdout", stream)

        with protected_output():
            announce("http://127.0.0.1:8410", Settings())


def test_a_pipe_that_does_not_block_gets_the_whole_text() -> None:
    """Node.js hands such pipes to its children."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with subprocess.Popen(command(["openapi"]), stdout=writing, env=environment()) as process:
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            text = pipe.read()
        assert process.wait(DEADLINE_S) == 0

    assert json.loads(text) == contract.openapi("default", "any")


def test_the_streams_of_the_caller_are_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", stream)

    with protected_output():
        print_json({"a": "图"})

    assert sys.stdout is stream
    assert stream.buffer.getvalue() == b'{\n "a": "\\u56fe"\n}\n'  # type: ignore[attr-defined]
