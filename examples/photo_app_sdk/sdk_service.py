"""The photo app's way to CVProcess by the official SDK, signed; the rest of the app is the same (../photo_app).

The SDK makes every failure an Exception whose text holds the bytes of the answer, as Python prints them.
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
    """One for the whole process: VisualService is a singleton that forgets its host when it is made again."""

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._sdk = VisualService()
        self._sdk.set_scheme(parts.scheme)  # the SDK's own default is plain http
        self._sdk.set_host(parts.netloc)
        self._sdk.set_connection_timeout(5)
        self._sdk.set_socket_timeout(TIMEOUT_S)

    @classmethod
    def from_environment(cls) -> SdkService:
        """The keys are read by the SDK itself: VOLC_ACCESSKEY and VOLC_SECRETKEY."""
        return cls(os.environ.get("VOLCV_BASE_URL", OFFICIAL))

    def ask(self, body: dict[str, Any]) -> Any:
        """The answer's document. Raises NoPicture when none arrived."""
        try:
            return self._sdk.cv_process(body)
        except Exception as error:
            return document_in(str(error))

    def fetch(self, url: str) -> bytes:
        try:
            reply = requests.get(url, timeout=TIMEOUT_S)
            reply.raise_for_status()
        except requests.RequestException as error:
            raise NoPicture("link", str(error)) from error
        return reply.content


def document_in(text: str) -> Any:
    """The document inside an exception's text: "b'{...}'" with the bytes escaped. Raises NoPicture."""
    try:
        return json.loads(ast.literal_eval(text))
    except (ValueError, SyntaxError, TypeError):
        is_timeout = "timed out" in text
        raise NoPicture("timeout" if is_timeout else "network", text, may_pass_later=not is_timeout) from None
