"""The obligations: everything that the contract says and that some case should cover.

An obligation is text. Five kinds: a keyword met by an accepted request, a keyword broken and refused, a
class of pictures, a relation, and a sentence of the documents. Conformance index: the share of them that
has a case. Score: the share that conformed in the last run.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from .. import contract
from ..generate.coverage import met_sites
from ..generate.violations import violation_sites
from ..model import Expect, Request
from ..pictures.classes import all_classes

DOCUMENTS = ("S0", "S1", "S2", "S3", "S4")
"""The documents themselves; what stands elsewhere obliges nobody."""


def met(req_key: str, keyword: str, path: Iterable[str | int]) -> str:
    """The name of the obligation that a keyword is met."""
    return f"accepts {req_key} {'.'.join(map(str, path))} {keyword}"


def refused(req_key: str, violation: str) -> str:
    """The name of the obligation that a violation is refused."""
    return f"refuses {req_key} {violation}"


def of_request(request: Request, expect: Expect | None) -> set[str]:
    """What one request of a case covers, by what is expected of it."""
    if expect is None or not expect.success or request.req_key not in contract.operations():
        return {refused(request.req_key, request.violation)} if request.violation else set()
    return {met(request.req_key, site.keyword, site.path) for site in met_sites(request)}


@cache
def universe() -> frozenset[str]:
    """Every obligation of the contract, apart from the relations, which name themselves."""
    found = {f"sentence {name}" for name, row in contract.sources().items() if row["document"] in DOCUMENTS}
    for req_key, mode in contract.branches():
        for site in violation_sites(req_key, mode):
            found.add(met(req_key, site.keyword, site.path))
            found.add(refused(req_key, str(site)))
    found |= {picture_class(kind.item, kind.name) for kind in all_classes()}
    return frozenset(found)


def picture_class(item: str, name: str) -> str:
    """The name of the obligation that a class of pictures is sent."""
    return f"class {item}: {name}"


def index(covered: Iterable[str]) -> float:
    """The share of the universe that `covered` names."""
    return len(universe() & frozenset(covered)) / len(universe())
