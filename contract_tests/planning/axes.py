"""The cells of the coverage ledger: what is said of a req_key, in an input mode, for an output form.

A deviation may concern one req_key, one mode or one form only. A cell is an obligation of its own, so that the plan
meets each, the history knows how long each went unjudged, and a test lists those without a case.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .. import contract, validation
from ..model import Request


@dataclass(frozen=True, order=True)
class Cell:
    """`what` is said; `mode` is the input mode, `form` how the answer's picture comes: "base64" or "link"."""

    what: str
    req_key: str
    mode: str
    form: str

    def __str__(self) -> str:
        return f"cell {self.what} | {self.req_key} | {self.mode} | {self.form}"


def cells_of(what: Iterable[str], requests: Iterable[Request]) -> Iterator[Cell]:
    """The cells that a case covers, by what it tests and which requests it sends."""
    named = tuple(what)
    for request in requests if named else ():
        mode, form = mode_of(request), "link" if request.fields.get("return_url") else "base64"
        yield from (Cell(one, request.req_key, mode, form) for one in named if mode)


def mode_of(request: Request) -> str:
    """The input mode that accepts a request; empty for an invalid one."""
    if request.req_key not in contract.operations():
        return ""
    document = request.skeleton()
    for mode in contract.operations()[request.req_key]["modes"]:
        if mode.startswith(request.pictures_in) and not validation.breaches(request.req_key, mode, document):
            return str(mode)
    return ""
