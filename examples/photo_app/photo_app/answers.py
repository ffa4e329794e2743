"""Read a response of CVProcess: a picture, or the reason why there is none.

`code` decides, never the HTTP status. 201304 can occur inside a response whose code reports success.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

SUCCESS, GHOST_FACE = 10000, 201304
TOO_MANY = frozenset({50429, 50430})
OUT_OF_ORDER = frozenset({50500, 50501})
JPEG = b"\xff\xd8\xff"


@dataclass(frozen=True)
class NoPicture(Exception):
    """Why there is no picture. `may_pass_later` is true when a retry may succeed."""

    code: int | str
    message: str
    may_pass_later: bool = False

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def picture_of(document: Any, fetch: Callable[[str], bytes]) -> bytes:
    """The JPEG of a response. Raises NoPicture."""
    refuse_errors(document)
    data = document.get("data") or {}
    status = (data.get("algorithm_base_resp") or {}).get("status_code", 0)
    if status:
        raise NoPicture(status, "the model gave no picture")
    for text in data.get("binary_data_base64") or ():
        return checked(decoded(text))
    for url in data.get("image_urls") or ():
        return checked(fetch(url))
    raise NoPicture("empty", "a success without a picture")


def refuse_errors(document: Any) -> None:
    """The three envelopes of an error: flat, the gateway's, the reseller's."""
    if not isinstance(document, dict):
        raise NoPicture("unreadable", "the response is no JSON object", may_pass_later=True)
    if "ResponseMetadata" in document:
        error = document["ResponseMetadata"].get("Error") or {}
        raise NoPicture(error.get("Code", "gateway"), error.get("Message", ""))
    if "error" in document:
        raise NoPicture("reseller", str(document["error"].get("message", "")))
    code = document.get("code")
    if code != SUCCESS:
        raise NoPicture(code or "no code", str(document.get("message", "")), code in TOO_MANY | OUT_OF_ORDER)


def decoded(text: str) -> bytes:
    """The bytes of base64 text, with or without a data-URI prefix. Raises NoPicture."""
    try:
        return base64.b64decode(text.rpartition("base64,")[2])
    except binascii.Error:
        raise NoPicture("unreadable", "the picture is no base64") from None


def checked(data: bytes) -> bytes:
    """The data, if it is a JPEG. Raises NoPicture."""
    if not data.startswith(JPEG):
        raise NoPicture("unreadable", "the picture is no JPEG")
    return data
