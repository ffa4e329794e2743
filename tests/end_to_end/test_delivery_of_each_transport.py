"""What the journal keeps of a delivery is the same on each transport: the socket server, WSGI, and the intercept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import pytest

from tests.helpers.clients import BASE
from tests.server.scripted import WAIT_S
from volcv_mock import VolcvMock
from volcv_mock.control.har import har
from volcv_mock.service import body_limit_bytes

PATH = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
KEY = {"Authorization": "Bearer sk-test"}
SECRET = "sk-0123456789abcdefghij"


class Silent(WSGIRequestHandler):
    def log_message(self, *words: object) -> None:
        """Nothing: standard error is the test's."""


@contextmanager
def by_socket(mock: VolcvMock) -> Iterator[str]:
    with mock.serve() as server:
        yield server.base_url


@contextmanager
def by_wsgi(mock: VolcvMock) -> Iterator[str]:
    with make_server("127.0.0.1", 0, mock.app, handler_class=Silent) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@contextmanager
def by_intercept(mock: VolcvMock) -> Iterator[str]:
    with mock.intercept(BASE):
        yield BASE


Transport = Callable[[VolcvMock], Any]
TRANSPORTS: dict[str, Transport] = {"socket": by_socket, "wsgiref": by_wsgi, "intercept": by_intercept}
each_transport = pytest.mark.parametrize("transport", TRANSPORTS.values(), ids=TRANSPORTS)


@pytest.fixture
def mock() -> VolcvMock:
    return VolcvMock(seed=7, auth="off", latency="off")


def delivered(mock: VolcvMock) -> Any:
    """The entry of the last call when its delivery is over: the server reports it after the client has its answer."""
    journal, over = mock.world.journal, threading.Event()
    unsubscribe = mock.world.changes.subscribe(over.set)
    try:
        while (entry := journal.last()) is None or entry.client == "waiting":
            assert over.wait(WAIT_S)
            over.clear()
    finally:
        unsubscribe()
    return entry


@each_transport
def test_the_bytes_of_the_body_are_counted(mock: VolcvMock, transport: Transport) -> None:
    with transport(mock) as url:
        answer = httpx.post(url + PATH, json=mock.body(), headers=KEY, timeout=WAIT_S)
        entry = delivered(mock)

    assert (entry.client, entry.status, entry.sent_bytes) == ("read_all", 200, len(answer.content))
    response = har([entry])["log"]["entries"][0]["response"]
    assert (response["bodySize"], response["content"]["size"]) == (len(answer.content), len(answer.content))


@each_transport
def test_a_drip_is_received_after_its_first_byte(mock: VolcvMock, transport: Transport) -> None:
    mock.fault("drip", duration_s=0.2)
    with transport(mock) as url:
        httpx.post(url + PATH, json=mock.body(), headers=KEY, timeout=WAIT_S)
        entry = delivered(mock)

    (shown,) = har([entry])["log"]["entries"]
    assert entry.sending_s > 0.19
    assert mock.calls.last.sending_s == entry.sending_s
    assert shown["timings"] == {"send": 0, "wait": 1000 * entry.delay_s, "receive": 1000 * entry.sending_s}
    assert shown["time"] == pytest.approx(1000 * (entry.delay_s + entry.sending_s))


def test_the_computing_of_an_intercepted_mock_is_no_sending(mock: VolcvMock) -> None:
    with by_intercept(mock) as url:
        httpx.post(url + PATH, json=mock.body(), headers=KEY, timeout=WAIT_S)

    assert delivered(mock).sending_s == 0


def paths_shown(mock: VolcvMock) -> tuple[str, str, str]:
    """The path of the last call: in Python, in JSON, and in the URL of the HAR."""
    entry = delivered(mock)
    url = har([entry])["log"]["entries"][0]["request"]["url"]
    assert url.startswith(f"{entry.scheme}://{entry.host}/")
    return mock.calls.last.path, entry.to_dict()["path"], urlsplit(url).path


@each_transport
@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/nowhere?a=b", "/nowhere"),
        ("/volcv/v2", "/volcv/v2"),
        ("/", "/"),
        (PATH, "/volcv/v1"),
        ("/volcv/v1/", "/volcv/v1/"),
        (f"/{SECRET}{PATH}", "/***/volcv/v1"),
        (f"/v1/{SECRET}/chat", "/v1/***/chat"),
    ],
)
def test_the_path_is_the_one_that_was_requested(mock: VolcvMock, transport: Transport, target: str, path: str) -> None:
    with transport(mock) as url:
        httpx.get(url + target, timeout=WAIT_S)

        assert paths_shown(mock) == (path, path, path)
    assert SECRET not in repr(delivered(mock))


