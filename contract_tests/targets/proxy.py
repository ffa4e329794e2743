"""A reseller's front door: `/volcv/v1` and a Bearer key, from VOLCV_BASE_URL and VOLCV_API_KEY."""

from __future__ import annotations

import os
from typing import Any

import httpx

from .base import Target, Unreachable

PATH = "/volcv/v1"


def open_target(base_url: str = "", transport: httpx.BaseTransport | None = None, **options: Any) -> Target:
    """The base URL may be given with or without /volcv/v1."""
    base_url = base_url or os.environ.get("VOLCV_BASE_URL", "")
    key = os.environ.get("VOLCV_API_KEY", "")
    if not base_url.startswith(("http://", "https://")):
        raise Unreachable("set --base-url (or VOLCV_BASE_URL) to the proxy's address, such as https://api.example.com")
    if not key:
        raise Unreachable("set VOLCV_API_KEY to the proxy's key; without it every call would only be refused")
    root = base_url.rstrip("/").removesuffix(PATH)
    client = httpx.Client(base_url=root, timeout=httpx.Timeout(120, connect=20), transport=transport)
    return Target(
        "proxy",
        client,
        PATH,
        frozenset({"paid", "real_time"}),
        credentials={"Authorization": f"Bearer {key}"},
        secrets=(key,),
        aliases=dict(options.get("aliases") or {}),
    )
