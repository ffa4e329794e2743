"""Signatures with one mistake, for the probes of the official endpoint."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Generator, Mapping

import httpx

from ..targets.official import Signature


class Altered(httpx.Auth):
    """Signs as `inner` does, and then makes the mistake of that name."""

    requires_request_body = True

    def __init__(self, inner: Signature, mistake: str) -> None:
        self._inner, self._mistake = inner, mistake

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The signed request with the mistake in it."""
        signed = next(self._inner.auth_flow(request))
        yield self._altered(signed)

    def _altered(self, request: httpx.Request) -> httpx.Request:
        text = request.headers["Authorization"]
        if self._mistake == "no_date":
            del request.headers["X-Date"]
        elif self._mistake == "other_body":
            request.headers["X-Content-Sha256"] = "0" * 64
        elif self._mistake == "old":
            old = dt.datetime.strptime(request.headers["X-Date"], "%Y%m%dT%H%M%SZ") - dt.timedelta(days=2)
            request.headers["X-Date"] = old.strftime("%Y%m%dT%H%M%SZ")
            text = re.sub(r"/\d{8}/", f"/{old:%Y%m%d}/", text)
        else:
            text = MISTAKES[self._mistake](text)
        request.headers["Authorization"] = text
        return request


MISTAKES: Mapping[str, Callable[[str], str]] = {
    "other_day": lambda text: re.sub(r"/\d{8}/", "/20200101/", text),
    "other_service": lambda text: text.replace("/cv/request", "/ec2/request"),
    "no_signature": lambda text: re.sub(r"Signature=\w+", "Signature=", text),
    "unknown_key": lambda text: re.sub(r"Credential=[^/]+", "Credential=AKLTcalibrateunknown", text),
}
