"""The mock in this process, through WSGI and without a socket. Triggers are off.

Hypothesis does draw seeds such as 50411 and 201304: with triggers on, they would be answered as asked.
"""

from __future__ import annotations

import os
from typing import Any

import httpx

from .base import CAPABILITIES, Target
from .official import Signature

KEY = "sk-contract-suite-0123456789abcdef"
SIGNATURE = Signature("AKLTcontractsuite0000000001", "Y29udHJhY3Qtc3VpdGUtc2VjcmV0LWtleQ==")
CAN = frozenset(CAPABILITIES) - {"paid", "signs", "real_time", "replays", "socket"}


def fresh_mock(*keys: str, readings: str = "") -> Any:
    """A mock that knows the keys of this suite and those given, and refuses others. `readings` is a file it plays.

    VOLCV_MOCK_CONTRACT names a contract folder, as for `serve`; `volcv-mock contract --contract DIR` sets it.
    """
    from volcv_mock import VolcvMock

    signing = {SIGNATURE.access_key: SIGNATURE.secret_key}
    return VolcvMock(seed=7, latency="off", triggers=False, api_keys=[KEY, *keys], access_keys=signing,
                     readings=readings, contract=os.environ.get("VOLCV_MOCK_CONTRACT", ""))  # fmt: skip


def transport(*keys: str, readings: str = "") -> httpx.BaseTransport:
    """A fresh mock behind an httpx transport; it knows these keys too."""
    return httpx.WSGITransport(fresh_mock(*keys, readings=readings).app)


def open_target(readings: str = "", **options: Any) -> Target:
    """A mock of its own in this process, which plays the readings of a file."""
    client = httpx.Client(transport=transport(readings=readings), base_url="http://127.0.0.1:8410", timeout=60)
    credentials = {"Authorization": f"Bearer {KEY}"}
    return Target("mock", client, "/volcv/v1", CAN, credentials, secrets=(KEY,), signature=SIGNATURE)
