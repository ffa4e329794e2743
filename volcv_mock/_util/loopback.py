"""HTTP calls of our own to a server on this machine. Proxies of the environment are bypassed.

With HTTP_PROXY set and 127.0.0.1 not listed in NO_PROXY, urllib, requests and httpx send even a loopback
call to the proxy, which cannot reach it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
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
