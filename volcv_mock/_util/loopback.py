"""HTTP calls of our own to a server on this machine. Proxies of the environment are bypassed.

With HTTP_PROXY set and 127.0.0.1 not listed in NO_PROXY, urllib, requests and httpx send even a loopback
call to the proxy, which cannot reach it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

NAMES = ("NO_PROXY", "no_proxy")
"""requests and urllib read the lower-case name first, curl reads only that one, other clients only the other."""


def open_directly(request: Any, timeout_s: float) -> Any:
    """`urllib.request.urlopen` without a proxy. Takes a URL or a Request; raises URLError and HTTPError as it does."""
    import urllib.request  # lazy: start-up time

    return urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=timeout_s)


def no_proxy_with(host: str, environ: Mapping[str, str] = os.environ) -> str:
    """The value of NO_PROXY that keeps what both spellings list now and adds a host; "*" already covers all."""
    entries = [entry.strip() for name in NAMES for entry in environ.get(name, "").split(",")]
    if "*" in entries:
        return "*"
    return ",".join(dict.fromkeys(entry for entry in (*entries, host) if entry))


class Bypass:
    """Keeps the hosts of open blocks in NO_PROXY. Blocks may overlap, and end in any order and thread.

    What the variables held before the first block returns after the last one, unless somebody else has set them since.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open = 0
        self._before: dict[str, str | None] = {}
        self._written = ""

    @contextmanager
    def of(self, host: str) -> Iterator[None]:
        """The block in which clients that follow the environment reach a host directly."""
        with self._lock:
            self._enter(host)
        try:
            yield
        finally:
            with self._lock:
                self._leave()

    def _enter(self, host: str) -> None:
        if not self._open:
            self._before = {name: os.environ.get(name) for name in NAMES}
        self._open += 1
        self._written = no_proxy_with(host)
        os.environ.update(dict.fromkeys(NAMES, self._written))

    def _leave(self) -> None:
        self._open -= 1
        if self._open:
            return
        for name, value in self._before.items():
            if os.environ.get(name) != self._written:
                continue
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


BYPASS = Bypass()
"""The environment is one for the process, and so is this."""
