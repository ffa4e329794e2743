"""Helpers for tests of a mock in front of an upstream: the mock itself, and a client of it."""

from __future__ import annotations

from typing import Any

import httpx

from volcv_mock import VolcvMock
from volcv_mock.testing.handles import RunningMock

KEY = "sk-owner-of-the-money-0123456789"
PATH = "/volcv/v1?Action=CVProcess&Version=2022-08-31"


def front(real: RunningMock, mode: str, **settings: Any) -> VolcvMock:
    return VolcvMock(**{"upstream": real.base_url, "mode": mode, "api_keys": [KEY], **settings})


def post(server: RunningMock, body: Any, key: str = KEY, path: str = PATH, **headers: str) -> httpx.Response:
    """One call with a Bearer key; underscores in header names become hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with httpx.Client(trust_env=False, timeout=60) as client:
        return client.post(f"{server.base_url}{path}", json=body, headers={"Authorization": f"Bearer {key}", **named})