def test_the_prefix_of_a_mounted_app_is_masked(mock: VolcvMock) -> None:
    for target, path in (("/nowhere", "/***/nowhere"), (PATH, "/***/volcv/v1")):
        mock.app.test_client().get(target, base_url="http://host/prefix", buffered=True)

        assert paths_shown(mock) == (path, path, path)


def test_the_prefix_of_an_intercepted_base_is_masked(mock: VolcvMock) -> None:
    base = f"{BASE}/{SECRET}"
    with mock.intercept(base):
        httpx.post(base + PATH, json=mock.body(), headers=KEY, timeout=WAIT_S)
        assert paths_shown(mock) == ("/***/volcv/v1",) * 3

        httpx.get(f"{base}/nowhere", timeout=WAIT_S)
        assert paths_shown(mock) == ("/***/nowhere",) * 3

    assert SECRET not in repr(mock.world.journal.entries())


@each_transport
def test_an_answer_without_a_body_has_a_status_and_no_bytes(mock: VolcvMock, transport: Transport) -> None:
    with transport(mock) as url:
        httpx.head(url + PATH, headers=KEY, timeout=WAIT_S)
        entry = delivered(mock)

    assert (entry.client, entry.status, entry.sent_bytes) == ("read_all", entry.decided_status, 0)


@pytest.mark.parametrize("transport", [by_socket, by_intercept], ids=["socket", "intercept"])
def test_a_client_that_leaves_after_the_head_has_received_its_status(mock: VolcvMock, transport: Transport) -> None:
    mock.fault("drip")
    with transport(mock) as url:
        with httpx.stream("POST", url + PATH, json=mock.body(), headers=KEY, timeout=WAIT_S) as answer:
            assert answer.status_code == 200
        entry = delivered(mock)

    assert (entry.status, entry.code) == (200, None)


@pytest.mark.parametrize("buffered", [False, True])
def test_a_call_of_flasks_test_client_ends_when_its_body_was_taken(buffered: bool) -> None:
    """It closes a response only if it is told to buffer it; a call that never ended kept its place in the quota."""
    mock = VolcvMock(seed=7, auth="off", latency="off", in_flight=1)
    client = mock.app.test_client()

    codes = [client.post(PATH, json=mock.body(), headers=KEY, buffered=buffered).json["code"] for _ in range(3)]

    assert codes == [10000] * 3
    assert [entry.delivered for entry in mock.world.journal.entries()] == ["whole"] * 3


def test_a_body_in_chunks_that_the_wsgi_server_does_not_decode_is_named(mock: VolcvMock) -> None:
    """To Werkzeug it looks empty."""
    with by_wsgi(mock) as url:
        answer = httpx.post(url + PATH, content=iter([b"{}"]), headers=KEY, timeout=WAIT_S)

    assert answer.status_code == 400
    assert "this WSGI server does not decode chunks" in answer.headers["X-Volcv-Mock-Reason"]


@pytest.mark.parametrize("transport", [by_wsgi, by_intercept], ids=["wsgiref", "intercept"])
def test_a_body_above_the_limit_is_refused_by_its_length(mock: VolcvMock, transport: Transport) -> None:
    """As the socket server says before it reads the body."""
    size_bytes = body_limit_bytes() + 2
    with transport(mock) as url:
        answer = httpx.post(url + PATH, content=bytes(size_bytes), headers=KEY, timeout=WAIT_S)

    assert f"Content-Length {size_bytes}" in answer.headers["X-Volcv-Mock-Reason"]


@each_transport
@pytest.mark.parametrize(
    ("expectation", "status"), [("nonsense", 417), ("100-continue, nonsense", 417), ("100-Continue", 200)]
)
def test_an_expectation_that_nobody_meets_is_refused(
    mock: VolcvMock, transport: Transport, expectation: str, status: int
) -> None:
    """A server that reads bytes refuses it before the body; elsewhere the service does (RFC 9110, 10.1.1)."""
    with transport(mock) as url:
        answer = httpx.post(url + PATH, json=mock.body(), headers={**KEY, "Expect": expectation}, timeout=WAIT_S)
        entry = delivered(mock)

    assert (answer.status_code, entry.status) == (status, status)
    assert "Expect" in answer.headers.get("X-Volcv-Mock-Reason", "") or status == 200
