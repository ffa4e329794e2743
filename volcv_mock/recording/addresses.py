"""Addresses of services as they may be shown: `shown_address` is used by every message and report.

A person may have put a password, a token or a whole key into one, and it need not be a URL at all.
"""

from __future__ import annotations

import re

MASK = "***"
"""Printed in place of a secret."""
ENDPOINT = "/volcv/v1"
"""May end an address, as clients have it in their base URL."""
SHORTEST_SECRET = 8

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_NO_PORT = re.compile(r"(?<=//)([^/:\[]*:)(?!\d*(?:/|$))[^/]*")
"""What stands where a port should: perhaps the second half of a user and password whose host was forgotten."""
_SECRETS = re.compile(r"(?<=//)[^/@?#]*@|[?#].*", re.DOTALL)
_PATH = re.compile(r"(?<=//)([^/?#]*)(/[^?#]*)", re.DOTALL)
_SEGMENTS = re.compile(r"(?:/(?!\{\w+\}(?:/|$))[^/]*[^/{}][^/]*)+")
"""Segments of a path in a row that are no placeholder such as {trace_id}."""


def shown_address(text: str) -> str:
    """Scheme, host, port and the path of an endpoint; user, other parts of the path, query and fragment are masked.

    Gateways put tokens into paths: http://host/TOKEN/volcv/v1 is shown as http://host/***/volcv/v1.
    """
    return _PATH.sub(lambda found: found[1] + _shown_path(found[2]), without_user(text))


def path_secrets(address: str) -> tuple[str, ...]:
    """The parts of a path that `shown_address` masks, as far as they are long enough to be masked elsewhere."""
    found = _PATH.search(address)
    parts = found[2].rstrip("/").removesuffix(ENDPOINT).split("/") if found else []
    return tuple(part for part in parts if len(part) >= SHORTEST_SECRET)


def without_user(text: str) -> str:
    """What a person gave as a URL, for an error message: whatever stands before the last @, or is a query, is masked.

    It need not be a URL: a password with a slash or a blank in it, or a missing scheme, is why it was refused.
    """
    before, at, after = text.rpartition("@")
    scheme = _SCHEME.match(before)
    shown = f"{scheme[0] if scheme else ''}{MASK}@{after}" if at else text
    shown = _NO_PORT.sub(rf"\1{MASK}", shown)
    place, mark, _ = shown.partition("?") if "?" in shown else shown.partition("#")
    return f"{place}{mark}{MASK}" if mark and "//" in text else shown


def without_secrets(url: str) -> str:
    """The URL of a picture without user, password, query and fragment. Nothing is shown after a port that is none: what
    is cut off there may be a password with a slash in it."""
    shown = _SECRETS.sub("", url)
    no_port = _NO_PORT.search(shown)
    return f"{shown[: no_port.end(1)]}{MASK}" if no_port else shown


def path_before_endpoint(path: str) -> str:
    """What stands before the path of an endpoint in a requested path, "" when it ends with none."""
    bare = path.rstrip("/")
    return bare.removesuffix(ENDPOINT) if bare.endswith(ENDPOINT) else ""


def _shown_path(path: str) -> str:
    bare = path.rstrip("/")
    inner = bare.removesuffix(ENDPOINT)
    return f"{_SEGMENTS.sub(f'/{MASK}', inner)}{bare[len(inner):]}{path[len(bare):]}"
