"""What one control call is; routes.py lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from volcv_mock.control.ask import Access, Answer, Ask, Method


@dataclass(frozen=True, slots=True)
class Route:
    """`path` is below /_mock. `answer` and `body` name schemas of document.py; `query` says what each parameter is.

    `refusals` are the statuses beyond those of the guard (401, 403), of a bad parameter and of a bad body.
    """

    method: Method
    path: str
    summary: str
    handle: Callable[[Ask], Answer]
    answer: str
    body: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
    refusals: tuple[int, ...] = ()
    access: Access = "guarded"
    media_type: str = "application/json"
    status: int = 200
