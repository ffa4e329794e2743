"""Calls CVProcess with the official SDK and signed requests; the rest of the app is ../photo_app.

The SDK raises every failure as an Exception whose text is the repr of the response's bytes.
"""

from __future__ import annotations

import ast
import json
import os
from typing import Any
from urllib.parse import urlsplit

import requests
from photo_app.answers import NoPicture
from volcengine.visual.VisualService import VisualService

OFFICIAL = "https://visual.volcengineapi.com"
TIMEOUT_S = 30


class SdkService:
    """Create one per process: VisualService is a singleton that loses its host when it is created again."""

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._sdk = VisualService()
        self._sdk.set_scheme(parts.scheme)  # the SDK's own default is plain http
        self._sdk.set_host(parts.netloc)
        self._sdk.set_connection_timeout(5)
        self._sdk.set_socket_timeout(TIMEOUT_S)

    @classmethod
    def from_environment(cls) -> SdkService:
        """Configured by VOLCV_BASE_URL; the SDK itself reads VOLC_ACCESSKEY and VOLC_SECRETKEY."""
        return cls(os.environ.get("VOLCV_BASE_URL", OFFICIAL))

    def ask(self, body: dict[str, Any]) -> Any:
        """The JSON document of the response. Raises NoPicture when none arrived."""
        try:
            return self._sdk.cv_process(body)
        except Exception as error:
            return document_in(str(error))

    def fetch(self, url: str) -> bytes:
        """The picture behind a URL. Raises NoPicture."""
        try:
            reply = requests.get(url, timeout=TIMEOUT_S)
            reply.raise_for_status()
        except requests.RequestException as error:
            raise NoPicture("link", str(error)) from error
        return reply.content


def document_in(text: str) -> Any:
    """The JSON document in an exception's text, which is the repr of bytes. Raises NoPicture."""
    try:
        return json.loads(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError):
        is_timeout = "timed out" in text
        raise NoPicture("timeout" if is_timeout else "network", text, may_pass_later=not is_timeout) from None
