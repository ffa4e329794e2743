"""Keyed random draws: each is a digest of its key, so that thread order has no effect.

The key consists of parts (mock seed, scope, purpose, request digest, occurrence). The same parts give the same value
in every process and on every machine.
"""

from __future__ import annotations

import hashlib

_WORD = 2**64
_COPIED_BYTES = 4096
_LENGTHS = tuple(length.to_bytes(8, "big") for length in range(256))
"""Of short parts: a request takes four digests of five parts."""


def digest(*parts: object) -> bytes:
    """32 bytes that depend on every part and on the boundaries between parts."""
    framed: list[bytes] = []
    for part in parts:
        piece = part if isinstance(part, bytes) else repr(part).encode()
        length = len(piece)
        framed += (_LENGTHS[length] if length < 256 else length.to_bytes(8, "big"), piece)
    if framed and len(framed[-1]) > _COPIED_BYTES:  # a request body is hashed where it is
        hasher = hashlib.blake2b(b"".join(framed[:-1]), digest_size=32)
        hasher.update(framed[-1])
        return hasher.digest()
    return hashlib.blake2b(b"".join(framed), digest_size=32).digest()


def integer(below: int, *parts: object) -> int:
    """A whole number in [0, below)."""
    return int.from_bytes(digest(*parts), "big") % below


def uniform(*parts: object) -> float:
    """A number in (0, 1), exclusive: a probability of 1 always fires, 0 never."""
    word = int.from_bytes(digest(*parts)[:8], "big")
    return (word + 0.5) / _WORD if word < _WORD - 2**11 else 1 - 2**-53


def normal(*parts: object) -> float:
    """A draw from the standard normal distribution."""
    from statistics import NormalDist  # lazy: start-up time; only the latency `realistic` draws one

    return NormalDist().inv_cdf(min(max(uniform(*parts), 2**-53), 1 - 2**-53))


def hexadecimal(length: int, *parts: object) -> str:
    """`length` lower-case hex digits, at most 64."""
    return digest(*parts).hex()[:length]
