"""The console at /_mock/: a page, its style and its script modules, files of the folder `console`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from volcv_mock.control.messages import ControlError, ControlRequest, ControlResponse

FOLDER = Path(__file__).resolve().parent / "console"
MEDIA_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Only the files of this folder run; no markup of a client's text does. Pictures are read with fetch: blob."""

_HEADERS = (("Content-Security-Policy", POLICY), ("Referrer-Policy", "no-referrer"), ("Cache-Control", "no-store"))


def page(request: ControlRequest) -> ControlResponse:
    """A static page without data: its scripts call the control API, with the same access control as any client."""
    return _served("page.html")


def moved(query: str) -> ControlResponse:
    """From the console's path without its slash to the page: its addresses are relative to it."""
    return ControlResponse(b"", 302, headers=(("Location", f"_mock/?{query}" if query else "_mock/"),))


def module(request: ControlRequest) -> ControlResponse:
    """A style or script of the page."""
    if request.path["file"] not in files():
        raise ControlError(404, "the console has no such file")
    return _served(request.path["file"])


@cache
def files() -> tuple[str, ...]:
    """The names of the files that are served."""
    return tuple(sorted(each.name for each in FOLDER.iterdir() if each.suffix in MEDIA_TYPES))


def _served(name: str) -> ControlResponse:
    content_type = f"{MEDIA_TYPES[Path(name).suffix]}; charset=utf-8"
    return ControlResponse((FOLDER / name).read_bytes(), content_type=content_type, headers=_HEADERS)
