"""The console at /_mock/."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from volcv_mock.control.messages import ControlRequest, ControlResponse

PAGE = Path(__file__).resolve().parent / "page.html"
_INLINE = re.compile(rb"<(script|style)>(.*?)</\1>", re.DOTALL)


def page(request: ControlRequest) -> ControlResponse:
    """A static page without data: its script calls the control API, with the same access control as any client."""
    text, policy = _page()
    headers = (("Content-Security-Policy", policy), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"))
    return ControlResponse(text, content_type="text/html; charset=utf-8", headers=headers)


@cache
def _page() -> tuple[bytes, str]:
    """The page, and a Content-Security-Policy that permits only its own script and style, by digest."""
    text = PAGE.read_bytes()
    digests = {tag.decode(): _digest(inner) for tag, inner in _INLINE.findall(text)}
    policy = (
        f"default-src 'none'; script-src '{digests['script']}'; style-src '{digests['style']}'; img-src blob:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return text, policy


def _digest(text: bytes) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text).digest()).decode()
