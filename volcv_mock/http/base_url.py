"""The address under which a client reached the mock: where the links to its pictures lead."""

from __future__ import annotations

import re

from volcv_mock.model import RawRequest

HOST = re.compile(r"[A-Za-z0-9.:_\[\]-]{1,255}")
PREFIX = re.compile(r"(?:/[A-Za-z0-9._~%-]+){1,20}")
PREFIX_HEADER = "x-forwarded-prefix"


def base_url(raw: RawRequest, own_host: str) -> str:
    """Scheme, Host and path prefix of a request; `own_host` for a Host that is none."""
    host = raw.header("host") or ""
    return f"{raw.scheme}://{host if HOST.fullmatch(host) else own_host}{_prefix(raw)}"


def _prefix(raw: RawRequest) -> str:
    """The prefix that a reverse proxy removed, then the one below which the app is mounted.

    werkzeug's ProxyFix writes the header's value into SCRIPT_NAME and leaves the header: it counts once.
    """
    parts = [part.strip().rstrip("/") for part in (raw.header(PREFIX_HEADER) or "").split(",")]
    removed, mounted = "".join(parts), raw.base_path.rstrip("/")
    if not PREFIX.fullmatch(removed) or f"{mounted}/".startswith(f"{removed}/"):
        return mounted
    return removed + mounted
