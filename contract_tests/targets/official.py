"""The vendor's own endpoint: the signature of contract section 3, written again here on purpose.

The mock verifies with its code, the suite signs with this one: were both one function, a shared
mistake would agree with itself.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Generator
from typing import Any
from urllib.parse import parse_qsl, quote

import httpx

from volcv_mock.recording.addresses import path_secrets

from ..clock import Now, now_utc
from .base import Target
from .network import client_of, proxy_hint
from .settings import checked_address, key_from

HOST = "https://visual.volcengineapi.com"
ALIASES = {"i2i_inpainting_edit": "img2img_inpainting_edit_zi2i"}
REGION, SERVICE = "cn-north-1", "cv"
SIGNED = ("content-type", "host", "x-content-sha256", "x-date")


class Signature(httpx.Auth):
    """Signs the final body: HMAC-SHA256 over the canonical request, key chained from the secret key."""

    requires_request_body = True

    def __init__(self, access_key: str, secret_key: str, now: Now = now_utc) -> None:
        self.access_key, self.secret_key = access_key, secret_key
        self._now = now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Sign the request with the time of sending."""
        date = self._now().strftime("%Y%m%dT%H%M%SZ")
        request.headers["X-Date"] = date
        request.headers["X-Content-Sha256"] = _hex(request.content)
        request.headers.setdefault("Content-Type", "application/json")
        scope = f"{date[:8]}/{REGION}/{SERVICE}/request"
        text = "\n".join(["HMAC-SHA256", date, scope, _hex(canonical(request).encode())])
        signature = hmac.new(self._key(date[:8]), text.encode(), hashlib.sha256).hexdigest()
        credential = f"Credential={self.access_key}/{scope}"
        request.headers["Authorization"] = (
            f"HMAC-SHA256 {credential}, SignedHeaders={';'.join(SIGNED)}, Signature={signature}"
        )
        yield request

    def _key(self, day: str) -> bytes:
        key = self.secret_key.encode()
        for part in (day, REGION, SERVICE, "request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key


def canonical(request: httpx.Request) -> str:
    """The canonical request: method, path, query, signed headers, their names, body hash."""
    path = quote(request.url.path or "/", safe="/-_.~")
    pairs = sorted(parse_qsl(request.url.query.decode(), keep_blank_values=True))
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    headers = "".join(f"{name}:{_value(request, name)}\n" for name in SIGNED)
    return "\n".join([request.method, path, query, headers, ";".join(SIGNED), _hex(request.content)])


def _value(request: httpx.Request, name: str) -> str:
    value = request.headers[name].strip()
    return value.removesuffix(":80").removesuffix(":443") if name == "host" else value


def _hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def open_target(base_url: str = "", transport: httpx.BaseTransport | None = None, **options: Any) -> Target:
    """Keys come from VOLC_ACCESSKEY and VOLC_SECRETKEY."""
    keys = key_from("VOLC_ACCESSKEY", "the access key"), key_from("VOLC_SECRETKEY", "the secret key")
    address = checked_address(base_url or HOST, "--base-url", HOST)
    client = client_of(address, transport)
    return Target(
        "official",
        client,
        "/",
        frozenset({"paid", "signs", "real_time", "checks_signatures"}),
        auth=Signature(*keys),
        secrets=(*keys, *path_secrets(address)),
        proxy_hint=proxy_hint(address),
        key_hint="Set VOLC_ACCESSKEY and VOLC_SECRETKEY to a pair that it accepts.",
        aliases=dict(options.get("aliases") or ALIASES),
    )
