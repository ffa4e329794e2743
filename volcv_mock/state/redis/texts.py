"""How facts are written in Redis: JSON, and floats so that they come back as they were. Never a pickle."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_json(value: Any) -> bytes:
    """The JSON of plain data; a client may have sent half a character."""
    return _encode(value).encode("utf-8", "surrogatepass")


def from_json(data: bytes | str) -> Any:
    """Plain data. Raises ValueError for anything else."""
    return json.loads(data.decode("utf-8", "surrogatepass") if isinstance(data, bytes) else data)


def text_of(data: bytes | str | None) -> str:
    """A reply of Redis as text."""
    return data.decode("utf-8", "surrogatepass") if isinstance(data, bytes) else data or ""


def digest_of(data: bytes) -> str:
    """The name of some bytes, 32 hex digits."""
    return blake2b(data, digest_size=16).hexdigest()


def optional(value: float | int | None) -> str:
    """A number as a script reads it; "" for none."""
    return "" if value is None else repr(value)
