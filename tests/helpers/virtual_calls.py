"""Calls to a mock in virtual time, and how much of it passed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from tests.helpers.clients import KEY, TLS, URL

SLEEP_S = 1000.0
"""So long that it does not matter what a slow machine computes meanwhile, in real time."""
TIMEOUT_S = 500


def post(mock: Any, **more: Any) -> httpx.Response:
    return httpx.post(URL, json=mock.body(), headers={**KEY, **more}, timeout=TIMEOUT_S, verify=TLS)


async def post_async(mock: Any) -> httpx.Response:
    async with httpx.AsyncClient(timeout=TIMEOUT_S, verify=TLS) as client:
        return await client.post(URL, json=mock.body(), headers=KEY)


def spent_s(mock: Any, work: Callable[[], object]) -> float:
    """The seconds of the mock's clock that `work` took."""
    before_s: float = mock.clock.now_s()
    work()
    after_s: float = mock.clock.now_s()
    return after_s - before_s
