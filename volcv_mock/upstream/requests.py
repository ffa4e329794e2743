"""What leaves for the upstream: the client's request without what concerns the mock, signed anew where it was signed.

A Bearer key travels unchanged. A signature covers the host (vendor, public parameters), so the official endpoint's
requests are signed with --upstream-ak and --upstream-sk.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from volcv_mock import contract
from volcv_mock.config import Settings
from volcv_mock.delivery import Outgoing
from volcv_mock.model import Call, Headers, RawRequest
from volcv_mock.signing import CredentialScope, KeyPair, Message, sha256_hex, sign, x_date

HOP_BY_HOP = frozenset({"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection",
                        "te", "trailer", "transfer-encoding", "upgrade"})  # fmt: skip
"""Headers of one connection (RFC 9110, 7.6.1)."""

NOT_FORWARDED = HOP_BY_HOP | {"host", "content-length", "expect", "accept-encoding", "cookie", "origin", "referer"}
"""Host and length are made anew; answers are asked for unpacked, because the journal reads them; a page's headers
concern the mock's own host."""

OWN_PREFIX = "x-volcv-mock"
SIGNATURE_HEADERS = frozenset({"authorization", "x-date", "x-content-sha256", "x-security-token"})
SIGNATURE_QUERY = frozenset({"X-Algorithm", "X-Credential", "X-Date", "X-Expires", "X-NotSignBody", "X-SignedHeaders",
                             "X-SignedQueries", "X-Signature", "X-Security-Token"})  # fmt: skip


def outgoing(call: Call, settings: Settings, now_s: float) -> Outgoing:
    """The request to send to the upstream. `now_s` is real time, in epoch seconds, for the signature."""
    raw = call.raw
    path = urlsplit(settings.upstream).path + (raw.route or raw.path)
    headers = (("Host", host_of(settings.upstream)), *kept_headers(raw.headers))
    query = raw.query
    if raw.endpoint == "official":
        query = _unsigned_query(query)
        headers = _signed(raw, path, query, headers, call, settings, now_s)
    parts = urlsplit(settings.upstream)
    url = f"{parts.scheme}://{parts.netloc}{path}{'?' if query else ''}{query}"
    return Outgoing(raw.method, url, (*headers, ("Accept-Encoding", "identity")), raw.body, len(raw.body))


def host_of(url: str) -> str:
    """The Host header for a URL."""
    return urlsplit(url).netloc


def kept_headers(headers: Headers) -> Headers:
    """The client's headers that are forwarded, in their order."""
    named = {name.strip().lower() for key, value in headers if key.lower() == "connection" for name in value.split(",")}
    return tuple((name, value) for name, value in headers if _is_kept(name.lower(), named))


def _is_kept(name: str, named_by_connection: set[str]) -> bool:
    if name in NOT_FORWARDED or name in named_by_connection:
        return False
    return not name.startswith((OWN_PREFIX, "sec-fetch-"))


def _unsigned_query(query: str) -> str:
    """The query without the parts of a presigned URL, otherwise as it was written."""
    return "&".join(part for part in query.split("&") if part.partition("=")[0] not in SIGNATURE_QUERY)


def _signed(
    raw: RawRequest, path: str, query: str, headers: Headers, call: Call, settings: Settings, now_s: float
) -> Headers:
    """The headers with a signature over host, content type, date and body."""
    plain = tuple((name, value) for name, value in headers if name.lower() not in SIGNATURE_HEADERS)
    covered = tuple((name, value) for name, value in plain if name.lower() in ("host", "content-type"))
    at = x_date(now_s)
    region = call.credential.region or str(contract.parameter("region"))
    scope = CredentialScope(at[:8], region, str(contract.parameter("service")))
    pair = KeyPair(settings.upstream_ak, settings.upstream_sk)
    signed = sign(Message(raw.method, path, query, covered, sha256_hex(raw.body)), pair, scope, at)
    return (*plain, *signed.headers)
