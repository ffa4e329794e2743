"""After any load a process holds idle, its budgets and some slack: loads that fill one store each, in turn."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks import bodies
from benchmarks.load import burst
from benchmarks.serving import Row, Target, call, target
from benchmarks.soak import SETTLED_S, SLACK_BYTES, idle, resident_mb, send
from volcv_mock.config import Settings


def rows(quick: bool = False) -> Iterator[Row]:
    share = 200 if quick else 1
    bound_mb = budgets_bytes(Settings()) / 1e6
    with target() as server:
        idle_mb = idle(server, quick)
        for what, load in LOADS:
            load(server, share)
            time.sleep(SETTLED_S / share)
            grown_mb = resident_mb(server) - idle_mb
            yield Row(f"held above idle after {what}", grown_mb, bound_mb, "MB", note=f"idle {idle_mb:.0f} MB")


def budgets_bytes(settings: Settings) -> int:
    """The journal, the pictures behind URLs, the two memos, and slack."""
    return settings.journal_bytes + settings.pictures_bytes + settings.memo_bytes + SLACK_BYTES


def pictures(server: Target, share: int) -> None:
    """Every picture new: fills both memos, the picture store and the journal's thumbnails."""
    for mark in range(max(1, 300 // share)):
        document = bodies.document("i2i_inpainting", 128 if share > 1 else 1024, mark)
        wrong = send(server, [call(bodies.body(document, return_url=flag)) for flag in (True, False)])
        assert not wrong, "a server that fails holds little"


def large(server: Target, share: int) -> None:
    """The largest pictures, several at once."""
    documents = [bodies.document("i2i_inpainting", 128 if share > 1 else 4096, mark) for mark in range(4)]
    for seed in range(max(1, 6 // share)):
        wrong = send(server, [call(bodies.body(each, seed=seed)) for each in documents])
        assert not wrong


def crowd(server: Target, share: int) -> None:
    """Connections that wait with an answer, each with a seed of its own."""
    document = bodies.document("i2i_inpainting", 128 if share > 1 else 512)
    held = "X-Volcv-Mock: delay=0.1s\r\n" if share > 1 else "X-Volcv-Mock: delay=3s\r\n"
    requests = [call(bodies.body(document, seed=seed), held) for seed in range(1000 // share)]
    assert burst(server.address, requests, 120).statuses == {200: len(requests)}


def refusals(server: Target, share: int) -> None:
    """Long prompts, bodies and headers, all different, that are refused: the journal's other food."""
    prompts = (f"{number} " + "x" * 20_000 for number in range(5000 // share))
    requests = [call(bodies.body({"req_key": "byteedit_v2.0", "prompt": prompt})) for prompt in prompts]
    burst_all(server, requests)


def scopes(server: Target, share: int) -> None:
    """More scopes than are kept, and a request or two in each."""
    named = [f"X-Volcv-Mock-Scope: test-{number}\r\n" for number in range(3000 // share)]
    burst_all(server, [call(b"{}", header) for header in named])


def burst_all(server: Target, requests: list[bytes]) -> None:
    """Requests that are refused, all of them."""
    for start in range(0, len(requests), 200):
        result = burst(server.address, requests[start : start + 200], 60)
        assert not result.errors
        assert all(400 <= status < 500 for status in result.statuses), result.statuses


LOADS = (
    ("600 different pictures of 1024 px", pictures),
    ("24 pictures of 4096 px, four at once", large),
    ("1000 different answers that wait", crowd),
    ("5000 long refusals", refusals),
    ("3000 scopes", scopes),
)
