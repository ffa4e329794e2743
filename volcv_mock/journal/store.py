"""The pictures behind the URLs of `return_url: true`, bounded by bytes; the oldest are evicted first.

A URL carries its expiry, signed with a key of this mock. So a changed or expired link (403) is distinguished from one
whose picture was evicted (410) and from an unknown one (404). Callers pass the time, which the scope's clock gives.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

from volcv_mock._util.frozen import frozen
from volcv_mock.simulation import draws

Verdict = Literal["found", "forbidden", "expired", "evicted", "unknown"]

STATUS: Mapping[Verdict, int] = {"found": 200, "forbidden": 403, "expired": 403, "evicted": 410, "unknown": 404}
IMAGES = "/_mock/images/"
EXPIRES, SIGNATURE = "x-expires", "x-signature"

KEPT_BYTES = 300
"""Memory that a picture takes beside its bytes, which several may share: its id and its table slots (measured)."""

MAX_EVICTED = 16_384
"""Ids remembered of evicted pictures: about 3 MB, not counted in the budget."""

_PATH = re.compile(rf"(?:/[^?#]*)?{IMAGES}([0-9a-f]{{1,64}})\.(?:jpeg|png)", re.ASCII)
_EPOCH = re.compile(r"\d{1,12}", re.ASCII)


@frozen
class Stored:
    """One picture and its scope. Equal answers share `data`."""

    data: bytes = field(repr=False)
    expires_at_s: float
    scope: str


@frozen
class Found:
    """What became of a request for a picture; `data` is there when the verdict is `found`."""

    verdict: Verdict
    data: bytes = field(default=b"", repr=False)

    @property
    def status(self) -> int:
        """The HTTP status with which the link answers."""
        return STATUS[self.verdict]


class Links(ABC):
    """The links to pictures: signed with a key of the mock's seed, so that every process of a mock knows them."""

    def __init__(self, mock_seed: int) -> None:
        self._key = draws.digest(mock_seed, "picture URLs")

    def url(self, base: str, picture_id: str, expires_at_s: float, kind: str = "jpeg") -> str:
        """The link to a picture: good until its second, signed, below the base that the client used. `kind` is the
        file's ending, "jpeg" or "png"."""
        expires = str(int(expires_at_s))
        signed = f"{EXPIRES}={expires}&{SIGNATURE}={self._signature(picture_id, expires)}"
        return f"{base}{IMAGES}{picture_id}.{kind}?{signed}"

    def is_signed(self, picture_id: str, query: Mapping[str, str]) -> bool:
        """Whether this mock made that link, now or in an earlier run with the same seed."""
        expires, signature = query.get(EXPIRES, ""), query.get(SIGNATURE, "")
        if not _EPOCH.fullmatch(expires):
            return False
        return hmac.compare_digest(self._signature(picture_id, expires).encode(), signature.encode("utf-8", "replace"))

    def resolve(self, url: str, own_hosts: tuple[str, ...], now_s: Callable[[str], float]) -> bytes | None:
        """The picture behind a URL of ours; b"" when the link is no longer good, None when it is another's.

        A link is ours when its picture is here and it is signed, or when it names one of `own_hosts`
        ("127.0.0.1:8410"): ours must never be fetched, the mock would wait for itself. `now_s` reads the
        clock of a scope: the picture's own decides.
        """
        try:
            parts = urlsplit(url)
            host = parts.netloc.rpartition("@")[2].lower()
        except ValueError:
            return None
        path = _PATH.fullmatch(parts.path)
        if path is None:
            return b"" if host in own_hosts else None
        now = now_s(self.scope_of(path[1]) or "default")
        found = self.get(path[1], dict(parse_qsl(parts.query)), now)
        is_ours = host in own_hosts or found.verdict in ("found", "evicted") or self.scope_of(path[1]) is not None
        return found.data if is_ours else None

    def get(self, picture_id: str, query: Mapping[str, str], now_s: float) -> Found:
        """A picture by its id and the query of its URL. A forged link learns nothing about what is held."""
        if not self.is_signed(picture_id, query):
            return Found("forbidden")
        if now_s >= int(query[EXPIRES]):
            return Found("expired")
        return self._read(picture_id)

    @abstractmethod
    def scope_of(self, picture_id: str) -> str | None:
        """The scope whose clock decides; None for an id not known."""

    @abstractmethod
    def _read(self, picture_id: str) -> Found:
        """A picture whose link is good, counted as read by a client."""

    def _signature(self, picture_id: str, expires: str) -> str:
        return hmac.new(self._key, f"{picture_id}\n{expires}".encode(), hashlib.sha256).hexdigest()[:40]


