"""CORS for the endpoints and the picture links: the proxy's sample is a browser `fetch`. Never for the control API."""

from __future__ import annotations

import re

from volcv_mock.delivery import Reply
from volcv_mock.model import Headers

ALLOW_ALL: Headers = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "X-Volcv-Mock-Call, X-Volcv-Mock-Reason, X-Volcv-Mock-Note"),
)
METHODS = "POST, OPTIONS"
PICTURE_METHODS = "GET, HEAD, OPTIONS"
_USUAL = "Authorization, Content-Type, X-Date, X-Content-Sha256, X-Security-Token, X-Volcv-Mock, X-Volcv-Mock-Scope"
_NAMES = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+(?:[ \t]*,[ \t]*[A-Za-z0-9!#$%&'*+.^_`|~-]+)*")


def allowed(reply: Reply) -> Reply:
    """The same reply, readable by a page of any origin."""
    return reply.with_headers(ALLOW_ALL)


def preflight(requested: str | None, methods: str = METHODS) -> Headers:
    """Response headers for a preflight: the headers that the browser requests, or the usual ones.

    `*` would leave out Authorization (Fetch standard).
    """
    names = requested if requested and len(requested) < 1024 and _NAMES.fullmatch(requested) else _USUAL
    return (
        ALLOW_ALL[0],
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", names),
        ("Access-Control-Max-Age", "600"),
        ("Vary", "Access-Control-Request-Headers"),
    )
