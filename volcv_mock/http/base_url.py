"""The address under which a client reached the mock: where the links to its pictures lead."""

from __future__ import annotations

import re
from urllib.parse import unquote

from volcv_mock.model import RawRequest

HOST = re.compile(r"[A-Za-z0-9.:_\[\]-]{1,255}")
PREFIX = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+;=:@-]|%[0-9A-Fa-f]{2})+){1,20}")
"""The characters of a path (RFC 3986, 3.3) without the comma, which parts the values of a header."""
PREFIX_HEADER = "x-forwarded-prefix"


def base_url(raw: RawRequest, own_host: str) -> str:
    """Scheme, Host and path prefix of a request; `own_host` for a Host that is none."""
    host = raw.header("host") or ""
    return f"{raw.scheme}://{host if HOST.fullmatch(host) else own_host}{_prefix(raw)}"


def _prefix(raw: RawRequest) -> str:
    """The prefix that a reverse proxy removed, then the one below which the app is mounted.

    Of several prefixes the first counts: each proxy appends its own, and the first is the client's. werkzeug's ProxyFix
    writes the header's value into SCRIPT_NAME and leaves the header: it counts once.
    """
    first, mounted = (raw.header(PREFIX_HEADER) or "").partition(",")[0], raw.base_path.rstrip("/")
    removed = first.strip().rstrip("/")
    if not _is_prefix(removed) or f"{mounted}/".startswith(f"{removed}/"):
        return mounted
    return removed + mounted


def _is_prefix(text: str) -> bool:
    """A path without `.` and `..`: clients resolve those, and the link would leave the prefix."""
    return PREFIX.fullmatch(text) is not None and not {".", ".."}.intersection(unquote(text).split("/"))
