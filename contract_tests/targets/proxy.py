"""A reseller's endpoint: `/volcv/v1` and a Bearer key, from VOLCV_BASE_URL and VOLCV_API_KEY."""

from __future__ import annotations

from typing import Any

import httpx

from volcv_mock.recording.addresses import path_secrets

from .base import Target
from .network import client_of, proxy_hint
from .settings import address_from, key_from

PATH = "/volcv/v1"


def open_target(base_url: str = "", transport: httpx.BaseTransport | None = None, **options: Any) -> Target:
    """The base URL may be given with or without /volcv/v1."""
    address = address_from(base_url, "VOLCV_BASE_URL", "https://api.example.com")
    key = key_from("VOLCV_API_KEY", "the proxy's key")
    root = address.rstrip("/").removesuffix(PATH)
    client = client_of(root, transport)
    return Target(
        "proxy",
        client,
        PATH,
        frozenset({"paid", "real_time", "checks_keys"}),
        credentials={"Authorization": f"Bearer {key}"},
        secrets=(key, *path_secrets(root)),
        proxy_hint=proxy_hint(root),
        key_hint="Set VOLCV_API_KEY to one that it accepts.",
        aliases=dict(options.get("aliases") or {}),
    )
