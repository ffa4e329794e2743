"""Reseller profiles of schemas/resellers.json: how the proxy endpoint passes errors of the vendor on.

A profile changes answers of the proxy endpoint only. The pipeline decides as always; `wrapped` is
applied to the finished body by stages/render.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from volcv_mock._util.frozen import frozen
from volcv_mock.contract.codes import success
from volcv_mock.contract.documents import document
from volcv_mock.model import CodeRow, Endpoint

Dump = Callable[[Mapping[str, Any]], str]


@frozen
class UpstreamError:
    """An error of the vendor as the reseller answers it: `carried`, as JSON text, in the member `carrier`."""

    http_status: int
    meaning: str
    body: Mapping[str, Any]
    carrier: str
    carried: Mapping[str, Any]

    @property
    def code(self) -> int | str:
        """The code that the client reads."""
        code: int | str = self.body["code"]
        return code

    def wrapped(self, upstream_body: str, dump: Dump = json.dumps) -> str:
        """The reseller's body around the vendor's. `dump` writes JSON and keeps the order of members."""
        inner = {key: _filled(value, upstream_body) for key, value in self.carried.items()}
        return dump({**self.body, self.carrier: dump(inner)})


@frozen
class Reseller:
    """One profile. `unrouted_methods` are answered as an unknown path instead of 405. `own_refusals` are the rows in
    the gateway's envelope that the reseller's own server answers with, before it asks the vendor."""

    id: str
    summary: str
    unrouted_methods: tuple[str, ...]
    own_refusals: tuple[str, ...]
    upstream_error: UpstreamError | None

    def wrapping(self, row: CodeRow, endpoint: Endpoint) -> UpstreamError | None:
        """How a row is wrapped, None if it is sent as it is: successes, and what the reseller refuses itself."""
        is_own = row.envelope == "proxy" or row.id in self.own_refusals
        is_wrapped = endpoint == "proxy" and not is_own and row.code != success().code
        return self.upstream_error if is_wrapped else None


@cache
def resellers() -> Mapping[str, Reseller]:
    """Profile id -> Reseller, in the order of the file."""
    return {raw["id"]: _reseller(raw) for raw in document("resellers.json")["profiles"]}


def default_reseller() -> str:
    """The profile that is served when none is chosen."""
    return str(document("resellers.json")["default"])


def _reseller(raw: Mapping[str, Any]) -> Reseller:
    error = raw["upstream_error"]
    plain = {name: error[name] for name in UpstreamError.__annotations__} if error else {}
    methods, own = tuple(raw["unrouted_methods"]["value"]), tuple(document("resellers.json")["own_refusals"]["value"])
    return Reseller(raw["id"], raw["summary"], methods, own, UpstreamError(**plain) if error else None)


def _filled(value: Any, text: str) -> Any:
    return value.replace("%s", text) if isinstance(value, str) else value
