"""Calling the WSGI app: a request becomes an environ, what the app returns becomes an Answer."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from volcv_mock.http.endpoints import FRONT, Front
from volcv_mock.http.framing import Head
from volcv_mock.http.response import Answer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def environ_of(base: dict[str, Any], head: Head, body: bytes, remote: str, front: Front) -> dict[str, Any]:
    """PEP 3333's dictionary for one request; `base` holds what does not change."""
    environ = {
        **base,
        "REQUEST_METHOD": head.method,
        "PATH_INFO": unquote_to_bytes(head.path).decode("latin-1"),
        "QUERY_STRING": head.query,
        "SERVER_PROTOCOL": "HTTP/1.0" if head.is_http_1_0 else "HTTP/1.1",
        "REMOTE_ADDR": remote,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        FRONT: front,
    }
    _add_headers(environ, head)
    return environ


def _add_headers(environ: dict[str, Any], head: Head) -> None:
    for name, value in head.headers:
        if "_" in name:  # would pass for the header with a hyphen
            continue
        key = "HTTP_" + name.upper().replace("-", "_")
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    for key in ("HTTP_CONTENT_LENGTH", "HTTP_TRANSFER_ENCODING"):  # the front has dealt with both
        environ.pop(key, None)
    if "HTTP_CONTENT_TYPE" in environ:
        environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE")


def call(app: WSGIApplication, environ: dict[str, Any]) -> Answer:
    """What the app answers. With a Front in the environ its reply counts instead."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        started.append((status, headers))
        return written.append

    result = app(environ, start_response)
    try:
        written.extend(chunk for chunk in result if chunk)
    finally:
        if hasattr(result, "close"):
            result.close()
    status, headers = started[-1]
    return Answer(int(status.split(" ", 1)[0]), tuple(headers), written)