class PictureStore(Links):
    """At most `budget_bytes` of pictures; bytes shared by several count once. Thread-safe."""

    def __init__(self, budget_bytes: int, mock_seed: int = 0) -> None:
        super().__init__(mock_seed)
        self._budget_bytes = budget_bytes
        self._held: OrderedDict[str, Stored] = OrderedDict()
        self._evicted: OrderedDict[str, str] = OrderedDict()
        self._reads: dict[str, int] = {}
        self._shares: dict[int, int] = {}
        self._held_bytes = 0
        self._lock = threading.Lock()

    @property
    def held_bytes(self) -> int:
        """Bytes of the pictures in the store."""
        return self._held_bytes

    def put(
        self, picture_id: str, data: bytes, expires_at_s: float, scope: str = "default", along: object = None
    ) -> str:
        """Keep a picture; one larger than the whole budget counts as evicted at once."""
        with self._lock:
            self._forget(picture_id)
            self._evicted.pop(picture_id, None)
            self._reads[picture_id] = 0
            self._held[picture_id] = Stored(data, expires_at_s, scope)
            self._share(data)
            while self._held_bytes > self._budget_bytes:
                self._evict()
        return picture_id

    def held(self, picture_id: str) -> bytes | None:
        """The bytes of a picture, if they are still kept."""
        with self._lock:
            found = self._held.get(picture_id)
            return found.data if found else None

    def scope_of(self, picture_id: str) -> str | None:
        """The scope whose clock decides; None for an id not known."""
        with self._lock:
            held = self._held.get(picture_id)
            return held.scope if held else self._evicted.get(picture_id)

    def reads(self, picture_id: str) -> int:
        """How often a client fetched it, as far as remembered."""
        return self._reads.get(picture_id, 0)

    def clear(self, scope: str | None = None) -> None:
        """Remove a scope's pictures, or all; their links answer 404 from then on."""
        with self._lock:
            for picture_id in [name for name, held in self._held.items() if scope in (None, held.scope)]:
                self._forget(picture_id)
                self._reads.pop(picture_id, None)
            for picture_id in [name for name, owner in self._evicted.items() if scope in (None, owner)]:
                del self._evicted[picture_id]
                self._reads.pop(picture_id, None)

    def _read(self, picture_id: str) -> Found:
        with self._lock:
            if picture_id in self._held:
                self._reads[picture_id] += 1
                return Found("found", self._held[picture_id].data)
            return Found("evicted" if picture_id in self._evicted else "unknown")

    def _evict(self) -> None:
        picture_id, held = next(iter(self._held.items()))
        self._forget(picture_id)
        self._evicted[picture_id] = held.scope
        while len(self._evicted) > MAX_EVICTED:
            oldest, _ = self._evicted.popitem(last=False)
            self._reads.pop(oldest, None)

    def _share(self, data: bytes) -> None:
        shares = self._shares.get(id(data), 0)
        self._shares[id(data)] = shares + 1
        self._held_bytes += KEPT_BYTES + (0 if shares else len(data))

    def _forget(self, picture_id: str) -> None:
        held = self._held.pop(picture_id, None)
        if held is None:
            return
        self._held_bytes -= KEPT_BYTES
        self._shares[id(held.data)] -= 1
        if not self._shares[id(held.data)]:
            del self._shares[id(held.data)]
            self._held_bytes -= len(held.data)
