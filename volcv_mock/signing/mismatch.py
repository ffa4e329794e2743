"""Why a signature does not match: known mistakes, each tried with the caller's own secret.

A suspicion changes the message, the coverage or the secret the way the mistake would; when the signature
then verifies, that mistake is the cause. Runs only after a failed verification. The texts name causes, never
a signature or a key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import replace

from volcv_mock._util.frozen import frozen
from volcv_mock.model import Headers
from volcv_mock.signing import (
    EMPTY_SHA256,
    Coverage,
    Message,
    canonical_host,
    canonical_requests,
    headers_by_name,
    sha256_hex,
    verify,
)

Signing = tuple[Message, Coverage, str]
"""What a signature is made from: message, coverage, secret."""

FORM = "application/x-www-form-urlencoded; charset=utf-8"
"""What the vendor's Python SDK signs when its user sets the JSON type afterwards."""
CHARSETS = ("; charset=utf-8", "; charset=UTF-8", ";charset=utf-8", ";charset=UTF-8")


@frozen
class Suspicion:
    """One mistake: the text that names it, and what was signed because of it."""

    cause: str
    slip: Callable[[Message, Coverage, str], Signing]


def canonical_sha256(message: Message, coverage: Coverage) -> str:
    """The canonical request's hash, which a caller can compare with their own."""
    return sha256_hex(next(canonical_requests(message, coverage)))


def cause(message: Message, coverage: Coverage, secret_key: str, signature: str, official_host: str) -> str:
    """The mistake that explains the signature, or what to compare when none does."""
    for suspicion in _suspicions(message, official_host):
        if verify(*suspicion.slip(message, coverage, secret_key), signature):
            return suspicion.cause
    absent = absent_headers(message.headers, coverage)
    if absent:
        return f"SignedHeaders names {', '.join(absent)}, which did not arrive: send what was signed."
    return "Compare the canonical request with the output of `volcv-mock sign`, and check the secret key."


def absent_headers(headers: Headers, coverage: Coverage) -> list[str]:
    """The signed names that did not arrive."""
    arrived = headers_by_name(headers)
    return [name for name in coverage.headers.lower().split(";") if name and name not in arrived]


def _suspicions(message: Message, official_host: str) -> Iterator[Suspicion]:
    yield from _FIXED
    host = headers_by_name(message.headers).get("host", "")
    wanted = canonical_host(host)
    for other in dict.fromkeys((official_host, host, f"{host}:80", f"{host}:443", wanted.rpartition(":")[0])):
        if other != wanted:
            yield Suspicion(f"Host {other!r} was signed; wanted is {wanted!r}.", _with_host(other))
    yield from _content_types(message)
    declared = headers_by_name(message.headers).get("x-content-sha256", "")
    if declared and declared != message.body_sha256:
        yield Suspicion("Another body was signed than the one sent.", _with_body(declared))


def _content_types(message: Message) -> Iterator[Suspicion]:
    """HTTP libraries set Content-Type, or add a charset to it, after the signature was made."""
    sent = headers_by_name(message.headers).get("content-type", "")
    media_type = sent.partition(";")[0].strip()
    charsets = (f"{media_type}{charset}" for charset in CHARSETS)
    for other in dict.fromkeys((media_type, *charsets, FORM, "")):
        if other != sent:
            signed = f"Content-Type {other!r} was signed" if other else "No Content-Type was signed"
            yield Suspicion(f"{signed}, but {sent[:100]!r} was sent: set the header before signing.", _with_type(other))


def _with_type(content_type: str) -> Callable[[Message, Coverage, str], Signing]:
    def slip(message: Message, coverage: Coverage, secret_key: str) -> Signing:
        others = tuple(header for header in message.headers if header[0].lower() != "content-type")
        return replace(message, headers=(*others, ("Content-Type", content_type))), coverage, secret_key

    return slip


def _with_host(host: str) -> Callable[[Message, Coverage, str], Signing]:
    def slip(message: Message, coverage: Coverage, secret_key: str) -> Signing:
        # A default port is dropped from what is signed: doubled, one of the two stays.
        kept = f"{host}:80" if canonical_host(host) != host else host
        headers = tuple((name, kept if name.lower() == "host" else value) for name, value in message.headers)
        return replace(message, headers=headers), coverage, secret_key

    return slip


def _with_body(body_sha256: str) -> Callable[[Message, Coverage, str], Signing]:
    return lambda message, coverage, secret_key: (replace(message, body_sha256=body_sha256), coverage, secret_key)


def _with_path(change: Callable[[str], str]) -> Callable[[Message, Coverage, str], Signing]:
    return lambda message, coverage, secret_key: (replace(message, path=change(message.path)), coverage, secret_key)


def _with_secret(change: Callable[[str], str]) -> Callable[[Message, Coverage, str], Signing]:
    return lambda message, coverage, secret_key: (message, coverage, change(secret_key))


def _without_query(message: Message, coverage: Coverage, secret_key: str) -> Signing:
    return replace(message, query=""), coverage, secret_key


def _with_method(method: str) -> Callable[[Message, Coverage, str], Signing]:
    return lambda message, coverage, secret_key: (replace(message, method=method), coverage, secret_key)


def _decoded(secret_key: str) -> str:
    try:
        return base64.b64decode(secret_key, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return secret_key


_FIXED = (
    Suspicion("An empty body was signed, but a body was sent.", _with_body(EMPTY_SHA256)),
    Suspicion("X-Content-Sha256 UNSIGNED-PAYLOAD is AWS's; sign the body's hash.", _with_body("UNSIGNED-PAYLOAD")),
    Suspicion("An empty path was signed; sign '/', or the URL's path.", _with_path(lambda _: "")),
    Suspicion("Path '/' was signed, but another path was sent.", _with_path(lambda _: "/")),
    Suspicion("The path was signed without its trailing slash.", _with_path(lambda path: path.rstrip("/"))),
    Suspicion("The path was signed with a trailing slash.", _with_path(lambda path: path + "/")),
    Suspicion("The query was not signed; the canonical request holds it, sorted.", _without_query),
    Suspicion("Method GET was signed, but another method was sent.", _with_method("GET")),
    Suspicion("The key chain began with AWS4; it begins with the bare secret.", _with_secret(lambda sk: "AWS4" + sk)),
    Suspicion("The secret was base64-decoded; use it as it is written.", _with_secret(_decoded)),
    Suspicion("The secret was used with white space around it.", _with_secret(lambda sk: sk + "\n")),
)
