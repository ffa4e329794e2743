"""Why a signature does not match: known slips, each tried with the caller's own secret.

A suspicion changes the message, the coverage or the secret the way a slip would; when the signature
then verifies, that slip is what happened. Only ever run after a failure, and it names causes, never
a signature or a key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

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


@dataclass(frozen=True, slots=True)
class Suspicion:
    """One slip: what to say when it explains the signature, and what it did to the signing."""

    cause: str
    slip: Callable[[Message, Coverage, str], Signing]


def canonical_sha256(message: Message, coverage: Coverage) -> str:
    """The canonical request's hash, which a caller can compare with their own."""
    return sha256_hex(next(canonical_requests(message, coverage)))


def cause(message: Message, coverage: Coverage, secret_key: str, signature: str, official_host: str) -> str:
    """The slip that explains the signature, or what to compare when none does."""
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
    declared = headers_by_name(message.headers).get("x-content-sha256", "")
    if declared and declared != message.body_sha256:
        yield Suspicion("Another body was signed than the one sent.", _with_body(declared))


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


def _as_form(message: Message, coverage: Coverage, secret_key: str) -> Signing:
    form = "application/x-www-form-urlencoded; charset=utf-8"
    headers = tuple((name, form if name.lower() == "content-type" else value) for name, value in message.headers)
    return replace(message, headers=headers), coverage, secret_key


def _decoded(secret_key: str) -> str:
    try:
        return base64.b64decode(secret_key, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        return secret_key


_FIXED = (
    Suspicion("An empty body was signed, but a body was sent.", _with_body(EMPTY_SHA256)),
    Suspicion("X-Content-Sha256 UNSIGNED-PAYLOAD is AWS's; sign the body's hash.", _with_body("UNSIGNED-PAYLOAD")),
    Suspicion("Path '/' was signed, but another path was sent.", _with_path(lambda _: "/")),
    Suspicion("The path was signed without its trailing slash.", _with_path(lambda path: path.rstrip("/"))),
    Suspicion("The path was signed with a trailing slash.", _with_path(lambda path: path + "/")),
    Suspicion("The query was not signed; the canonical request holds it, sorted.", _without_query),
    Suspicion("A form's Content-Type was signed, but another was sent: set it before signing.", _as_form),
    Suspicion("The key chain began with AWS4; it begins with the bare secret.", _with_secret(lambda sk: "AWS4" + sk)),
    Suspicion("The secret was base64-decoded; use it as it is written.", _with_secret(_decoded)),
    Suspicion("The secret was used with white space around it.", _with_secret(lambda sk: sk + "\n")),
)
