"""URLs as they may be shown."""

from __future__ import annotations

import re

_SECRETS = re.compile(r"(?<=//)[^/@?#]*@|[?#].*", re.DOTALL)


def without_secrets(url: str) -> str:
    """The URL without user, password, query and fragment."""
    return _SECRETS.sub("", url)
