"""Keyed random draws: each is a digest of its key, so that thread order has no effect.

The key consists of parts (mock seed, scope, purpose, request digest, occurrence). The same parts give the same value
in every process and on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

_WORD = 2**64
_COPIED_BYTES = 4096


def digest(*parts: object) -> bytes:
    """32 bytes that depend on every part and on the boundaries between parts."""
    framed = _framed(parts)
    if framed and len(framed[-1]) > _COPIED_BYTES:  # a request body is hashed where it is
        hasher = hashlib.blake2b(b"".join(framed[:-1]), digest_size=32)
        hasher.update(framed[-1])
        return hasher.digest()
    return hashlib.blake2b(b"".join(framed), digest_size=32).digest()


def _framed(parts: Iterable[object]) -> list[bytes]:
    """Each part behind its length."""
    framed: list[bytes] = []
    for part in parts:
        piece = part if type(part) is bytes else repr(part).encode()
        framed.append(len(piece).to_bytes(8, "big"))
        framed.append(piece)
    return framed


class CallDraws:
    """The draws of one call, keyed (mock seed, scope, purpose, request digest, occurrence).

    Only the purpose differs between them: the other parts are framed once, which is most of a draw's time.
    """

    __slots__ = ("_after", "_before")

    def __init__(self, mock_seed: int, scope: str, request_digest: str, occurrence: int) -> None:
        self._before = b"".join(_framed((mock_seed, scope)))
        self._after = b"".join(_framed((request_digest, occurrence)))

    def digest(self, purpose: str) -> bytes:
        """As `digest` of all five parts."""
        return hashlib.blake2b(self._before + _purpose(purpose) + self._after, digest_size=32).digest()

    def integer(self, below: int, purpose: str) -> int:
        """A whole number in [0, below)."""
        return int.from_bytes(self.digest(purpose), "big") % below

    def uniform(self, purpose: str) -> float:
        """A number in (0, 1), exclusive."""
        return _uniform(self.digest(purpose))

    def hexadecimal(self, length: int, purpose: str) -> str:
        """`length` lower-case hex digits, at most 64."""
        return self.digest(purpose).hex()[:length]


@lru_cache(64)
def _purpose(purpose: str) -> bytes:
    return b"".join(_framed((purpose,)))


def integer(below: int, *parts: object) -> int:
    """A whole number in [0, below)."""
    return int.from_bytes(digest(*parts), "big") % below


def uniform(*parts: object) -> float:
    """A number in (0, 1), exclusive: a probability of 1 always fires, 0 never."""
    return _uniform(digest(*parts))


def _uniform(drawn: bytes) -> float:
    word = int.from_bytes(drawn[:8], "big")
    return (word + 0.5) / _WORD if word < _WORD - 2**11 else 1 - 2**-53


def normal(*parts: object) -> float:
    """A draw from the standard normal distribution."""
    from statistics import NormalDist  # lazy: start-up time; only the latency `realistic` draws one

    return NormalDist().inv_cdf(min(max(uniform(*parts), 2**-53), 1 - 2**-53))


def hexadecimal(length: int, *parts: object) -> str:
    """`length` lower-case hex digits, at most 64."""
    return digest(*parts).hex()[:length]
