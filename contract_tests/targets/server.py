"""The mock behind a socket, in a thread of this process: keep-alive, framing and chunks are real."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import httpx

from .base import Target
from .mock import CAN, KEY
from .settings import checked_address


def open_target(base_url: str = "", **options: Any) -> Target:
    """Start a server, or join one that runs already when `base_url` is given."""
    stack = ExitStack()
    if not base_url:
        from volcv_mock import VolcvMock

        base_url = stack.enter_context(VolcvMock(seed=7, latency="off", triggers=False).serve()).base_url
    checked_address(base_url, "--base-url", "http://127.0.0.1:8410")
    client = httpx.Client(base_url=base_url.removesuffix("/").removesuffix("/volcv/v1"), timeout=60, trust_env=False)
    credentials, can = {"Authorization": f"Bearer {KEY}"}, CAN | {"socket"}
    return Target("server", client, "/volcv/v1", can, credentials, secrets=(KEY,), close_with=(stack.close,))
