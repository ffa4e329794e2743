"""Cases that follow from the data: one for each keyword that can be broken, one for each class of pictures.

A new keyword or class is planned by itself; its id is made of its operation, place and name.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from .. import contract, grades
from ..generate.requests import plain_request
from ..generate.violations import Site, simplest_violation, violation_sites
from ..model import SUCCESS, Expect, Request
from ..pictures.classes import PictureClass, all_classes
from . import obligations
from .cases import Ask, Case, expect_row

SHORT = {
    "i2i_inpainting": "REM",
    "i2i_inpainting_edit": "EDT",
    "img2img_inpainting_edit_zi2i": "EDO",
    "i2i_outpainting": "OUT",
    "byteedit_v2.0": "SED",
}


NEWER = "a newer req_key"
"""The tag of cases of req_keys that none of the pages S0 to S4 describes."""
SHARED = ("logo_info", "return_url")
"""Members with one schema for every req_key."""


def newer_cases() -> Iterator[Case]:
    """A valid request for each input mode of each newer req_key. A paid target may not serve them."""
    for req_key, mode in contract.newer_branches():
        request = plain_request(req_key, mode)
        needs = frozenset({"reaches_loopback"}) if request.pictures_in == "urls" else frozenset[str]()
        yield Case(f"N-{req_key}-{mode}", "a newer req_key is answered", _page_of(req_key),
                   partial(_asks, request), needs=needs, is_live=False,
                   tags=frozenset({NEWER}), grade="inferred")  # fmt: skip


def _asks(request: Request, variant: int) -> dict[str, Ask]:
    return {"request": Ask(request, Expect(success=True, rule_grade="inferred"))}


def _page_of(req_key: str) -> str:
    """The sources that the request schema names for everything it does not name one for."""
    const = contract.request_schema(req_key, contract.served()[req_key]["modes"][0])["properties"]["req_key"]
    return ", ".join(const["x-source"]["const"])


def violation_cases() -> Iterator[Case]:
    """Each keyword of each operation broken alone, once. All are refused, so none is paid.

    A paid target gets those that a document describes. Members that a newer req_key shares with these are left out.
    """
    for req_key, row in contract.served().items():
        for mode in row["modes"]:
            yield from (
                _violation_case(req_key, mode, site)
                for site in violation_sites(req_key, mode)
                if _is_new(req_key, mode, site) and not (req_key in contract.newer() and site.path[0] in SHARED)
            )


def _is_new(req_key: str, mode: str, site: Site) -> bool:
    """The first mode breaks everything; the others only what they do not share with it: their picture lists."""
    earlier = itertools.takewhile(lambda other: other != mode, contract.served()[req_key]["modes"])
    return all(site not in violation_sites(req_key, other) for other in earlier)


def _violation_case(req_key: str, mode: str, site: Site) -> Case:
    violation = simplest_violation(plain_request(req_key, mode), mode, site)
    place = "-".join(map(str, site.path))
    source, grade = _provenance(req_key, mode, site)
    expect = expect_row(violation.rule, name_rule=not violation.is_list_itself, grade=grade)
    return Case(
        f"W-{SHORT.get(req_key, req_key)}-{place}-{site.keyword}",
        f"{site} must hold",
        source,
        lambda variant: {"request": Ask(violation.request, expect)},
        covers=(obligations.refused(req_key, str(site)),),
        tags=frozenset({"violation"} if req_key in contract.operations() else {"violation", NEWER}),
        is_live=req_key in contract.operations(),
    )


def _provenance(req_key: str, mode: str, site: Site) -> tuple[str, str]:
    """The sources that the schema itself gives for this keyword, and their grade."""
    schema = contract.request_schema(req_key, mode)
    for part in site.path[: -1 if site.keyword == "required" else None]:
        schema = schema["items"] if isinstance(part, int) else schema["properties"][part]
    sources = schema.get("x-source", {}).get(site.keyword, ["H-choice"])
    stated = schema.get("x-grade", {}).get(site.keyword, "assumed")
    return ", ".join(sources), grades.weakest(stated, grades.of_sources(sources))


def class_cases() -> Iterator[Case]:
    """Each class of pictures, as removal would get it."""
    for kind in all_classes():
        yield _class_case(kind)


def _class_case(kind: PictureClass) -> Case:
    request = Request("i2i_inpainting", {"seed": 7}, (), violation="" if kind.is_valid else f"{kind.item}: {kind.name}")
    grade = kind.grade or grades.of_source_text(kind.source)
    expect = SUCCESS if kind.is_valid else expect_row(kind.rule, name_rule=False, grade=grade)
    is_paid_for_nothing = kind.is_valid and grade not in grades.HELD
    name = re.sub(r"[^a-z0-9]+", "-", kind.name.lower()).strip("-")
    sentence = f"a {kind.item} of the class '{kind.name}' is {'accepted' if kind.is_valid else 'refused'}"
    return Case(
        f"P-{kind.item}-{name}",
        sentence,
        kind.source,
        lambda variant: {"request": Ask(replace(request, pictures=kind.pictures()), expect)},
        is_live=not is_paid_for_nothing,
        covers=(obligations.picture_class(kind.item, kind.name),),
        tags=frozenset({"class"}),
    )
