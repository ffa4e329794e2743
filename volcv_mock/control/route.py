"""Describes one control endpoint; routes.py lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from volcv_mock._util.frozen import frozen
from volcv_mock.control.messages import Access, ControlRequest, ControlResponse, Method


@frozen
class Route:
    """`path` is relative to /_mock. `response` and `body` name schemas of document.py; `query` describes parameters.

    `refusals` are the error statuses beyond those of access control, of a bad parameter and of a bad body.
    """

    method: Method
    path: str
    summary: str
    handle: Callable[[ControlRequest], ControlResponse]
    response: str
    body: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[int, ...] = ()
    access: Access = "guarded"
    media_type: str = "application/json"
    status: int = 200
