"""What a case is evidence for, in words a summary can use: its kind, and pictures by link and refusals per operation.

A run that planned a part and judged no case of it has not looked at it (runner/judged.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from .. import contract
from .cases import Ask, Case
from .kinds import ACCEPTED, CREDENTIALS, LINKS, OTHERS, REFUSALS, kind_of

Part = tuple[str, str]
"""What, and of which req_key; "" for all of them."""


def parts_of(case: Case, variant: int = 0) -> frozenset[Part]:
    """The parts that a case belongs to. A refused picture is a refusal, and says nothing about accepted ones."""
    asks = tuple(case.asks(variant).values())
    found = {part for ask in asks for part in _parts(ask)}
    kind = kind_of(case)
    if kind == CREDENTIALS:
        found = set()
    if kind != OTHERS and not (kind == ACCEPTED and all(ask.is_free for ask in asks)):
        found.add((kind, ""))
    return frozenset(found)


def _parts(ask: Ask) -> Iterator[Part]:
    name = ask.request.req_key
    what = REFUSALS if ask.is_free else LINKS if ask.request.fields.get("return_url") is True else ""
    if what and ask.step == "sync":
        yield what, ""
        if name in contract.operations():
            yield what, name
