"""Cases that follow from the data: one for each keyword that can be broken, one for each class of pictures.

A new keyword or class is planned by itself; its id is made of its operation, place and name.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

from .. import contract, grades
from ..generate.requests import plain_request
from ..generate.violations import Site, simplest_violation, violation_sites
from ..model import SUCCESS, Request
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


def violation_cases() -> Iterator[Case]:
    """Each keyword of each operation broken alone, once. All are refused, so none is paid."""
    for req_key, row in contract.operations().items():
        for mode in row["modes"]:
            yield from (
                _violation_case(req_key, mode, site)
                for site in violation_sites(req_key, mode)
                if _is_new(req_key, mode, site)
            )


def _is_new(req_key: str, mode: str, site: Site) -> bool:
    """The first mode breaks everything; the others only what they do not share with it: their picture lists."""
    earlier = itertools.takewhile(lambda other: other != mode, contract.operations()[req_key]["modes"])
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
        tags=frozenset({"violation"}),
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
