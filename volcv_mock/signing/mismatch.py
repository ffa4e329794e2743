"""Why a signature does not match: known slips, each tried with the caller's own secret.

Each slip of slips.py, then each two of different parts, gives another signature; the one that arrived names its
cause. Runs only after a failed verification. The texts name causes, never a signature or a key.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from functools import cache
from itertools import chain, combinations, product

from volcv_mock.model import Headers
from volcv_mock.signing import (
    Message,
    SignedParts,
    canonical_requests,
    headers_by_name,
    sha256_hex,
    signing_key,
    wire_bytes,
)
from volcv_mock.signing.slips import Sent, Slip, parts_of, signature, slips_by_part

MAX_PAIRED_BYTES = 4096
"""Slips in a longer canonical request are tried one by one only: hashing it for each two would take too long."""


def canonical_sha256(message: Message, coverage: SignedParts) -> str:
    """The canonical request's hash, which a caller can compare with their own."""
    return sha256_hex(next(canonical_requests(message, coverage)))


def cause(
    message: Message, coverage: SignedParts, secret_key: str, arrived: str, official_host: str,
    paths: tuple[str, ...] = (),
) -> str:  # fmt: skip
    """The one or two slips that explain the signature that arrived, or what to compare when none does.

    `paths` are those of the known endpoints: clients sign one and send to another.
    """
    for canonical in canonical_requests(message, coverage):
        sent = Sent(message, coverage, parts_of(canonical, secret_key), official_host, paths)
        if found := _explanation(sent, arrived, may_pair=len(canonical) <= MAX_PAIRED_BYTES):
            return " ".join(slip.cause for slip in found)
    absent = absent_headers(message.headers, coverage)
    if absent:
        return f"SignedHeaders names {', '.join(absent)}, which did not arrive: send what was signed."
    return "Compare the canonical request with the output of `volcv-mock sign`, and check the secret key."


def absent_headers(headers: Headers, coverage: SignedParts) -> list[str]:
    """The signed names that did not arrive."""
    arrived = headers_by_name(headers)
    return [name for name in coverage.headers.lower().split(";") if name and name not in arrived]


def _explanation(sent: Sent, arrived: str, *, may_pair: bool) -> tuple[Slip, ...]:
    """The slips that give this signature; none when no one or two do."""
    key_of = cache(lambda secret: signing_key(secret, sent.coverage.scope))
    for slips in _candidates(slips_by_part(sent), may_pair):
        parts = dict(sent.parts)
        for slip in slips:
            parts.update(slip.changes)
        if hmac.compare_digest(signature(parts, sent.coverage, key_of(parts["secret"])).encode(), wire_bytes(arrived)):
            return slips
    return ()


def _candidates(by_part: list[list[Slip]], may_pair: bool) -> Iterator[tuple[Slip, ...]]:
    """Each slip, then each two that can meet."""
    yield from ((slip,) for slip in chain.from_iterable(by_part))
    if may_pair:
        for one, other in combinations(by_part, 2):
            yield from product(one, other)
