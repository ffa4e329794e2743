"""Access to the control API: this machine or clients with the token, never a page of another origin."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from volcv_mock.config import Settings
from volcv_mock.control.routes import ROUTES
from volcv_mock.world import World
from volcv_mock.wsgi import create_app

TOKEN = "a-control-token"
OWN = "127.0.0.1:8410"


def client_of(**settings: Any) -> FlaskClient:
    return create_app(World(Settings(**settings))).test_client()


def send(client: FlaskClient, path: str = "/calls", remote: str = "127.0.0.1", **headers: str) -> TestResponse:
    named = {"Host": OWN} | {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(f"/_mock{path}", headers=named, environ_base={"REMOTE_ADDR": remote})


def status(client: FlaskClient, path: str = "/calls", remote: str = "127.0.0.1", **headers: str) -> int:
    return send(client, path, remote, **headers).status_code


@pytest.mark.parametrize("remote", ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", [OWN, "localhost:8410", "LOCALHOST", "[::1]:8410", "localhost.", "mock.localhost"])
def test_this_machine_is_admitted(remote: str, host: str) -> None:
    assert status(client_of(), remote=remote, Host=host) == 200


@pytest.mark.parametrize("remote", ["10.0.0.5", "192.168.1.2", "2001:db8::1", "::ffff:10.0.0.5", "", "unix"])
def test_another_machine_is_refused_without_a_token(remote: str) -> None:
    assert status(client_of(), remote=remote) == 403


@pytest.mark.parametrize("name", ["Forwarded", "X_Forwarded_For", "X_Real_IP"])
def test_a_forwarded_request_counts_as_another_machine(name: str) -> None:
    assert status(client_of(), **{name: "10.0.0.5"}) == 403


@pytest.mark.parametrize(
    "host", ["evil.test:8410", "127.0.0.1.evil.test", "10.0.0.5:8410", "", "[", "localhost.evil.test"]
)
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    """DNS rebinding: a foreign name resolves to 127.0.0.1, and the browser treats that page as the same origin."""
    assert status(client_of(), Host=host) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.test"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Origin": "http://127.0.0.1:8410.evil.test"},
        {"Origin": "http://["},
        {"Origin": ""},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"},
    ],
)
@pytest.mark.parametrize("settings", [{}, {"control_token": TOKEN}], ids=["loopback", "token"])
def test_a_page_of_another_origin_is_refused(headers: dict[str, str], settings: dict[str, Any]) -> None:
    token = {"X_Volcv_Mock_Token": TOKEN} if settings else {}

    assert status(client_of(**settings), **headers, **token) == 403


def test_a_page_of_another_origin_cannot_change_anything() -> None:
    """A form or a fetch without preflight can send no JSON content type, and sends a foreign Origin."""
    client = client_of()

    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        for origin in ({}, {"Origin": "http://evil.test"}):
            sent = client.post(
                "/_mock/faults", data=b'{"code": 50411}', headers={"Content-Type": content_type, **origin}
            )
            assert sent.status_code in (403, 415)
    assert client.get("/_mock/faults").get_json() == {"faults": []}


def test_no_control_answer_lets_another_origin_read_it() -> None:
    client = client_of()

    for route in ROUTES:
        if route.path.startswith("/images/"):  # picture links are for every page, like the endpoints
            continue
        response = client.open(f"/_mock{route.path}", method=route.method, headers={"Origin": "http://localhost"})
        assert not [name for name, _ in response.headers if name.lower().startswith("access-control")]
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "headers",
    [{"Origin": f"http://{OWN}"}, {"Sec_Fetch_Site": "same-origin"}, {"Sec_Fetch_Site": "none"}],
)
def test_our_own_page_and_a_typed_address_are_admitted(headers: dict[str, str]) -> None:
    assert status(client_of(), **headers) == 200


def test_a_link_on_another_page_may_lead_to_ours() -> None:
    """It holds no data, and the page that has the link cannot read it."""
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}

    assert status(client_of(), "/", **link) == 200
    assert status(client_of(), "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors") == 403


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.5"])
def test_beyond_loopback_and_without_a_token_control_is_off_but_for_operators_and_images(host: str) -> None:
    client = client_of(host=host)

    for route in ROUTES:
        response = client.open(f"/_mock{route.path}", method=route.method)
        is_off = response.status_code == 403 and "control API is off" in response.get_data(as_text=True)
        assert is_off is not route.path.startswith(("/health", "/ready", "/metrics", "/images/"))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 401),
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Authorization": f"bearer {TOKEN} "}, 200),
        ({"X_Volcv_Mock_Token": TOKEN}, 200),
        ({"X_Volcv_Mock_Token": TOKEN[:-1]}, 401),
        ({"X_Volcv_Mock_Token": "ä"}, 401),
        ({"Authorization": f"Basic {TOKEN}"}, 401),
        ({"Authorization": TOKEN}, 401),
    ],
)
@pytest.mark.parametrize("remote", ["127.0.0.1", "10.0.0.5"])
def test_with_a_control_token_any_machine_that_sends_it_is_admitted(
    remote: str, headers: dict[str, str], expected: int
) -> None:
    client = client_of(host="0.0.0.0", control_token=TOKEN)

    response = send(client, "/calls", remote, Host="mock.internal:8410", **headers)

    assert response.status_code == expected
    assert TOKEN not in response.get_data(as_text=True)
    assert ("WWW-Authenticate" in response.headers) is (expected == 401)


def test_with_a_token_the_page_itself_needs_none() -> None:
    """A browser cannot send one while it navigates; the page asks for it, and holds no data."""
    assert status(client_of(host="0.0.0.0", control_token=TOKEN), "/", Host="mock.internal:8410") == 200
