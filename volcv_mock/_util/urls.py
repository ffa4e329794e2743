"""URLs as they may be shown."""

from __future__ import annotations

import re

MASKED = "***"
"""Printed in place of a secret."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_NO_PORT = re.compile(r"(?<=//)([^/:\[]*:)(?!\d*(?:/|$))[^/]*")
"""What stands where a port should: perhaps the second half of a user and password whose host was forgotten."""
_SECRETS = re.compile(r"(?<=//)[^/@?#]*@|[?#].*", re.DOTALL)


def without_secrets(url: str) -> str:
    """The URL without user, password, query and fragment. Nothing is shown after a port that is none: what is cut off
    there may be a password with a slash in it."""
    shown = _SECRETS.sub("", url)
    no_port = _NO_PORT.search(shown)
    return f"{shown[: no_port.end(1)]}{MASKED}" if no_port else shown


def without_user(text: str) -> str:
    """What a person gave as a URL, for an error message: whatever stands before the last @, or is a query, is masked.

    It need not be a URL: a password with a slash or a blank in it, or a missing scheme, is why it was refused.
    """
    before, at, after = text.rpartition("@")
    scheme = _SCHEME.match(before)
    shown = f"{scheme[0] if scheme else ''}{MASKED}@{after}" if at else text
    shown = _NO_PORT.sub(rf"\1{MASKED}", shown)
    place, mark, _ = shown.partition("?") if "?" in shown else shown.partition("#")
    return f"{place}{mark}{MASKED}" if mark and "//" in text else shown
