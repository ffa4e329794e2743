"""`volcv-mock serve` as a process: its output, its end, and its errors for wrong settings."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.cli.process import DEADLINE_S, Serving, run
from volcv_mock import __version__
from volcv_mock._util.loopback import open_directly

CALL = "?Action=CVProcess&Version=2022-08-31"


@pytest.fixture(scope="module")
def serving() -> Iterator[Serving]:
    with Serving() as served:
        yield served


def test_the_first_line_is_the_one_that_scripts_wait_for(serving: Serving) -> None:
    assert serving.first == f"volcv-mock {__version__} listening on {serving.url}"
    assert serving.url.startswith("http://127.0.0.1:")


def test_then_it_prints_the_two_urls_to_put_in_a_client(serving: Serving) -> None:
    official, proxy = serving.line(), serving.line()

    assert f"set_host('{serving.url.removeprefix('http://')}')" in official
    assert proxy.endswith(f"{serving.url}/volcv/v1")


def test_strict_without_a_key_is_pointed_out() -> None:
    with Serving("--auth", "strict") as serving:
        lines = [serving.line() for _ in range(3)]

    assert lines[-1].startswith("auth:     strict, but no key is known")


def test_it_accepts_connections_once_the_line_is_there(serving: Serving) -> None:
    assert ask(serving)["code"] == 50201


def test_each_call_is_one_line_on_standard_error_without_its_key(serving: Serving) -> None:
    ask(serving, key="sk-a-key-that-nobody-may-see")

    assert "nobody-may-see" not in serving.error_with("50201")


def test_fail_on_is_the_only_exception_to_status_0() -> None:
    with Serving("--fail-on", "error") as serving:
        ask(serving)
        ask(serving)

        assert serving.end(signal.SIGTERM) == 1
        assert "retried_refusal" in serving.error_with("retried_refusal")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_ends_it_with_status_0_though_a_client_is_waiting(number: int) -> None:
    with Serving() as serving, socket.create_connection(address(serving), timeout=DEADLINE_S) as client:
        client.sendall(request(serving, "delay=1h"))
        serving_has_it(serving)

        assert serving.end(number) == 0
        assert client.recv(1) == b""


def test_a_standard_error_that_nobody_reads_delays_neither_responses_nor_the_end() -> None:
    """A test harness may start the mock with a pipe and never read it."""
    with full_pipe() as pipe, Serving(error=pipe) as serving:
        assert [ask(serving)["code"] for _ in range(3)] == [50201] * 3

        assert serving.end(signal.SIGTERM) == 0


@contextmanager
def full_pipe() -> Iterator[int]:
    """The writing end of a pipe that takes no byte more."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, bytes(4096))
    os.set_blocking(writing, True)
    yield writing
    os.close(reading)
    os.close(writing)


def test_a_mock_beyond_loopback_prints_that_its_control_api_is_off() -> None:
    with Serving("--host", "0.0.0.0") as serving:
        lines = [serving.line() for _ in range(3)]

    assert "--control-token" in lines[2]


def test_a_flag_goes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mock.toml"
    file.write_text('latency = "3s"\nauth = "off"\n[[faults]]\ncode = 50411\n')
    environ = {"VOLCV_MOCK_LATENCY": "2s", "VOLCV_MOCK_CONFIG": str(file)}
    with Serving("--latency", "off", environ=environ) as serving:
        assert get(serving, "/_mock/latency")["latency"] == {"default": "off"}
        assert get(serving, "/_mock/faults")["faults"][0]["code"] == 50411


WRONG_FLAGS = {
    "not a number": (["--port", "eighty"], "0 to 65535"),
    "an unknown choice": (["--log", "jsn"], "'json'"),
    "not a latency": (["--latency", "5"], "off, realistic, 0.1x"),
    "an access key without its secret": (["--ak", "AK"], "each access key its secret key"),
    "two profiles": (["--strict", "--lenient"], "not allowed with"),
    "an unknown option": (["--prot", "80"], "--port"),
    "a shortened flag": (["--lat", "off"], "--latency"),
    "a key beside the keys": (["--api-key", "sk-one", "sk-SECRETWORD"], "unrecognized arguments: ***"),
    "a key for an unknown option": (["--apikey=sk-SECRETWORD"], "--apikey=***. Did you mean --api-key?"),
    "a key with a line end": (["--api-key", "sk-SECRETWORD\n"], "--api-key = ***: wanted"),
    "a secret key with a line end": (["--ak", "AK", "--sk", "sk-SECRETWORD\r\n"], "--sk = ***: wanted"),
    "a file that is not there": (["--config", "nowhere.toml"], "nowhere.toml"),
}


@pytest.mark.parametrize(("flags", "expected"), WRONG_FLAGS.values(), ids=WRONG_FLAGS)
def test_a_wrong_option_is_refused_with_the_permitted_ones(flags: list[str], expected: str) -> None:
    done = run("serve", *flags)

    assert (done.returncode, done.stdout) == (2, "")
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
    assert "SECRETWORD" not in done.stderr


def test_a_wrong_variable_is_named() -> None:
    done = run("serve", environ={"VOLCV_MOCK_AUTH": "maybe"})

    assert done.returncode == 2
    assert "VOLCV_MOCK_AUTH = 'maybe': wanted one of any, strict, off" in done.stderr


def test_a_wrong_file_is_refused_with_its_line_and_key(tmp_path: Path) -> None:
    file = tmp_path / "mock.toml"
    file.write_text("seed = 1\n\n[quotas]\nin_flite = 3\n")

    done = run("serve", "--config", str(file))

    assert done.returncode == 2
    assert f"{file}:4: quotas.in_flite is no setting" in done.stderr
    assert "quotas.in_flight" in done.stderr


def test_a_busy_port_is_refused_with_a_remedy(serving: Serving) -> None:
    port = serving.url.rpartition(":")[2]

    done = run("serve", "--port", port)

    assert done.returncode == 2
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_host_of_another_machine_is_refused() -> None:
    done = run("serve", "--host", "192.0.2.1", "--port", "0")

    assert done.returncode == 2
    assert "cannot listen on 192.0.2.1" in done.stderr


def ask(serving: Serving, key: str = "sk-anything") -> Any:
    """The document of a call without a req_key."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{serving.url}/volcv/v1{CALL}", b"{}", headers)
    with pytest.raises(urllib.error.HTTPError) as caught:
        open_directly(asked, DEADLINE_S)
    return json.load(caught.value)


def get(serving: Serving, path: str) -> Any:
    with open_directly(serving.url + path, DEADLINE_S) as answer:
        return json.load(answer)


def address(serving: Serving) -> tuple[str, int]:
    host, _, port = serving.url.removeprefix("http://").partition(":")
    return host, int(port)


def request(serving: Serving, override: str) -> bytes:
    head = f"POST /volcv/v1{CALL} HTTP/1.1\r\nHost: {serving.url[7:]}\r\nAuthorization: Bearer sk-x\r\n"
    return f"{head}X-Volcv-Mock: {override}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}".encode()


def serving_has_it(serving: Serving) -> None:
    """Return once the call is in the journal, so that it is waiting."""
    give_up_at = time.monotonic() + DEADLINE_S
    while not get(serving, "/_mock/calls")["calls"]:
        assert time.monotonic() < give_up_at
