"""Nobody spends the owner's money by the way: who is forwarded, what leaves, and what may choose the mode."""

from __future__ import annotations

import ssl
from typing import Any

import httpx
import pytest

from tests.helpers.deadlines import DEADLINE_S
from tests.upstream.front import KEY, PATH, front, post
from volcv_mock import VolcvMock
from volcv_mock.config import BadSetting, Settings
from volcv_mock.delivery import Incoming
from volcv_mock.testing.handles import RunningMock
from volcv_mock.upstream import client


@pytest.mark.parametrize("auth", ["any", "strict", "off"])
def test_only_configured_keys_are_forwarded(real: RunningMock, auth: str) -> None:
    with front(real, "pass", auth=auth).serve() as server:
        reply = post(server, real.body(), key="sk-stranger-0123456789")

        assert reply.status_code == 401
        assert "Only keys given with --api-key" in reply.headers["X-Volcv-Mock-Reason"]
        assert len(real.calls) == 0


@pytest.mark.parametrize("sent", [{"Authorization": ""}, {"Authorization": "Bearer"}], ids=["none", "empty"])
def test_no_reading_lets_a_call_without_a_configured_key_leave(real: RunningMock, sent: dict[str, str]) -> None:
    """A reading may waive the check of the key; what is forwarded is paid for."""
    with front(real, "pass", reading=["authorization-optional=optional"]).serve() as server:
        reply = post(server, real.body(), **sent)

        assert reply.status_code in (401, 403)
        assert len(real.calls) == 0


@pytest.mark.parametrize("key", ["sk-mock-50411", "sk-mock-reset", "sk-scope-one"])
def test_keys_that_only_the_mock_understands_never_leave(real: RunningMock, key: str) -> None:
    """Not even when someone configured one of them as a client key."""
    with front(real, "pass", api_keys=[KEY, key]).serve() as server:
        reply = post(server, real.body(), key=key)

        assert reply.status_code == 403
        assert len(real.calls) == 0


@pytest.mark.parametrize(
    "page", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}], ids=str
)
@pytest.mark.parametrize("mode", ["mock", "pass"])
def test_a_page_of_another_origin_is_refused(real: RunningMock, mode: str, page: dict[str, str]) -> None:
    with front(real, mode).serve() as server:
        reply = post(server, real.body(), **page)

        assert reply.status_code == 403
        assert not [name for name in reply.headers if name.lower().startswith("access-control-")]
        assert len(real.calls) == 0


def test_a_preflight_of_another_origin_is_refused(passing: RunningMock) -> None:
    with httpx.Client(trust_env=False, timeout=DEADLINE_S) as client:
        reply = client.options(f"{passing.base_url}{PATH}", headers={"Origin": "https://evil.example"})

    assert reply.status_code == 403


def test_no_answer_permits_pages_of_other_origins(passing: RunningMock, real: RunningMock) -> None:
    reply = post(passing, real.body())

    assert not [name for name in reply.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("mode", ["pass", "spy", "record", "diff", "everything"])
def test_a_header_may_not_choose_a_mode_that_spends(real: RunningMock, mode: str) -> None:
    with front(real, "mock").serve() as server:
        reply = post(server, real.body(), X_Volcv_Mock=f"mode={mode}")

        assert reply.status_code == 400
        assert "mode=mock or mode=replay" in reply.headers["X-Volcv-Mock-Reason"]
        assert len(real.calls) == 0


def test_a_header_may_choose_the_mock(real: RunningMock, passing: RunningMock) -> None:
    reply = post(passing, real.body(), X_Volcv_Mock="mode=mock")

    assert reply.status_code == 200
    assert len(real.calls) == 0


def test_a_header_cannot_replay_without_recordings(real: RunningMock, passing: RunningMock) -> None:
    reply = post(passing, real.body(), X_Volcv_Mock="mode=replay")

    assert reply.status_code == 400
    assert "--recordings DIR" in reply.headers["X-Volcv-Mock-Reason"]


class Sent:
    """An upstream that keeps what it received and answers nothing useful."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}
        self.urls: list[str] = []

    def __call__(self, request: Any) -> Incoming:
        self.headers = {name.lower(): value for name, value in request.headers}
        self.urls.append(request.url)
        return Incoming(200, (("Content-Type", "application/json"),), b'{"code": 10000}')


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    found = Sent()
    monkeypatch.setattr("volcv_mock.world.World.send", lambda _, request: found(request))
    return found


def test_what_concerns_the_mock_or_the_connection_never_leaves(sent: Sent) -> None:
    mock = VolcvMock(upstream="https://api.example.com/volcv/v1/", mode="pass", api_keys=[KEY])
    bearer = {"Authorization": f"Bearer {KEY}"}
    own = {"X-Volcv-Mock-Scope": "one", "X-Volcv-Mock-Note": "x", "Cookie": "a=b", "Referer": "http://127.0.0.1/"}
    connection = {"Connection": "X-Hop", "X-Hop": "1", "TE": "trailers"}

    mock.app.test_client().post(PATH, json=mock.body(), headers={**bearer, **own, **connection, "X-Kept": "1"})

    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["host"] == "api.example.com"
    assert sent.headers["x-kept"] == "1"
    gone = {"x-volcv-mock-scope", "x-volcv-mock-note", "cookie", "referer", "connection", "x-hop", "te"}
    assert not gone & sent.headers.keys()
    assert sent.urls == [f"https://api.example.com{PATH}"]


REFUSED = {
    "no upstream": ({"mode": "pass"}, "needs --upstream URL"),
    "no key": ({"mode": "pass", "upstream": "http://127.0.0.1:1"}, "no client key is configured"),
    "keys that cannot sign": (
        {"mode": "spy", "upstream": "http://127.0.0.1:1", "access_keys": {"AKLT1": "x"}}, "no client key is configured",
    ),
    "half a pair": ({"upstream": "http://127.0.0.1:1", "upstream_ak": "AKLT1"}, "upstream_ak and upstream_sk"),
    "no file": ({"upstream": "https://127.0.0.1:1", "upstream_ca": "/no/such/file.pem"}, "No such file"),
    "user and password": ({"upstream": "https://me:secret@api.example.com"}, r"//\*\*\*@"),
    "no address": ({"upstream": "api.example.com"}, "http:// or https://"),
    "unknown mode": ({"mode": "parse"}, "one of mock, pass"),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "message"), REFUSED.values(), ids=REFUSED)
def test_settings_that_cannot_work_are_refused_in_one_line(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(BadSetting, match=message) as found:
        VolcvMock(**settings)

    assert "\n" not in str(found.value)
    assert "secret" not in str(found.value)


def test_the_public_authorities_are_read_once_for_all_mocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading them takes 60 ms."""
    read: list[ssl.SSLContext] = []
    create = httpx.create_ssl_context
    monkeypatch.setattr(httpx, "create_ssl_context", lambda **how: read.append(create(**how)) or read[-1])
    client._public_authorities.cache_clear()

    for _ in range(2):
        client.AsyncUpstream(Settings(upstream="https://api.example.com")).close()

    assert len(read) == 1
    assert read[0].verify_mode == ssl.CERT_REQUIRED
