"""An upstream that is down, slow, resets or answers a page: 502 or 504 in the mock's own envelope, with the reason."""

from __future__ import annotations

import socket

import pytest

from tests.upstream.front import KEY, front, post
from volcv_mock import VolcvMock
from volcv_mock.testing.handles import RunningMock


@pytest.mark.parametrize(
    ("fault", "within_s", "status", "reason"),
    [
        ("reset", 60.0, 502, "ReadError"),
        ("empty", 60.0, 502, "RemoteProtocolError"),
        ("truncate", 60.0, 502, "RemoteProtocolError"),
        ("html_502", 60.0, 502, "a page of HTML"),
        ("hang", 0.2, 504, "no answer in time"),
    ],
)
def test_a_broken_answer_of_the_upstream_is_no_code_of_the_service(
    fault: str, within_s: float, status: int, reason: str
) -> None:
    upstream = VolcvMock(api_keys=[KEY], triggers=False, hang_s=30.0)
    upstream.fault(fault)
    with upstream.serve() as real, front(real, "pass", upstream_timeout_s=within_s).serve() as server:
        reply = post(server, real.body())

        assert reply.status_code == status
        assert reply.json()["error"]["type"] == "upstream_error"
        assert reason in reply.headers["X-Volcv-Mock-Reason"]
        assert server.calls.last.code is None


def test_an_upstream_that_is_down_is_named_without_the_key() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: refuses connections
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with VolcvMock(upstream=address, mode="pass", api_keys=[KEY]).serve() as server:
            reply = post(server, server.body())

    assert reply.status_code == 502
    assert "ConnectError" in reply.headers["X-Volcv-Mock-Reason"]
    assert KEY not in reply.text + str(reply.headers)


def test_a_redirect_is_not_followed(real: RunningMock, monkeypatch: pytest.MonkeyPatch) -> None:
    from volcv_mock.delivery import Incoming

    moved = Incoming(307, (("Location", "https://elsewhere.example/?token=x"),), b"")
    monkeypatch.setattr("volcv_mock.world.World.send", lambda *_: moved)
    mock = front(real, "pass")

    reply = mock.app.test_client().post(
        "/volcv/v1?Action=CVProcess&Version=2022-08-31", json=mock.body(), headers={"Authorization": f"Bearer {KEY}"}
    )

    assert reply.status_code == 502
    assert "Location" not in reply.headers
    assert "redirects are not followed" in reply.headers["X-Volcv-Mock-Reason"]
    assert "token" not in reply.headers["X-Volcv-Mock-Reason"]
