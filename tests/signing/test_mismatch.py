"""The hint of a refused signature: which slip explains it."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volcv_mock import signing
from volcv_mock.signing import CredentialScope, Message, SignedParts, mismatch
from volcv_mock.signing.slips import Sent, Slip, canonical_request, parts_of, signature, slips_by_part

SK = "ZXhhbXBsZS1zZWNyZXQtYWNjZXNzLWtleS0wMDAwMDE="
AT = "20250824T120000Z"
SCOPE = CredentialScope("20250824", "cn-north-1", "cv")
QUERY = "Action=CVProcess&Version=2022-08-31"
BODY = b"{}"
HOST = "visual.volcengineapi.com"
GENERIC = "check the secret key"

ARRIVED = Message(
    "POST", "/volcv/v1/", QUERY, (("Host", "127.0.0.1:8410"), ("Content-Type", "application/json"), ("X-Date", AT)),
    signing.sha256_hex(BODY),
)  # fmt: skip


def with_type(value: str) -> dict[str, object]:
    host, _, date = ARRIVED.headers
    return {"headers": (host, ("Content-Type", value), date)}


def with_host(host: str) -> dict[str, object]:
    return {"headers": (("Host", host), *ARRIVED.headers[1:])}


@pytest.mark.parametrize(
    ("signed_instead", "secret", "said"),
    [
        pytest.param({"body_sha256": signing.EMPTY_SHA256}, SK, "empty body", id="an empty body"),
        pytest.param({"path": "/"}, SK, "Path '/' was signed", id="no prefix"),
        pytest.param({"path": "/volcv/v1"}, SK, "without its trailing slash", id="no trailing slash"),
        pytest.param({"path": ""}, SK, "An empty path was signed", id="an empty path"),
        pytest.param({"method": "GET"}, SK, "Method GET was signed", id="another method"),
        pytest.param(
            with_type("application/json; charset=utf-8"),
            SK,
            "charset=utf-8' was signed, but 'application/json' was sent",
            id="a charset that was not sent",
        ),
        pytest.param(with_type(""), SK, "No Content-Type was signed", id="no Content-Type"),
        pytest.param(
            with_type("application/x-www-form-urlencoded; charset=utf-8"),
            SK,
            "form-urlencoded; charset=utf-8' was signed",
            id="the Content-Type of a form",
        ),
        pytest.param({"query": ""}, SK, "query was not signed", id="no query"),
        pytest.param(with_host(HOST), SK, f"Host '{HOST}' was signed", id="the official host"),
        pytest.param(with_host("127.0.0.1"), SK, "Host '127.0.0.1' was signed", id="a host without its port"),
        pytest.param({}, "AWS4" + SK, "AWS4", id="AWS's prefix"),
        pytest.param({}, SK + "\n", "white space", id="a line end in the secret"),
        pytest.param({}, "example-secret-access-key-000001", "base64-decoded", id="a decoded secret"),
        pytest.param({}, "another", "check the secret key", id="another secret"),
    ],
)
def test_a_known_slip_is_named(signed_instead, secret, said):
    coverage = SignedParts(AT, SCOPE, "content-type;host;x-date")
    signature = signature_over(dataclasses.replace(ARRIVED, **signed_instead), coverage, secret)

    cause = mismatch.cause(ARRIVED, coverage, SK, signature, HOST)

    assert said in cause
    assert SK not in cause


@pytest.mark.parametrize("charset", ["; charset=utf-8", ";charset=UTF-8", "; charset=utf-8; boundary=x"])
def test_a_charset_added_after_signing_is_named(charset):
    """axios and others add it on their own (axios#859)."""
    arrived = dataclasses.replace(ARRIVED, **with_type("application/json" + charset))
    coverage = SignedParts(AT, SCOPE, "content-type;host;x-date")
    signature = signature_over(ARRIVED, coverage, SK)

    cause = mismatch.cause(arrived, coverage, SK, signature, HOST)

    assert f"Content-Type 'application/json' was signed, but 'application/json{charset}' was sent" in cause


def signature_over(signed: Message, coverage: SignedParts, secret: str) -> str:
    text = signing.string_to_sign(next(signing.canonical_requests(signed, coverage)), coverage)
    return hmac.new(signing.signing_key(secret, SCOPE), text.encode(), hashlib.sha256).hexdigest()


def test_a_default_port_that_was_signed_is_named():
    arrived = dataclasses.replace(ARRIVED, headers=(("Host", "127.0.0.1:80"), ("X-Date", AT)))
    coverage = SignedParts(AT, SCOPE, "host;x-date")
    canonical = next(signing.canonical_requests(arrived, coverage)).replace(b"127.0.0.1\n", b"127.0.0.1:80\n")
    text = signing.string_to_sign(canonical, coverage)
    signature = hmac.new(signing.signing_key(SK, SCOPE), text.encode(), hashlib.sha256).hexdigest()

    assert "Host '127.0.0.1:80' was signed" in mismatch.cause(arrived, coverage, SK, signature, HOST)


def test_a_signed_header_that_did_not_arrive_is_named():
    coverage = SignedParts(AT, SCOPE, "host;x-date;x-trace")

    assert "x-trace, which did not arrive" in mismatch.cause(ARRIVED, coverage, SK, "0" * 64, HOST)


COVERAGE = SignedParts(AT, SCOPE, "content-type;host;x-date")
"""What the tests below sign of ARRIVED."""


def signature_over_text(canonical: bytes, algorithm: str = "HMAC-SHA256", line_end: str = "\n") -> str:
    """The signature of a client that wrote this text, with the right secret."""
    lines = (algorithm, AT, str(SCOPE), hashlib.sha256(canonical).hexdigest())
    return hmac.new(signing.signing_key(SK, SCOPE), line_end.join(lines).encode(), hashlib.sha256).hexdigest()


def right_text(message: Message = ARRIVED) -> bytes:
    return next(signing.canonical_requests(message, COVERAGE))


def hint(given: str, message: Message = ARRIVED, paths: tuple[str, ...] = ()) -> str:
    return mismatch.cause(message, COVERAGE, SK, given, HOST, paths)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param(b"POST\n", b"post\n", "method was signed in lower case", id="a lower-case method"),
        pytest.param(b"\n/volcv/v1/\n", b"\n/volcv/v1/?%s\n" % QUERY.encode(), "signed with the query", id="the URL"),
        pytest.param(b"\nAction=", b"\n?Action=", "signed with its '?'", id="a leading ?"),
        pytest.param(b"&Version=2022-08-31", b"", "'Version' was not signed", id="a parameter added after signing"),
        pytest.param(b"\nhost:127", b"\nhost:http://127", "Host 'http://127.0.0.1:8410'", id="a host with its scheme"),
        pytest.param(b":8410\n", b":8410:80\n", "Host '127.0.0.1:8410:80' was signed", id="a default port"),
        pytest.param(b"\n\n", b"\n", "blank line", id="no blank line"),
        pytest.param(b"\n", b"\r\n", "CRLF", id="CRLF line ends"),
    ],
)
def test_a_slip_in_the_canonical_request_is_named(old: bytes, new: bytes, said: str) -> None:
    """The text is changed by hand, so that the table is not its own judge."""
    assert said in hint(signature_over_text(right_text().replace(old, new)))


