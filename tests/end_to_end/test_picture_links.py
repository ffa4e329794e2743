"""The links of `return_url: true`: HEAD, path prefixes, and pages of other origins, on every transport."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from tests.helpers.clients import KEY, TLS
from tests.helpers.deadlines import DEADLINE_S
from tests.server.scripted import until
from volcv_mock import VolcvMock

CALL = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
BASE = "https://gw.example.com/volc/api"
PREFIX = {"X-Forwarded-Prefix": "/gateway"}


@pytest.fixture
def mock() -> VolcvMock:
    return VolcvMock(seed=7)


@pytest.fixture(params=["socket", "wsgi", "httpx", "requests"])
def client(mock: VolcvMock, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client, and the base URL under which it reaches the mock."""
    if request.param == "socket":
        with mock.serve() as server, httpx.Client(trust_env=False, timeout=DEADLINE_S) as client:
            yield client, server.base_url
    elif request.param == "wsgi":
        with httpx.Client(transport=httpx.WSGITransport(mock.app)) as client:
            yield client, "http://mock"
    else:
        with mock.intercept(BASE):
            yield (httpx.Client(verify=TLS) if request.param == "httpx" else requests.Session()), BASE


def link(client: Any, base: str, mock: VolcvMock, **headers: str) -> str:
    body = mock.body(return_url=True)
    url: str = client.post(base + CALL, json=body, headers={**KEY, **headers}).json()["data"]["image_urls"][0]
    return url


def test_head_has_the_headers_of_get(client: Any, mock: VolcvMock) -> None:
    session, base = client
    for url in (link(session, base, mock), f"{base}/_mock/health", f"{base}/_mock/nothing"):
        got, asked = session.get(url), session.head(url)

        assert asked.status_code == got.status_code
        assert asked.headers["Content-Length"] == str(len(got.content))
        assert asked.headers["Content-Type"] == got.headers["Content-Type"]
        assert asked.content == b""


def test_head_of_an_endpoint_is_refused_as_get_is_with_a_length_and_its_call_is_closed(
    client: Any, mock: VolcvMock
) -> None:
    session, base = client
    refused = session.get(base + "/volcv/v1")

    response = session.head(base + "/volcv/v1", headers={"Connection": "close"})

    assert (response.status_code, response.content) == (refused.status_code, b"")
    assert response.headers["Content-Length"] == refused.headers["Content-Length"]
    assert until(lambda: mock.world.journal.last().client == "read_all")


def test_a_link_is_below_the_base_url_that_the_client_used(client: Any, mock: VolcvMock) -> None:
    session, base = client
    url = link(session, base, mock)

    assert url.startswith(f"{base}/_mock/images/")
    assert session.get(url).status_code == 200


def test_a_link_has_the_prefix_that_a_reverse_proxy_removed(client: Any, mock: VolcvMock) -> None:
    session, base = client
    host, _, path = base.removeprefix("https://").removeprefix("http://").partition("/")

    url = link(session, base, mock, **PREFIX)

    assert url.split("://")[1].startswith(f"{host}/gateway{'/' + path if path else ''}/_mock/images/")


@pytest.mark.parametrize("prefix", ["gateway", "//other.example", "/a b", "/<x>", "/" + "a/" * 30, "/..//x",
                                    "/..", "/a/../b", "/a/.", "/%2e%2E/b", "/50%", "/a\\b", ", /a"])  # fmt: skip
def test_a_prefix_that_is_not_a_path_is_ignored(mock: VolcvMock, prefix: str) -> None:
    with httpx.Client(transport=httpx.WSGITransport(mock.app)) as session:
        url = link(session, "http://mock", mock, **{"X-Forwarded-Prefix": prefix})

    assert url.startswith("http://mock/_mock/images/")


@pytest.mark.parametrize(
    "prefix", ["/a+b", "/x=1", "/a:b@c", "/v1;x", "/it's", "/(a)!*$&", "/caf%C3%A9", "/...", "/a~._-"]
)
def test_a_prefix_may_have_every_character_of_a_path(mock: VolcvMock, prefix: str) -> None:
    with httpx.Client(transport=httpx.WSGITransport(mock.app)) as session:
        url = link(session, "http://mock", mock, **{"X-Forwarded-Prefix": prefix})

    assert url.startswith(f"http://mock{prefix}/_mock/images/")


@pytest.mark.parametrize("prefixes", ["/outer,/inner", "/outer , /inner", "/outer/,b", "/outer,"])
def test_of_several_prefixes_the_first_counts(mock: VolcvMock, prefixes: str) -> None:
    """Each proxy appends its own; the client's request reached the first one."""
    with httpx.Client(transport=httpx.WSGITransport(mock.app)) as session:
        url = link(session, "http://mock", mock, **{"X-Forwarded-Prefix": prefixes})

    assert url.startswith("http://mock/outer/_mock/images/")


@pytest.mark.parametrize("place", ["/fake", "/gateway-2"])
@pytest.mark.parametrize("headers", [{}, PREFIX], ids=["mounted", "and behind a proxy"])
def test_a_link_of_a_mounted_app_has_its_script_name(mock: VolcvMock, headers: dict[str, str], place: str) -> None:
    """Also where the name of the mount only begins like the prefix that the proxy removed."""
    app = DispatcherMiddleware(Response("another app", 404), {place: mock.app})
    with httpx.Client(transport=httpx.WSGITransport(app)) as session:
        url = link(session, f"http://host{place}", mock, **headers)

        assert url.startswith(f"http://host{headers.get('X-Forwarded-Prefix', '')}{place}/_mock/images/")
        assert session.get(url.replace("/gateway/", "/")).status_code == 200


def test_proxy_fix_and_its_header_count_once(mock: VolcvMock) -> None:
    with httpx.Client(transport=httpx.WSGITransport(ProxyFix(mock.app, x_prefix=1))) as session:
        url = link(session, "http://host", mock, **PREFIX)

    assert url.startswith("http://host/gateway/_mock/images/")


@pytest.mark.parametrize("change", [None, "x-signature=0", "/_mock/images/nothing.jpeg", "/_mock/images/a/b"])
def test_a_page_of_any_origin_may_read_a_picture_link_and_its_errors(
    client: Any, mock: VolcvMock, change: str | None
) -> None:
    session, base = client
    url = link(session, base, mock)
    if change:
        url = base + change if change.startswith("/") else f"{url.partition('x-signature')[0]}{change}"

    response = session.get(url, headers={"Origin": "https://app.example"})

    assert response.status_code in ((200,) if change is None else (403, 404))
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_preflight_of_a_picture_link_is_answered(client: Any, mock: VolcvMock) -> None:
    session, base = client
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET",
             "Access-Control-Request-Headers": "x-own"}  # fmt: skip

    response = session.options(link(session, base, mock), headers=asked)

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Access-Control-Allow-Headers"] == "x-own"
    assert "GET" in response.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Origin" not in session.options(f"{base}/_mock/calls").headers
