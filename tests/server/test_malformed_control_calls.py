"""Calls of the control API that are no HTTP as it should be: refused, and in no journal."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from tests.server.scripted import Client
from volcv_mock import VolcvMock

MALFORMED = {
    "expectation": ("Host: m\r\nExpect: foo\r\n", 417),
    "length and chunks": ("Host: m\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n", 400),
    "too large": ("Host: m\r\nContent-Length: 999999999\r\n", 400),
    "no header": ("Host: m\r\nno colon\r\n", 400),
    "scope": ("Host: m\r\nX-Volcv-Mock-Scope: other\r\nExpect: foo\r\n", 417),
}


def asked(mock: VolcvMock, target: str, lines: str) -> tuple[int, dict[str, str], bytes]:
    """The answer to one request of a raw socket, when the server has ended the connection."""
    with mock.serve() as server, Client(urlsplit(server.base_url).port or 0) as client:
        client.send(f"GET {target} HTTP/1.1\r\n{lines}\r\n".encode())
        answer = client.answer()
        assert client.is_ended()
    return answer


@pytest.mark.parametrize(("lines", "status"), MALFORMED.values(), ids=MALFORMED)
@pytest.mark.parametrize("target", ["/_mock/health", "/_mock", "/%5Fmock/calls?limit=1"])
def test_a_malformed_call_of_the_control_api_is_refused_and_in_no_journal(target: str, lines: str, status: int) -> None:
    mock = VolcvMock()

    answered, headers, body = asked(mock, target, lines)

    assert answered == status
    assert headers["x-volcv-mock-reason"] in json.loads(body)["error"]["message"]
    assert "x-volcv-mock-call" not in headers
    assert mock.world.journal.entries("*") == ()
    assert "other" not in mock.world.scopes()


@pytest.mark.parametrize(("lines", "status"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_call_of_the_service_is_in_the_journal(lines: str, status: int) -> None:
    mock = VolcvMock()

    answered, headers, _ = asked(mock, "/volcv/v1", lines)

    (entry,) = mock.world.journal.entries("*")
    assert (answered, entry.id, entry.endpoint) == (status, headers["x-volcv-mock-call"], "proxy")
