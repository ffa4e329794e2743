"""URLs as they may be shown."""

from __future__ import annotations

import re

MASKED = "***"
"""Printed in place of a secret."""

_NO_PORT = re.compile(r"(?<=//)([^/:\[]*:)(?!\d*(?:/|$))[^/]*")
"""What stands where a port should: perhaps the second half of a user and password whose host was forgotten."""
_SECRETS = re.compile(r"(?<=//)[^/@?#]*@|[?#].*", re.DOTALL)


def without_secrets(url: str) -> str:
    """The URL without user, password, query and fragment. Nothing is shown after a port that is none: what is cut off
    there may be a password with a slash in it."""
    shown = _SECRETS.sub("", url)
    no_port = _NO_PORT.search(shown)
    return f"{shown[: no_port.end(1)]}{MASKED}" if no_port else shown
