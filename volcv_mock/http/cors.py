"""CORS for the two service doors: the proxy's own sample is a browser `fetch`. Never for /_mock/."""

from __future__ import annotations

import re
from dataclasses import replace

from volcv_mock.model import Headers, Reply

OPEN: Headers = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "X-Volcv-Mock-Call, X-Volcv-Mock-Reason, X-Volcv-Mock-Note"),
)
METHODS = "POST, OPTIONS"
_USUAL = "Authorization, Content-Type, X-Date, X-Content-Sha256, X-Security-Token, X-Volcv-Mock, X-Volcv-Mock-Scope"
_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+(?:[ \t]*,[ \t]*[A-Za-z0-9!#$%&'*+.^_`|~-]+)*")


def opened(reply: Reply) -> Reply:
    """The same reply, readable by a page of any origin."""
    return replace(reply, headers=reply.headers + OPEN)


def preflight(asked: str | None) -> Headers:
    """What a browser may send: the headers it asks for, or the usual ones. `*` would leave out Authorization."""
    names = asked if asked and len(asked) < 1024 and _NAMES.fullmatch(asked) else _USUAL
    return (
        OPEN[0],
        ("Access-Control-Allow-Methods", METHODS),
        ("Access-Control-Allow-Headers", names),
        ("Access-Control-Max-Age", "600"),
        ("Vary", "Access-Control-Request-Headers"),
    )
