"""An upstream that repeats the client's key in its answer: the client gets its bytes, nobody else gets the key."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.upstream.front import KEY, post
from volcv_mock import VolcvMock

SPELLED = {"plain": KEY, "quoted": quote(f"{KEY}/+", safe=""),
           "base64": base64.b64encode(f"Bearer {KEY}".encode()).decode()}  # fmt: skip
VISIBLE = [KEY, *(base64.b64encode(b"\0" * before + KEY.encode()).decode()[4:-4] for before in range(3))]


class Echo(BaseHTTPRequestHandler):
    """Answers what the test has set."""

    status: int
    body: bytes
    named: dict[str, str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.status)
        for name, value in {"Content-Type": "application/json", **self.named}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def upstream() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def answers(monkeypatch: pytest.MonkeyPatch, status: int, document: Any, **named: str) -> None:
    monkeypatch.setattr(Echo, "status", status, raising=False)
    monkeypatch.setattr(Echo, "body", json.dumps(document).encode(), raising=False)
    monkeypatch.setattr(Echo, "named", {name.replace("_", "-"): value for name, value in named.items()}, raising=False)


def told(upstream: str, mode: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """Everything that the mock tells of one call, to anybody but its client."""
    settings = {"mode": mode, "upstream": upstream, "api_keys": [KEY], "log": "text", "upstream_budget": 9}
    files = {"recordings": str(tmp_path / "recordings"), "upstream_ledger": str(tmp_path / "ledger.jsonl")}
    with VolcvMock(**settings, **files).serve() as server, httpx.Client(trust_env=False) as client:
        post(server, server.body())
        entry = server.calls.last.entry
        paths = ("calls", f"calls/{entry.id}", "differences", "metrics", "verdict")
        pages = [client.get(f"{server.base_url}/_mock/{path}").text for path in paths]
    written = [path.read_text() for path in tmp_path.rglob("*") if path.is_file()]
    return "\n".join([*pages, *written, *capfd.readouterr()])


@pytest.mark.parametrize("mode", ["pass", "spy", "record", "diff"])
@pytest.mark.parametrize("spelling", SPELLED)
@pytest.mark.parametrize(
    "where",
    [lambda key: {"code": key, "message": "no"}, lambda key: {"code": 50400, "message": f"{'x' * 280} {key}"},
     lambda key: {"error": {"type": key, "message": key}}, lambda key: {"code": 10000, key: 1, "data": {key: {}}},
     lambda key: {"request_id": key, "code": 50400}],
    ids=["code", "end of a message", "proxy's envelope", "name of a member", "request id"],
)  # fmt: skip
def test_a_repeated_key_is_told_to_nobody_else(
    upstream: str, mode: str, spelling: str, where: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """It was a label of the metrics, a word of the log and of the ledger, and a path of the differences."""
    answers(monkeypatch, 400, where(SPELLED[spelling]), Retry_After=KEY, X_Echo=f"Bearer {KEY}")

    everything = told(upstream, mode, tmp_path, capfd)

    assert "i2i_inpainting" in everything
    assert [each for each in VISIBLE if each in everything] == []


def test_of_a_redirect_only_scheme_and_host_are_told(
    upstream: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Gateways put tokens into paths, and a user into an address."""
    answers(monkeypatch, 302, {}, Location=f"http://user:{KEY}@127.0.0.1:1/tok3n-of-a-gateway/x?key={KEY}")

    everything = told(upstream, "pass", tmp_path, capfd)

    assert "HTTP 302 to http://***@127.0.0.1:1/***" in everything
    assert "tok3n" not in everything
    assert KEY not in everything
