"""The pictures behind links, of all processes: any of them serves a link that another made."""

from __future__ import annotations

from collections import OrderedDict

from volcv_mock.journal.store import KEPT_BYTES, MAX_EVICTED, Found, Links
from volcv_mock.state import Write
from volcv_mock.state.redis.connection import RedisConnections
from volcv_mock.state.redis.texts import digest_of, text_of

MOST_KNOWN = 4096
"""Pictures of which this process believes that Redis has their bytes."""


class RedisPictures(Links):
    """At most `budget_bytes` of pictures; equal bytes count once. Every method may be called from any thread."""

    def __init__(self, connections: RedisConnections, budget_bytes: int, mock_seed: int) -> None:
        super().__init__(mock_seed)
        self._connections = connections
        self._budget_bytes = budget_bytes
        self._sent: OrderedDict[str, None] = OrderedDict()

    @property
    def held_bytes(self) -> int:
        """Bytes of the pictures in the store."""
        return int(self._connections.command("HGET", self._connections.key("pn"), "bytes") or 0)

    def put(
        self, picture_id: str, data: bytes, expires_at_s: float, scope: str = "default",
        along: list[Write] | None = None,
    ) -> str:  # fmt: skip
        """Keep a picture; one larger than the whole budget counts as evicted at once."""
        digest = digest_of(data)
        arguments = (repr(expires_at_s), scope, self._budget_bytes, KEPT_BYTES, MAX_EVICTED)
        call = "picture_put", (picture_id, digest, b"" if digest in self._sent else data, *arguments)

        def ended(is_kept: int) -> None:
            if not is_kept:  # Redis does not have its bytes any more
                self._connections.script("picture_put", picture_id, digest, data, *arguments)

        self._sent[digest] = None
        if len(self._sent) > MOST_KNOWN:
            self._sent.popitem(last=False)
        if along is None:
            ended(self._connections.run([call])[0])
        else:
            along.append(Write(call, ended))
        return picture_id

    def held(self, picture_id: str) -> bytes | None:
        """The bytes of a picture, if they are still kept."""
        verdict, data = self._connections.script("picture_get", picture_id, "0")
        return bytes(data) if verdict == b"found" else None

    def scope_of(self, picture_id: str) -> str | None:
        """The scope whose clock decides; None for an id not known."""
        found = self._connections.script("picture_scope", picture_id)
        return text_of(found) if found else None

    def reads(self, picture_id: str) -> int:
        """How often a client fetched it, as far as remembered."""
        return int(self._connections.command("HGET", self._connections.key("pr"), picture_id) or 0)

    def clear(self, scope: str | None = None) -> None:
        """Remove a scope's pictures, or all; their links answer 404 from then on."""
        self._connections.script("pictures_clear", "*" if scope is None else scope)

    def _read(self, picture_id: str) -> Found:
        verdict, data = self._connections.script("picture_get", picture_id, "1")
        return Found(text_of(verdict), data)  # type: ignore[arg-type]  # one of the verdicts, as the script has them

    def was_emptied(self) -> None:
        """Redis was emptied: it has no picture any more."""
        self._sent.clear()