@pytest.mark.parametrize("change", [str.title, str.upper], ids=["Content-Type", "CONTENT-TYPE"])
def test_header_names_in_upper_case_are_named(change: Callable[[str], str]) -> None:
    text = right_text()
    for name in COVERAGE.headers.split(";"):
        text = text.replace(f"\n{name}:".encode(), f"\n{change(name)}:".encode())

    assert "Header names were signed with upper-case letters" in hint(signature_over_text(text))


def test_a_space_after_each_colon_is_named() -> None:
    text = right_text()
    for name in COVERAGE.headers.split(";"):
        text = text.replace(f"\n{name}:".encode(), f"\n{name}: ".encode())

    assert "after the colon" in hint(signature_over_text(text))


def test_the_algorithm_of_aws_is_named() -> None:
    assert "Algorithm AWS4-HMAC-SHA256" in hint(signature_over_text(right_text(), "AWS4-HMAC-SHA256"))


def test_crlf_line_ends_of_the_string_to_sign_are_named() -> None:
    assert "string to sign" in hint(signature_over_text(right_text(), line_end="\r\n"))


@pytest.mark.parametrize(
    ("signed", "said"),
    [
        pytest.param("Version=2022-08-31&note=a%20b&Action=CVProcess", "signed unsorted", id="unsorted"),
        pytest.param("Version=2022-08-31&note=a+b&Action=CVProcess", "as the URL has it", id="as sent"),
        pytest.param("?Version=2022-08-31&note=a+b&Action=CVProcess", "with its '?'", id="as sent, with its ?"),
        pytest.param("Action=CVProcess&Version=2022-08-31&note=a+b", "signed as '+'", id="a plus for a space"),
        pytest.param("Action=CVProcess&Version=2022-08-31&note=a b", "without percent-encoding", id="decoded"),
        pytest.param("Action=CVProcess&Version=2022-08-31", "'note' was not signed", id="a parameter less"),
    ],
)
def test_a_query_that_is_not_canonical_is_named(signed: str, said: str) -> None:
    arrived = dataclasses.replace(ARRIVED, query="Version=2022-08-31&note=a+b&Action=CVProcess")
    text = right_text(arrived).replace(b"Action=CVProcess&Version=2022-08-31&note=a%20b", signed.encode())

    assert said in hint(signature_over_text(text), arrived)


