"""The head of a response, as the socket sends it: what a transport writes itself, and what the reply carries."""

from __future__ import annotations

import pytest

from volcv_mock.delivery import Reply
from volcv_mock.http.framing import Head, parse_head
from volcv_mock.http.response import head_of, headers_of

HEADERS = (("Content-Type", "application/json"), ("content-length", "7"), ("Date", "never"), ("X-Request-Id", "1"))


def request(version: str = "1.1") -> Head:
    return parse_head(b"POST / HTTP/%s\r\nHost: a" % version.encode())


def lines_of(status: int, length: int | None, keeps_alive: bool = True, version: str = "1.1") -> list[str]:
    head = head_of(Reply(status, HEADERS, ()), length, keeps_alive=keeps_alive, request=request(version))
    assert head.endswith(b"\r\n\r\n")
    return head.decode().split("\r\n")[:-2]


@pytest.mark.parametrize("length", [0, 1234, None])
def test_a_head_has_the_headers_that_the_other_transports_send(length: int | None) -> None:
    lines = dict(line.split(": ", 1) for line in lines_of(200, length)[1:])
    headers = dict(headers_of(Reply(200, HEADERS, ()), length))

    assert headers.pop("Date").endswith(" GMT")
    assert lines.pop("Date").endswith(" GMT")
    assert lines == headers
    assert lines.get("Content-Length") == (None if length is None else str(length))
    assert "content-length" not in lines


@pytest.mark.parametrize(("status", "line"), [(200, "HTTP/1.1 200 OK"), (404, "HTTP/1.1 404 Not Found"),
                                              (599, "HTTP/1.1 599 Unknown")])  # fmt: skip
def test_the_status_line_has_the_phrase_of_the_status(status: int, line: str) -> None:
    assert lines_of(status, 0)[0] == line


@pytest.mark.parametrize(("version", "keeps_alive", "connection"), [
    ("1.1", True, []), ("1.1", False, ["Connection: close"]),
    ("1.0", True, ["Connection: keep-alive"]), ("1.0", False, ["Connection: close"]),
])  # fmt: skip
def test_a_head_says_whether_the_connection_stays_where_the_version_does_not(
    version: str, keeps_alive: bool, connection: list[str]
) -> None:
    lines = lines_of(200, 0, keeps_alive, version)

    assert [line for line in lines if line.startswith("Connection")] == connection
