"""Calls CVProcess through a reseller: one POST with a Bearer key and a timeout."""

from __future__ import annotations

import os
from typing import Any

import httpx

from photo_app.answers import NoPicture

PATH = "/volcv/v1"
QUERY = {"Action": "CVProcess", "Version": "2022-08-31"}
TIMEOUT = httpx.Timeout(30, connect=5)
"""An edit takes 3 to 11 seconds."""
TLS = httpx.create_ssl_context()
"""Shared by all clients: loading the certificates is slow."""


class Service:
    """Use as a context manager, or call close()."""

    def __init__(self, base_url: str, api_key: str) -> None:
        headers = {"Authorization": f"Bearer {api_key}"}
        self._client = httpx.Client(base_url=base_url, headers=headers, timeout=TIMEOUT, verify=TLS)

    @classmethod
    def from_environment(cls) -> Service:
        """Configured by VOLCV_BASE_URL and VOLCV_API_KEY."""
        return cls(os.environ["VOLCV_BASE_URL"], os.environ["VOLCV_API_KEY"])

    def ask(self, body: dict[str, Any]) -> Any:
        """The JSON document of the response. Raises NoPicture when none arrived or it is not JSON."""
        try:
            return self._client.post(PATH, params=QUERY, json=body).json()
        except httpx.TimeoutException as error:
            raise NoPicture("timeout", "no response in time") from error
        except httpx.TransportError as error:
            raise NoPicture("network", str(error), may_pass_later=True) from error
        except ValueError as error:
            raise NoPicture("unreadable", "the response is no JSON", may_pass_later=True) from error

    def fetch(self, url: str) -> bytes:
        """The picture behind a URL, requested without the API key. Raises NoPicture."""
        try:
            return httpx.get(url, timeout=TIMEOUT, verify=TLS).raise_for_status().content
        except httpx.HTTPError as error:
            raise NoPicture("link", str(error)) from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
