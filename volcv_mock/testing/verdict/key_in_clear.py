"""A Bearer key was sent over plain http to another machine. Signatures contain no key and are not reported."""

from __future__ import annotations

from collections.abc import Iterator

from volcv_mock.config import is_loopback
from volcv_mock.testing.verdict.base import Evidence, Finding, ids

NAME = "key_in_clear"


def audit(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each call with a key over plain http to a host that is not this machine."""
    for call in evidence.calls:
        if call.credential != "bearer" or call.scheme != "http" or is_loopback(_name(call.host)):
            continue
        seen = f"the API key was sent over plain http to {call.host}"
        yield Finding(NAME, "error", seen, "Use https:// in the base URL.", ids((call,)))


def _name(host: str) -> str:
    """The host without its port."""
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and "]" not in host.rpartition(":")[2] else host
