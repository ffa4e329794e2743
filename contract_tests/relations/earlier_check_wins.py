"""MR 15: adding a later mistake never changes the verdict on an earlier one. All of it is refused, so it is free."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from ..checks.base import Graded
from ..model import Exchange, Expect, Request
from ..pictures import Mask, Raw
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

REFUSED = Expect(success=False)


def broken_json(body: bytes) -> bytes:
    return body[:-1] + b",}"


def _same(request: Request) -> Request:
    return request


@dataclass(frozen=True)
class Mistake:
    """One mistake, and how to add it to a request."""

    name: str
    violation: Callable[[Request], Request] = _same
    changes: tuple[tuple[str, Any], ...] = ()
    rewrite: Callable[[bytes], bytes] | None = None


NO_ACTION = (("query", (("Version", "2022-08-31"),)),)
IN_ORDER = (
    Mistake("Action missing", changes=NO_ACTION),
    Mistake("key missing", changes=(("is_authorized", False),)),
    Mistake("not called JSON", changes=(("headers", (("Content-Type", "text/plain"),)),)),
    Mistake("broken JSON", rewrite=broken_json),
    Mistake("req_key unknown", lambda request: replace(request, req_key="i2i_inpaint")),
    Mistake("scale out of range", lambda request: request.but(scale=99)),
    Mistake(
        "picture is no base64", lambda request: replace(request, pictures=(Raw("no base64", "?"), request.pictures[1]))
    ),
    Mistake(
        "mask has a profile",
        lambda request: replace(
            request, pictures=(request.pictures[0], Mask(b.SIDE, b.SIDE, marked=b.HOLE, flaw="icc profile"))
        ),
    ),
)


BEFORE_THE_SERVICE = ("Action missing", "key missing")
"""The gateway decides these before the service sees the request, in real answers too; the rest of the order is ours."""


def asks(variant: int) -> dict[str, Ask]:
    alone = {mistake.name: _ask([mistake], variant) for mistake in IN_ORDER}
    pairs = combinations(IN_ORDER, 2)
    return {**alone, **{f"{one.name} + {other.name}": _ask([one, other], variant) for one, other in pairs}}


def _ask(mistakes: list[Mistake], variant: int) -> Ask:
    request = b.removal(variant)
    changes: tuple[tuple[str, Any], ...] = ()
    for mistake in mistakes:
        request, changes = mistake.violation(request), changes + mistake.changes
    rewrite = next((mistake.rewrite for mistake in mistakes if mistake.rewrite), None)
    named = replace(request, violation=" + ".join(mistake.name for mistake in mistakes))
    return Ask(named, REFUSED, rewrite=rewrite, changes=changes)


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str | Graded]:
    verdicts: Mapping[str, tuple[Any, ...]] = {name: _verdict(exchange) for name, exchange in exchanges.items()}
    for name, verdict in verdicts.items():
        first = name.partition(" + ")[0]
        if verdict != verdicts[first]:
            text = f"{name}: answered {verdict}, but {first} alone {verdicts[first]}"
            yield Graded(text, "seen" if first in BEFORE_THE_SERVICE else "assumed")


def _verdict(exchange: Exchange) -> tuple[Any, ...]:
    error = exchange.answer.members.get("error")
    return exchange.answer.status, exchange.answer.code, bool(error)


CASES = (
    Case(
        "MR15",
        "the order of checks: a later mistake never hides an earlier one",
        "H-choice, P-seen-50400",
        asks,
        compare,
        tags=frozenset({"free"}),
    ),
)
