"""The gateway's HMAC-SHA256 signature: how it is made, how it is checked, and how a key is masked.

Pure functions on bytes and text. claims.py reads what a request presents, mismatch.py finds the likely
cause of a wrong signature, and stages/authenticate.py decides which code a failure answers.
The algorithm is the vendor's (S1 and S3 name it, its SDKs show it); unlike AWS's, the first key of
the chain has no prefix.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from urllib.parse import quote_from_bytes, unquote_to_bytes, urlsplit

from volcv_mock._util.frozen import frozen
from volcv_mock.model import Headers

ALGORITHM = "HMAC-SHA256"
TERMINATOR = "request"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()

_X_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_DEFAULT_PORT = re.compile(r":(?:80|443)$")


@frozen
class Message:
    """What a signature may cover, as on the wire. `body_sha256` is in lower-case hex. On the wire no path is empty;
    some clients sign an empty one."""

    method: str
    path: str
    query: str = field(repr=False)
    headers: Headers = field(repr=False)
    body_sha256: str = EMPTY_SHA256


@frozen
class CredentialScope:
    """The credential scope: `date/region/service/request`."""

    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"


@frozen
class SignedParts:
    """What one signature covers: header names verbatim and in their order, and which query keys.

    `queries` is None when the whole query is signed, as it is beside an Authorization header.
    """

    x_date: str
    scope: CredentialScope
    headers: str
    queries: tuple[str, ...] | None = None
    body_is_signed: bool = True


@frozen
class KeyPair:
    """An access key with its secret, and a session token when the pair is a temporary one (STS)."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)


@frozen
class Signed:
    """A request's signature and the steps to it. `headers` are those to add to the request."""

    canonical_request: str = field(repr=False)
    string_to_sign: str
    signature: str = field(repr=False)
    headers: Headers = field(repr=False)


def sha256_hex(data: bytes) -> str:
    """The SHA-256 digest in lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def x_date(epoch_s: float) -> str:
    """An instant as X-Date spells it."""
    return datetime.fromtimestamp(epoch_s, UTC).strftime("%Y%m%dT%H%M%SZ")


def read_x_date(text: str) -> float | None:
    """The instant an X-Date names, in epoch seconds; None when it is none."""
    match = _X_DATE.fullmatch(text)
    if match is None:
        return None
    try:
        return datetime(*map(int, match.groups()), tzinfo=UTC).timestamp()  # type: ignore[misc, arg-type]
    except ValueError:
        return None


def query_pairs(query: str) -> list[tuple[bytes, bytes]]:
    """The query's pairs in wire order, decoded; bytes, because nothing says they are UTF-8."""
    parts = (part.partition("=") for part in query.split("&") if part)
    return [(_decode(key), _decode(value)) for key, _, value in parts]


def canonical_requests(message: Message, coverage: SignedParts) -> Iterator[bytes]:
    """The canonical request; a second one where SDKs differ.

    Python and Go keep a repeated key's values in their order, Node sorts them.
    """
    pairs = covered(query_pairs(message.query), coverage.queries)
    in_order = canonical_query(sorted(pairs, key=lambda pair: pair[0]))
    yield _canonical_request(message, coverage, in_order)
    by_value = canonical_query(sorted(pairs))
    if by_value != in_order:
        yield _canonical_request(message, coverage, by_value)


def string_to_sign(canonical_request: bytes, coverage: SignedParts) -> str:
    """The text whose HMAC is the signature: algorithm, date, scope, digest of the canonical request."""
    return "\n".join((ALGORITHM, coverage.x_date, str(coverage.scope), sha256_hex(canonical_request)))


def signing_key(secret_key: str, scope: CredentialScope) -> bytes:
    """The HMAC chain. The secret is used as it is written, even where it looks like base64."""
    key = wire_bytes(secret_key)
    for step in (scope.date, scope.region, scope.service, TERMINATOR):
        key = _hmac(key, step)
    return key


def verify(message: Message, coverage: SignedParts, secret_key: str, signature: str) -> bool:
    """Whether this signature was made over this message with this secret."""
    key = signing_key(secret_key, coverage.scope)
    given = wire_bytes(signature)
    return any(
        hmac.compare_digest(_hmac(key, string_to_sign(canonical, coverage)).hex().encode(), given)
        for canonical in canonical_requests(message, coverage)
    )


