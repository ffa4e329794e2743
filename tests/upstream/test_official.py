"""The way to the upstream: signatures made anew for its host, and TLS certificates that are always verified."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.targets.official import Signature
from tests.helpers.deadlines import DEADLINE_S
from tests.upstream.front import KEY, post
from volcv_mock import VolcvMock
from volcv_mock.testing.handles import RunningMock

trustme = pytest.importorskip("trustme")
CLIENT = ("AKLTclientofthemock00000001", "Y2xpZW50LW9mLXRoZS1tb2Nr")
OWNER = ("AKLTownerofthemoney00000001", "b3duZXItb2YtdGhlLW1vbmV5")
QUERY = "/?Action=CVProcess&Version=2022-08-31"
ANSWER = b'{"code":10000,"data":{"binary_data_base64":[],"image_urls":[]},"message":"Success","status":10000}'


@pytest.fixture(scope="module")
def vendor() -> Iterator[RunningMock]:
    """A strict service that knows the owner's pair only."""
    with VolcvMock(auth="strict", access_keys=dict([OWNER]), triggers=False).serve() as server:
        yield server


def front(vendor: RunningMock, **settings: Any) -> VolcvMock:
    return VolcvMock(**{"upstream": vendor.base_url, "mode": "pass", "access_keys": dict([CLIENT]), **settings})


def signed_post(server: RunningMock, pair: tuple[str, str]) -> httpx.Response:
    body = json.dumps(server.body(seed=7)).encode()
    headers = {"Content-Type": "application/json"}
    with httpx.Client(trust_env=False, timeout=DEADLINE_S, auth=Signature(*pair)) as client:
        return client.post(server.base_url + QUERY, content=body, headers=headers)


def test_a_call_is_signed_anew_for_the_upstreams_host(vendor: RunningMock) -> None:
    """The client's signature covers the mock's host and its own pair: the service would refuse it."""
    assert signed_post(vendor, CLIENT).status_code == 401

    with front(vendor, upstream_ak=OWNER[0], upstream_sk=OWNER[1]).serve() as server:
        reply = signed_post(server, CLIENT)

    assert reply.json()["code"] == 10000
    assert vendor.calls.last.code == 10000


def test_a_wrong_secret_of_the_upstream_is_the_services_own_refusal(vendor: RunningMock) -> None:
    with front(vendor, upstream_ak=OWNER[0], upstream_sk="d3Jvbmc=").serve() as server:
        reply = signed_post(server, CLIENT)

    assert reply.status_code == 401
    assert reply.json()["ResponseMetadata"]["Error"]["Code"] == "SignatureDoesNotMatch"


def test_without_a_pair_of_the_upstream_the_call_is_refused_here(vendor: RunningMock) -> None:
    before = len(vendor.calls)
    with front(vendor, api_keys=[KEY]).serve() as server:
        reply = signed_post(server, CLIENT)

    assert reply.status_code == 403
    assert "--upstream-ak" in reply.headers["X-Volcv-Mock-Reason"]
    assert len(vendor.calls) == before


class Canned(BaseHTTPRequestHandler):
    """Answers every POST with a success."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        self.wfile.write(ANSWER)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def authority() -> Any:
    return trustme.CA()


@contextmanager
def over_tls(authority: Any, name: str) -> Iterator[str]:
    """The address of a service with a certificate for that name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Canned)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("name", "has_ca", "status"),
    [("127.0.0.1", True, 200), ("127.0.0.1", False, 502), ("api.example.com", True, 502)],
    ids=["the file of the authority", "an unknown authority", "the name of another host"],
)
def test_certificates_are_verified(authority: Any, tmp_path: Path, name: str, has_ca: bool, status: int) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    settings = {"upstream_ca": str(tmp_path / "ca.pem")} if has_ca else {}

    with over_tls(authority, name) as url:
        mock = VolcvMock(upstream=url, mode="pass", api_keys=[KEY], **settings)
        with mock.serve() as server:
            reply = post(server, server.body())

    assert reply.status_code == status
    assert status == 200 or "CERTIFICATE_VERIFY_FAILED" in reply.headers["X-Volcv-Mock-Reason"]