def test_the_path_of_another_endpoint_is_named() -> None:
    text = right_text().replace(b"/volcv/v1/", b"/elsewhere")

    assert "Path '/elsewhere' was signed, but '/volcv/v1/'" in hint(signature_over_text(text), paths=("/elsewhere",))


def test_a_prefix_that_a_proxy_removed_is_named() -> None:
    arrived = dataclasses.replace(ARRIVED, headers=(*ARRIVED.headers, ("X-Forwarded-Prefix", "/mock")))
    text = right_text(arrived).replace(b"/volcv/v1/", b"/mock/volcv/v1/")

    assert "Path '/mock/volcv/v1/' was signed" in hint(signature_over_text(text), arrived)


def table(message: Message = ARRIVED) -> list[list[Slip]]:
    return slips_by_part(sent_of(message))


def sent_of(message: Message) -> Sent:
    return Sent(message, COVERAGE, parts_of(right_text(message), SK), HOST, ("/",))


def signature_with(*slips: Slip) -> str:
    parts = dict(sent_of(ARRIVED).parts)
    for slip in slips:
        parts.update(slip.changes)
    return signature(parts, COVERAGE, signing.signing_key(parts["secret"], SCOPE))


@pytest.mark.parametrize("slip", [slip for slips in table() for slip in slips], ids=lambda slip: slip.cause[:60])
def test_each_slip_of_the_table_is_named_alone(slip: Slip) -> None:
    assert hint(signature_with(slip), paths=("/",)) == slip.cause


FIRST_OF_EACH = [slips[0] for slips in table()]


@pytest.mark.parametrize("one", range(len(FIRST_OF_EACH)), ids=lambda index: FIRST_OF_EACH[index].cause[:60])
def test_two_slips_of_different_parts_are_both_named(one: int) -> None:
    """A charset added after signing beside an empty path, and every other two."""
    for other in FIRST_OF_EACH[one + 1 :]:
        said = hint(signature_with(FIRST_OF_EACH[one], other), paths=("/",))

        assert said == f"{FIRST_OF_EACH[one].cause} {other.cause}"


def test_a_charset_added_after_signing_beside_an_empty_path_is_named_with_it() -> None:
    """The usual two of a client that signs by hand and sends with axios."""
    arrived = dataclasses.replace(ARRIVED, **with_type("application/json; charset=utf-8"))
    text = right_text().replace(b"/volcv/v1/", b"")

    said = hint(signature_over_text(text), arrived)

    assert "Content-Type 'application/json' was signed" in said
    assert "An empty path was signed" in said


def test_three_slips_get_the_hint_to_compare() -> None:
    """Trying each three would take too long."""
    assert GENERIC in hint(signature_with(*FIRST_OF_EACH[:3]))


def test_two_slips_in_a_long_request_get_the_hint_to_compare() -> None:
    """Only one slip is tried there: the cost of a refusal is bounded."""
    arrived = dataclasses.replace(ARRIVED, query=f"{QUERY}&note={'x' * mismatch.MAX_PAIRED_BYTES}")
    one = right_text(arrived).replace(b"POST", b"post")
    two = one.replace(b"/volcv/v1/", b"")

    assert "lower case" in hint(signature_over_text(one), arrived)
    assert GENERIC in hint(signature_over_text(two), arrived)


def test_no_two_slips_of_a_part_have_the_same_effect() -> None:
    effects = [canonical_request({**sent_of(ARRIVED).parts, **slip.changes}) for slip in table()[0]]

    assert len(set(effects)) == len(effects)
    assert all(slip.cause for slip in table()[0])


NAMES = st.sampled_from(["", "host", "Host;X-Date", "x-date;host;content-type;absent", "a:b", "\u00e9", ";;"])


@given(NAMES, st.text("Ab%2=&+;/?\u00e9", max_size=20), st.text("/a%C3A9.", max_size=12))
def test_the_parts_make_the_canonical_request_they_were_read_from(names: str, query: str, path: str) -> None:
    coverage = SignedParts(AT, SCOPE, names)
    message = dataclasses.replace(ARRIVED, query=query, path=path)

    for canonical in signing.canonical_requests(message, coverage):
        assert canonical_request(parts_of(canonical, SK)) == canonical


@pytest.mark.parametrize("names", ["a\nB;c\nd", "\n", "host\r\nx", "\u732b"])
def test_names_that_no_header_has_get_a_hint_too(names: str) -> None:
    """X-SignedHeaders of a query can hold any text."""
    assert mismatch.cause(ARRIVED, SignedParts(AT, SCOPE, names), SK, "0" * 64, HOST)