def sign(
    message: Message,
    pair: KeyPair,
    scope: CredentialScope,
    at: str,
    signed_headers: Sequence[str] | None = None,
    sends_content_hash: bool = True,
) -> Signed:
    """Signs as the Python SDK does, or over `signed_headers` in that order. `at` is the X-Date."""
    added = [("X-Date", at)]
    if sends_content_hash:
        added.append(("X-Content-Sha256", message.body_sha256))
    if pair.session_token:
        added.append(("X-Security-Token", pair.session_token))
    whole = replace(message, path=message.path or "/", headers=(*message.headers, *added))
    names = sorted(_sdk_signs(whole.headers)) if signed_headers is None else signed_headers
    coverage = SignedParts(at, scope, ";".join(names))
    canonical = next(canonical_requests(whole, coverage))
    text = string_to_sign(canonical, coverage)
    signature = _hmac(signing_key(pair.secret_key, scope), text).hex()
    added.append(("Authorization", authorization(pair.access_key, coverage, signature)))
    return Signed(canonical.decode(errors="replace"), text, signature, tuple(added))


def describe(
    method: str, url: str, body: bytes, pair: KeyPair, region: str, service: str, epoch_s: float
) -> Signed:  # fmt: skip
    """What the Python SDK would send for a JSON body: `headers` is the whole set, Host first."""
    parts = urlsplit(url)
    headers = (("Host", parts.netloc.rpartition("@")[2]), ("Content-Type", "application/json"))
    message = Message(method, parts.path or "/", parts.query, headers, sha256_hex(body))
    at = x_date(epoch_s)
    signed = sign(message, pair, CredentialScope(at[:8], region, service), at)
    return replace(signed, headers=(*headers, *signed.headers))


def authorization(access_key: str, coverage: SignedParts, signature: str) -> str:
    """The Authorization header's value."""
    credential = f"{access_key}/{coverage.scope}"
    return f"{ALGORITHM} Credential={credential}, SignedHeaders={coverage.headers}, Signature={signature}"


def canonical_host(host: str) -> str:
    """The Host header without a default port; SDKs drop both, whatever the scheme."""
    return _DEFAULT_PORT.sub("", host)


def headers_by_name(headers: Headers) -> Mapping[str, str]:
    """Lower-case name to trimmed value; several headers of one name are joined by commas."""
    gathered: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in headers:
        gathered[name.lower()].append(value.strip(" \t"))
    return {name: ",".join(values) for name, values in gathered.items()}


def wire_bytes(text: str) -> bytes:
    """The bytes behind header or query text, which a server reads as Latin-1; other text is UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _canonical_request(message: Message, coverage: SignedParts, query: str) -> bytes:
    parts = (
        message.method,
        quote_from_bytes(unquote_to_bytes(wire_bytes(message.path)), safe="/"),
        query,
        _canonical_headers(message.headers, coverage.headers),
        coverage.headers,
        message.body_sha256 if coverage.body_is_signed else EMPTY_SHA256,
    )
    return b"\n".join(map(wire_bytes, parts))


def _canonical_headers(headers: Headers, signed: str) -> str:
    """One line per signed name and a last line end; with no name at all, that line end stays."""
    values = headers_by_name(headers)
    lines = []
    for name in map(str.lower, signed.split(";") if signed else ()):
        value = values.get(name, "")
        lines.append(f"{name}:{canonical_host(value) if name == 'host' else value}")
    return "\n".join(lines) + "\n"


def covered(pairs: list[tuple[bytes, bytes]], queries: tuple[str, ...] | None) -> list[tuple[bytes, bytes]]:
    """The pairs of a query that are signed, in their order."""
    if queries is None:
        return pairs
    names = {wire_bytes(name) for name in queries}
    return [pair for pair in pairs if pair[0] in names]


def canonical_query(pairs: list[tuple[bytes, bytes]]) -> str:
    """The pairs as the canonical request holds them, in the given order."""
    return "&".join(f"{quote_from_bytes(key, safe='')}={quote_from_bytes(value, safe='')}" for key, value in pairs)


def _sdk_signs(headers: Headers) -> set[str]:
    names = {name.lower() for name, _ in headers}
    return {name for name in names if name in ("content-type", "content-md5", "host") or name.startswith("x-")}


def _decode(text: str) -> bytes:
    return unquote_to_bytes(wire_bytes(text.replace("+", " ")))


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, wire_bytes(text), hashlib.sha256).digest()
