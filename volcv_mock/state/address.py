"""The setting `state`: the URL of a Redis or Valkey, read without connecting to it.

redis://[USER:PASSWORD@]HOST[:6379][/DB][?name=TEAM]      valkey:// is the same
rediss://...[?name=TEAM&ca=FILE]                           TLS; the certificate is verified
unix://[USER:PASSWORD@]/path/of/socket[?db=0&name=TEAM]
"""

from __future__ import annotations

import re
from dataclasses import field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from volcv_mock._util.frozen import frozen

MEMORY = "memory"
WANTED = "memory, or redis://, rediss://, valkey:// or unix:// with the address of a Redis"
DEFAULT_NAME = "default"
_PORT = 6379
_OPTIONS = {"redis": ("name",), "valkey": ("name",), "rediss": ("name", "ca"), "unix": ("name", "db")}
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_HOST = re.compile(
    r"(?!.{254})[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?|[0-9a-f:.]*:[0-9a-f:.]*(?:%\w{1,15})?", re.ASCII
)
"""A name whose labels the system's resolver takes, or an IPv6 address with its zone. `hostname` is lower case."""


@frozen
class Address:
    """Where the state is. `path` is set for a Unix socket; `ca` names a PEM file of certificates to trust."""

    scheme: str
    host: str
    port: int
    path: str
    db: int
    username: str
    password: str = field(repr=False)
    name: str
    ca: str = ""

    @property
    def shown(self) -> str:
        """The URL without what is secret."""
        user = f"{self.username}:***@" if self.password else f"{self.username}@" if self.username else ""
        if self.path:
            return f"unix://{user}{self.path}?db={self.db}"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{user}{host}:{self.port}/{self.db}"


def parse(text: str) -> Address:
    """The address. Raises ValueError with what is permitted, never with the password."""
    try:
        parts = urlsplit(text)
        port = parts.port or _PORT
    except ValueError:
        raise ValueError(f"not a URL; wanted {WANTED}") from None
    if parts.scheme not in _OPTIONS or parts.fragment:
        raise ValueError(f"wanted {WANTED}")
    options = _options(parts)
    is_unix = parts.scheme == "unix"
    if not (parts.path if is_unix else _HOST.fullmatch(parts.hostname or "")):
        raise ValueError("wanted unix:///path/of/socket" if is_unix else f"wanted {parts.scheme}://HOST:PORT/DB")
    db = options.get("db", "0") if is_unix else parts.path.strip("/") or "0"
    if not re.fullmatch(r"\d{1,5}", db, re.ASCII):
        raise ValueError("wanted the number of a database, such as /0")
    return Address(
        parts.scheme, parts.hostname or "", port, unquote(parts.path) if is_unix else "", int(db),
        unquote(parts.username or ""), unquote(parts.password or ""), options.get("name", DEFAULT_NAME),
        options.get("ca", ""),
    )  # fmt: skip


def _options(parts: SplitResult) -> dict[str, str]:
    permitted = _OPTIONS[parts.scheme]
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an option is given twice; give it once")
    for name in found:
        if name not in permitted:
            raise ValueError(f"unknown option {name[:40]!r}; permitted: {', '.join(permitted)}")
    if not _NAME.fullmatch(found.get("name", DEFAULT_NAME)):
        raise ValueError("name: wanted 1 to 64 letters, digits, '_', '.' or '-'")
    return found


def checked(text: str) -> str:
    """The setting as it is kept. Raises ValueError."""
    if text != MEMORY:
        parse(text)
    return text
