"""The signature algorithm against the vendor's own code; no key in what is shown of it."""

from __future__ import annotations

import dataclasses
from collections import OrderedDict
from urllib.parse import urlencode

import pytest
from volcengine.auth.SignerV4 import SignerV4
from volcengine.base.Request import Request
from volcengine.Credentials import Credentials

from volcv_mock import signing
from volcv_mock.model import RawRequest
from volcv_mock.signing import CredentialScope, KeyPair, Message, claims

AK, SK = "AKLTexampleaccesskeyid0000000001", "ZXhhbXBsZS1zZWNyZXQtYWNjZXNzLWtleS0wMDAwMDE="
AT = "20250824T120000Z"
SCOPE = CredentialScope("20250824", "cn-north-1", "cv")
QUERY = "Action=CVProcess&Version=2022-08-31"
BODY = (
    b'{"req_key": "i2i_inpainting", "image_urls": '
    b'["https://example.com/a.jpg", "https://example.com/m.png"], "seed": 0}'
)
HOST = "visual.volcengineapi.com"


def message(host: str = HOST, path: str = "/", body: bytes = BODY, query: str = QUERY) -> Message:
    headers = (("Host", host), ("Content-Type", "application/json"))
    return Message("POST", path, query, headers, signing.sha256_hex(body))


def sent(unsigned: Message, signed: signing.Signed) -> Message:
    return dataclasses.replace(unsigned, headers=unsigned.headers + signed.headers)


def test_each_step_of_the_worked_vector_is_reproduced():
    """The vendor's Python, Go and Node signers agree on these values."""
    signed = signing.sign(message(), KeyPair(AK, SK), SCOPE, AT)

    assert signing.sha256_hex(signed.canonical_request.encode()) == (
        "f01829c7f7e09a8056336c6ca0fcd272b98385782f7afeb1186a204bdbf2a597"
    )
    assert signed.string_to_sign.splitlines()[:3] == ["HMAC-SHA256", AT, "20250824/cn-north-1/cv/request"]
    assert signing.signing_key(SK, SCOPE).hex() == "ee5e63bc61fb964c424cb5f462c6642f59994a33ee806fb2742f4e0769512fa4"
    assert signed.signature == "2e94d33d67f5f5e9ad36468c5113aeaa6217122214a6c79bb0602e179502ebcb"


@pytest.mark.parametrize(
    ("names", "sends_content_hash", "signature"),
    [
        pytest.param(
            ["host", "x-date", "x-content-sha256", "content-type"], True,
            "9916064162b27075e4d086751523461b43cb8a466b857d45b52484d547a538d7", id="demo order",
        ),
        pytest.param(
            ["x-content-sha256", "x-date"], True,
            "547c913bbdff26e265cce3c41d6687c391e42dbcfb795827f076a9b8fea80cab", id="node",
        ),
        pytest.param(
            ["host", "x-date"], False,
            "7232171582dfb7d39bec34192808fd1ae976a7a9a4b157b04467623d94d79a39", id="php",
        ),
        pytest.param(
            ["content-type", "host", "x-date"], False,
            "6cfa085b4f40b7e79230f73f64f7c9b804745b194d8a979e6010c9269b7d52fa", id="three headers",
        ),
    ],
)  # fmt: skip
def test_any_choice_of_signed_headers_is_signed_in_its_order(names, sends_content_hash, signature):
    signed = signing.sign(message(), KeyPair(AK, SK), SCOPE, AT, names, sends_content_hash)

    assert signed.signature == signature
    assert dict(signed.headers)["Authorization"].endswith(f"SignedHeaders={';'.join(names)}, Signature={signature}")


def test_a_session_token_is_sent_and_signed():
    signed = signing.sign(message(), KeyPair(AK, SK, "STS2exampletoken"), SCOPE, AT)

    assert signed.signature == "75f4e077e122c43c247f0fe23058e45531548d20e6391cfaddfee391ec254244"
    assert dict(signed.headers)["X-Security-Token"] == "STS2exampletoken"


