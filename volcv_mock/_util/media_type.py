"""The media type that a Content-Type names (RFC 9110, 8.3.1)."""

from __future__ import annotations

JSON = "application/json"


def media_type(content_type: str | None) -> str:
    """A Content-Type in lower case, without its parameters; "" for none."""
    return (content_type or "").partition(";")[0].strip().lower()
