"""The mock behind a socket, in a thread of this process or already running: keep-alive, framing and chunks are real."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import Any

import httpx

from volcv_mock.recording.addresses import path_secrets

from .base import Target
from .mock import CAN, KEY, SIGNATURE, fresh_mock
from .official import Signature
from .settings import checked_address, key_from

ANSWERS_ITSELF = ("mock", "replay")
"""Modes in which a mock sends nothing to a paid service."""
NOT_SENT = (
    "VOLCV_API_KEY is sent only to a mock whose control API says that it answers by itself; else use --target proxy."
)


def _mode(client: httpx.Client) -> str:
    """Who answers there; "" when no control API says it."""
    try:
        return str(client.get("/_mock/differences").json()["mode"])
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return ""


def open_target(base_url: str = "", readings: str = "", **options: Any) -> Target:
    """Start a server that plays the readings of a file, or join one that runs already when `base_url` is given."""
    if base_url:
        return _joined(base_url)
    stack = ExitStack()
    client = _client(stack.enter_context(fresh_mock(readings=readings).serve()).base_url)
    return _target(client, CAN | {"socket"}, KEY, SIGNATURE, close_with=(stack.close,))


def _joined(base_url: str) -> Target:
    """A mock that runs already. Which keys it knows is not known here, so those of the environment are used.

    A paid service is never called with them: no budget counts the calls of this target. The control API of a mock in
    front of an upstream says nothing about the upstream.
    """
    client = _client(checked_address(base_url, "--base-url", "http://127.0.0.1:8410"))
    mode = _mode(client)
    can = (CAN | {"socket"}) - {"checks_keys", "checks_signatures"} - (set() if mode in ("", "mock") else {"control"})
    if mode not in ANSWERS_ITSELF:
        return _target(client, can, KEY, SIGNATURE, key_hint=NOT_SENT)
    return _target(client, can, _key(), _signature(), key_hint="Set VOLCV_API_KEY to one that it accepts.")


def _client(base_url: str) -> httpx.Client:
    return httpx.Client(base_url=base_url.removesuffix("/").removesuffix("/volcv/v1"), timeout=60, trust_env=False)


def _key() -> str:
    return key_from("VOLCV_API_KEY", "the mock's key") if os.environ.get("VOLCV_API_KEY") else KEY


def _signature() -> Signature:
    if not (os.environ.get("VOLC_ACCESSKEY") and os.environ.get("VOLC_SECRETKEY")):
        return SIGNATURE
    return Signature(key_from("VOLC_ACCESSKEY", "the access key"), key_from("VOLC_SECRETKEY", "the secret key"))


def _target(client: httpx.Client, can: frozenset[str], key: str, signature: Signature, **more: Any) -> Target:
    secrets = (key, signature.access_key, signature.secret_key, *path_secrets(str(client.base_url)))
    credentials = {"Authorization": f"Bearer {key}"}
    return Target("server", client, "/volcv/v1", can, credentials, signature=signature, secrets=secrets, **more)
