"""Coverage of schema keywords: which were satisfied by a valid request, and which were violated by another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import contract, validation
from ..model import Request
from .violations import KEYWORDS, Site, Violation, violation_sites

Entry = tuple[str, str, str, tuple[str | int, ...]]


@dataclass
class Coverage:
    """Keywords by (req_key, mode, keyword, path)."""

    satisfied: set[Entry] = field(default_factory=set)
    violated: set[Entry] = field(default_factory=set)

    def note_valid(self, req_key: str, mode: str, document: Mapping[str, Any]) -> None:
        """Count every keyword that this valid document satisfies."""
        for site in _met(contract.request_schema(req_key, mode), document, ()):
            self.satisfied.add((req_key, mode, site.keyword, site.path))

    def note_violation(self, req_key: str, mode: str, violation: Violation) -> None:
        """Count the one keyword that this violation breaks."""
        self.violated.add((req_key, mode, violation.site.keyword, violation.site.path))

    def never_satisfied(self) -> list[Entry]:
        """The keywords that no valid request satisfied."""
        return sorted(_all_sites() - self.satisfied, key=str)

    def never_violated(self) -> list[Entry]:
        """The keywords that no request violated."""
        return sorted(_all_sites() - self.violated, key=str)


def met_sites(request: Request) -> set[Site]:
    """The keywords that a valid request meets, in whichever input mode accepts it."""
    document = request.skeleton()
    for mode in contract.served()[request.req_key]["modes"]:
        if mode.startswith(request.pictures_in) and not validation.breaches(request.req_key, mode, document):
            return set(_met(contract.request_schema(request.req_key, mode), document, ()))
    return set()


def _all_sites() -> set[Entry]:
    return {(req_key, mode, site.keyword, site.path) for req_key, mode in contract.branches()
            for site in violation_sites(req_key, mode)}  # fmt: skip


def _met(schema: Mapping[str, Any], value: Any, path: tuple[str | int, ...]) -> Iterator[Site]:
    """The keywords that apply to a value which is there."""
    for keyword in KEYWORDS:
        if keyword == "required":
            yield from (Site("required", (*path, name)) for name in schema.get("required", ()))
        elif keyword in schema:
            yield Site(keyword, path)
    for name, member in schema.get("properties", {}).items():
        if isinstance(value, Mapping) and name in value:
            yield from _met(member, value[name], (*path, name))
    if "items" in schema and value:
        yield from _met(schema["items"], value[0], (*path, 0))