def sdk_request(query: dict[str, object], body: str = BODY.decode()) -> Request:
    request = Request()
    request.set_method("POST")
    request.set_path("/volcv/v1")
    request.set_query(OrderedDict(query))
    request.set_headers(OrderedDict({"Host": "127.0.0.1:8410", "Content-Type": "application/json"}))
    request.set_body(body)
    return request


@pytest.mark.parametrize("token", ["", "STS2example+token/="], ids=["long-lived key", "temporary key"])
@pytest.mark.parametrize(
    "extra", [{}, {"tag": ["b", "a"]}, {"note": "a b+c/~*%é:猫"}], ids=["plain", "repeated key", "odd characters"]
)
def test_what_the_sdk_signs_verifies(extra, token):
    request = sdk_request({"Action": "CVProcess", "Version": "2022-08-31", **extra})
    SignerV4.sign(request, Credentials(AK, SK, "cv", "cn-north-1", token))
    raw = RawRequest("official", "POST", "/volcv/v1", urlencode(request.query, doseq=True),
                     tuple(request.headers.items()), BODY)  # fmt: skip

    assert verifies(raw)


@pytest.mark.parametrize("token", ["", "STS2example+token/="], ids=["long-lived key", "temporary key"])
def test_a_url_the_sdk_signed_verifies_with_any_body(token):
    """X-NotSignBody; and the session token is signed although X-SignedQueries does not list it."""
    request = sdk_request({"Action": "CVProcess", "Version": "2022-08-31"})
    query = SignerV4.sign_url(request, Credentials(AK, SK, "cv", "cn-north-1", token))
    raw = RawRequest("official", "POST", "/volcv/v1", query, (("Host", "elsewhere"),), b"any")

    assert verifies(raw)
    assert not verifies(dataclasses.replace(raw, query=query.replace("CVProcess", "CVCancelTask")))


def verifies(raw: RawRequest) -> bool:
    claim = claims.read_claim(raw)
    assert isinstance(claim, claims.Claim)
    received = Message(raw.method, raw.path, raw.query, raw.headers, signing.sha256_hex(raw.body))
    return claim.access_key == AK and signing.verify(received, claim.coverage, SK, claim.signature)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8410", "[::1]:8410", "example.com:8080"])
def test_a_host_keeps_any_port_but_80_and_443(host):
    assert signing.canonical_host(host) == host
    assert signing.canonical_host("127.0.0.1:80") == signing.canonical_host("127.0.0.1:443") == "127.0.0.1"
    assert signing.canonical_host("[::1]:80") == "[::1]"


def test_several_headers_of_one_name_are_joined_and_trimmed():
    assert signing.headers_by_name((("X-A", " 1 "), ("x-a", "2\t"))) == {"x-a": "1,2"}


@pytest.mark.parametrize(
    "text", ["", "20250824", "2025-08-24T12:00:00Z", "20251324T120000Z", "20250824T120000Z ", "２０250824T120000Z"]
)
def test_what_is_no_x_date_is_not_read_as_one(text):
    assert signing.read_x_date(text) is None


def test_an_x_date_is_read_back_as_the_instant_it_was_written_for():
    assert signing.x_date(1756036800.9) == AT
    assert signing.read_x_date(AT) == 1756036800


def test_sign_describes_what_the_sdk_would_send():
    """`volcv-mock sign` prints this."""
    described = signing.describe(
        "POST", f"https://{HOST}/?{QUERY}", BODY, KeyPair(AK, SK), "cn-north-1", "cv", 1756036800
    )

    assert dict(described.headers)["Host"] == HOST
    assert described.signature == "2e94d33d67f5f5e9ad36468c5113aeaa6217122214a6c79bb0602e179502ebcb"
    assert described.canonical_request.startswith(f"POST\n/\n{QUERY}\ncontent-type:application/json\nhost:{HOST}\n")


def test_values_that_hold_keys_do_not_show_them():
    pair = KeyPair(AK, SK, "STS2exampletoken")
    signed = signing.sign(message(), pair, SCOPE, AT)

    shown = f"{pair!r} {signed!r} {sent(message(), signed)!r}"

    assert not any(secret in shown for secret in (AK, SK, "STS2exampletoken", signed.signature))
