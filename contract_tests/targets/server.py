"""The mock behind a socket, in a thread of this process: keep-alive, framing and chunks are real."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import httpx

from .base import Target
from .mock import CAN, KEY, SIGNATURE, fresh_mock
from .settings import checked_address


def _mode(client: httpx.Client) -> str:
    """Who answers there. The control API of a mock in front of an upstream says nothing about the upstream."""
    try:
        return str(client.get("/_mock/differences").json().get("mode", "mock"))
    except (httpx.HTTPError, ValueError, AttributeError):
        return "mock"


def open_target(base_url: str = "", readings: str = "", **options: Any) -> Target:
    """Start a server that plays the readings of a file, or join one that runs already when `base_url` is given."""
    stack, is_joined = ExitStack(), bool(base_url)
    if not is_joined:
        base_url = stack.enter_context(fresh_mock(readings=readings).serve()).base_url
    checked_address(base_url, "--base-url", "http://127.0.0.1:8410")
    client = httpx.Client(base_url=base_url.removesuffix("/").removesuffix("/volcv/v1"), timeout=60, trust_env=False)
    credentials, can = {"Authorization": f"Bearer {KEY}"}, CAN | {"socket"}
    if is_joined:  # which keys it knows is not known here
        can -= {"checks_keys", "checks_signatures"}
        can -= set() if _mode(client) == "mock" else {"control"}
    return Target(
        "server",
        client,
        "/volcv/v1",
        can,
        credentials,
        signature=SIGNATURE,
        secrets=(KEY,),
        close_with=(stack.close,),
    )
