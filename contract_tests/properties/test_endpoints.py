"""The endpoints: signatures at the official one, every Action at both, other methods refused with Allow."""

from __future__ import annotations

import json
from collections.abc import Generator

import httpx
import pytest

from .. import contract
from ..generate import plain_request
from ..model import SUCCESS, Expect, Sent
from ..runner.session import Session
from ..targets import Target
from ..targets.mock import SIGNATURE
from .plugin import assert_conform

pytestmark = pytest.mark.needs("control")
AUTH = SIGNATURE


def _signed(
    target: Target, request: str | None, query: str = "Action=CVProcess&Version=2022-08-31", auth: httpx.Auth = AUTH
) -> httpx.Response:
    body = json.dumps(plain_request("i2i_inpainting", seed=7).body()) if request is None else request
    return target.client.post(f"/?{query}", content=body, headers={"Content-Type": "application/json"}, auth=auth)


@pytest.mark.sentence("S1-host", "S3-host", "S1-region", "S3-region")
def test_the_official_endpoint_answers_a_signed_request(target: Target) -> None:
    answer = _signed(target, None)

    assert (answer.status_code, answer.json()["code"]) == (200, 10000)


@pytest.mark.parametrize(("req_key", "action"), sorted(contract.legacy_actions().items()))
def test_each_older_action_works_at_both_endpoints(target: Target, session: Session, req_key: str, action: str) -> None:
    query = (("Action", action), ("Version", contract.figure("version")))
    session.ask(plain_request(req_key, seed=7), SUCCESS, query=query)
    assert_conform(session.take_findings())

    body = json.dumps(plain_request(req_key, seed=7).body())
    assert _signed(target, body, f"Action={action}&Version=2022-08-31").json()["code"] == 10000


@pytest.mark.parametrize("header", ["", "Bearer sk-a-key-of-some-length", "HMAC-SHA256 Credential=x"])
def test_the_official_endpoint_refuses_what_is_no_signature(target: Target, header: str) -> None:
    headers = {"Content-Type": "application/json", **({"Authorization": header} if header else {})}
    answer = target.client.post("/?Action=CVProcess&Version=2022-08-31", content="{}", headers=headers)

    assert answer.status_code in (400, 401)
    error = answer.json()["ResponseMetadata"]["Error"]
    assert {row.code for row in contract.rows().values() if row.envelope == "gateway"} >= {error["CodeN"]}


def test_a_signature_for_another_service_finds_no_service(target: Target) -> None:
    class OtherService(httpx.Auth):
        requires_request_body = True

        def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
            next(AUTH.auth_flow(request))
            request.headers["Authorization"] = request.headers["Authorization"].replace("/cv/", "/visual/")
            yield request

    answer = _signed(target, None, auth=OtherService())

    assert (answer.status_code, answer.json()["ResponseMetadata"]["Error"]["Code"]) == (404, "ServiceNotFound")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_other_methods_are_refused_and_told_what_is_allowed(session: Session, method: str) -> None:
    """A reseller's router knows no GET of its path, and answers as for an unknown path."""
    is_unrouted = method == "GET"
    row = "route_unknown" if is_unrouted else "MethodNotAllowed"
    exchange = session.post(Sent(b"{}", method=method), Expect(success=False, row=row))

    assert_conform(session.take_findings())
    assert ("POST" in (exchange.answer.header("allow") or "")) is not is_unrouted


BAD_BODIES = {
    "nothing": b"",
    "random bytes": bytes(range(256)),
    "NUL": b'{"req_key": "i2i_inpainting\x00"}',
    "a lone surrogate": b'{"req_key": "\\ud800"}',
    "a huge number": b'{"req_key": "i2i_inpainting", "seed": 1' + b"0" * 400 + b"}",
    "an infinite float": b'{"req_key": "i2i_inpainting", "scale": 1e999}',
    "deep nesting": b'{"req_key": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "text": b'"i2i_inpainting"',
    "latin-1": '{"req_key": "i2i_inpainting", "prompt": "é"}'.encode("latin-1"),
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_bad_body_gets_a_clear_refusal_and_the_next_request_is_served(session: Session, body: bytes) -> None:
    exchange = session.post(Sent(body), Expect(success=False))
    assert_conform(session.take_findings())
    assert 400 <= exchange.answer.status < 500

    session.ask(plain_request("i2i_inpainting", seed=7), SUCCESS)
    assert_conform(session.take_findings())
