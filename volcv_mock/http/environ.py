"""Calling a WSGI app in process: a request becomes an environ, and what the app returns becomes a Reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from volcv_mock.delivery import Reply
from volcv_mock.http.framing import Head
from volcv_mock.model import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def base_environ(host: str, port: int, errors: Any = None, scheme: str = "http") -> dict[str, Any]:
    """The members of PEP 3333's dictionary that are the same for every request."""
    return {
        "SERVER_NAME": host, "SERVER_PORT": str(port), "SCRIPT_NAME": "", "wsgi.url_scheme": scheme,
        "wsgi.version": (1, 0), "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        "wsgi.errors": errors or StringIO(),
    }  # fmt: skip


def environ_of(base: dict[str, Any], head: Head, body: bytes, remote: str) -> dict[str, Any]:
    """PEP 3333's dictionary for one request.

    HEAD becomes GET: its headers are those of GET (RFC 9110, 9.3.2), and the transport leaves the body out.
    """
    environ = {
        **base,
        "REQUEST_METHOD": "GET" if head.method == "HEAD" else head.method,
        "PATH_INFO": unquote_to_bytes(head.path).decode("latin-1") if "%" in head.path else head.path,
        "QUERY_STRING": head.query,
        "SERVER_PROTOCOL": "HTTP/1.0" if head.is_http_1_0 else "HTTP/1.1",
        "REMOTE_ADDR": remote,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
    }
    environ.update(_members_of(head.headers))
    return environ


@lru_cache(16)
def _members_of(headers: Headers) -> Mapping[str, str]:
    """The headers by the names that they have in an environ. Clients repeat them; 16 sets take a megabyte at most."""
    members: dict[str, str] = {}
    for name, value in headers:
        key = _key_of(name)
        if key:
            members[key] = f"{members[key]},{value}" if key in members else value
    return members


@lru_cache(256)
def _key_of(name: str) -> str:
    """The member that holds a header, "" for one that is left out."""
    if "_" in name:  # would pass for the header with a hyphen
        return ""
    key = name.upper().replace("-", "_")
    if key in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):  # the body is already read
        return ""
    return key if key == "CONTENT_TYPE" else f"HTTP_{key}"


def call(app: WSGIApplication, environ: dict[str, Any]) -> Reply:
    """The response of the app, as a Reply without a journal entry."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    written: list[bytes] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: object = None
    ) -> Callable[[bytes], object]:
        started.append((status, headers))
        return written.append

    result = app(environ, start_response)
    try:
        written += [chunk for chunk in result if chunk]
    finally:
        if hasattr(result, "close"):
            result.close()
    status, headers = started[-1]
    return Reply(int(status.split(" ", 1)[0]), tuple(headers), tuple(written))
