"""What a control call is to its handler: an Ask; and what it gives back: an Answer, or a ControlError."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from volcv_mock.contract import nearest

if TYPE_CHECKING:
    from volcv_mock.world import Scope, World

EVERY_SCOPE, DEFAULT_SCOPE = "*", "default"
Method = Literal["GET", "POST", "PUT", "DELETE"]
Access = Literal["guarded", "page", "open"]
"""`open` is for everyone; `page` holds no data and may be navigated to; `guarded` is the rest."""


class ControlError(Exception):
    """Ends a control call. `facts` go beside the message: permitted, did_you_mean."""

    def __init__(self, status: int, message: str, **facts: Any) -> None:
        super().__init__(message)
        self.status = status
        self.document = {"error": {"message": message, **{name: fact for name, fact in facts.items() if fact}}}


@dataclass(frozen=True, slots=True)
class Ask:
    """One control call. `scope` is a name, or "*" for all; `body` is read JSON, None when nothing was sent."""

    world: World
    scope: str = DEFAULT_SCOPE
    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    def scopes(self) -> list[Scope]:
        """The scopes that are meant, at least the default one."""
        names = dict.fromkeys((DEFAULT_SCOPE, *self.world.scopes())) if self.scope == EVERY_SCOPE else (self.scope,)
        return [self.world.scope(name) for name in names]

    def each_scope(self, tell: Callable[[Scope], dict[str, Any]]) -> dict[str, Any]:
        """The document of the scope, or with "*" one for each below `scopes`."""
        if self.scope != EVERY_SCOPE:
            return tell(self.world.scope(self.scope))
        return {"scopes": {scope.name: tell(scope) for scope in self.scopes()}}


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is bytes of `content_type`."""

    body: bytes = field(repr=False)
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()


def told(document: Any, status: int = 200) -> Answer:
    """JSON, ASCII only: whatever a client once sent stays harmless."""
    return Answer(json.dumps(document).encode() + b"\n", status)


def unknown(name: str, known: Iterable[str], what: str, status: int = 400) -> ControlError:
    """Names what is permitted, and what was probably meant."""
    permitted = list(known)
    hint = nearest(name, permitted)
    meant = f" Did you mean {hint!r}?" if hint else ""
    said = f"unknown {what} {name[:80]!r}; permitted: {', '.join(permitted) or 'none'}.{meant}"
    return ControlError(status, said, permitted=permitted, did_you_mean=hint)
