"""The clients that are intercepted, each as a function that posts a body, and where they post it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import Any

import httpx
import requests

BASE = "https://api.example.com"
QUERY = "?Action=CVProcess&Version=2022-08-31"
URL = f"{BASE}/volcv/v1{QUERY}"
KEY = {"Authorization": "Bearer sk-anything"}

TLS = ssl.create_default_context()
"""Shared: to make one takes longer than an intercepted call."""

Post = Callable[..., Any]


def by_httpx(body: Any, *, timeout: float | None = 5.0, url: str = URL, **headers: str) -> httpx.Response:
    return httpx.post(url, json=body, headers={**KEY, **headers}, timeout=timeout, verify=TLS)


def by_async_httpx(body: Any, *, timeout: float | None = 5.0, url: str = URL, **headers: str) -> httpx.Response:
    async def post() -> httpx.Response:
        async with httpx.AsyncClient(timeout=timeout, verify=TLS) as client:
            return await client.post(url, json=body, headers={**KEY, **headers})

    return asyncio.run(post())


def by_requests(body: Any, *, timeout: float | None = 5.0, url: str = URL, **headers: str) -> requests.Response:
    return requests.post(url, json=body, headers={**KEY, **headers}, timeout=timeout)


CLIENTS = {"httpx": by_httpx, "httpx async": by_async_httpx, "requests": by_requests}
