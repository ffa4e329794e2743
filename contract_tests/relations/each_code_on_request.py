"""MR 18: every code of the table (S1, S3), asked for by header, has its own status, message and envelope."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from .. import contract
from ..checks.base import short
from ..model import Expect
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

SENTENCES = {
    50411: "S3-50411, S1-50411",
    50412: "S3-50412, S1-50412",
    50413: "S3-50413, S1-50413, P-seen-50413",
    50511: "S3-50511, S1-50511",
    50512: "S3-50512, S1-50512",
}


def asks(code: int, variant: int) -> dict[str, Ask]:
    row = next(row for row in contract.rows_for_code(code))
    headers = (("Content-Type", "application/json"), ("X-Volcv-Mock", f"code={code}"))
    return {"asked for": Ask(b.edit(variant), Expect(success=False, row=row.id), changes=(("headers", headers),))}


def asks_ghost_face(variant: int) -> dict[str, Ask]:
    def by(fault: str) -> tuple[tuple[str, Any], ...]:
        return (("headers", (("Content-Type", "application/json"), ("X-Volcv-Mock", f"fault={fault}"))),)

    top = Expect(success=False, row="201304_top_level")
    return {
        "inside": Ask(b.removal(variant), None, changes=by("ghost_face")),
        "top level": Ask(b.removal(variant), top, changes=by("ghost_face_top_level")),
    }


def _compare_ghost_face(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    algorithm = exchanges["inside"].answer.data.get("algorithm_base_resp") or {}
    if algorithm.get("status_code") != contract.GHOST_FACE:
        found = short(algorithm.get("status_code"))
        yield f"data.algorithm_base_resp.status_code is {found}, wanted {contract.GHOST_FACE}"
    if exchanges["inside"].picture is not None:
        yield "201304 came with a picture"


OTHERS = (50429, 50430, 50500, 50501)
NEEDS = frozenset({"control"})
CASES = (
    *(
        Case(
            f"MR18-{code}",
            "a review that fails has its own code, status and message",
            source,
            partial(asks, code),
            needs=NEEDS,
            is_live=False,
        )
        for code, source in SENTENCES.items()
    ),
    *(
        Case(
            f"MR18-{code}",
            "limits and inner errors have their own code, status and message",
            "V-visual-codes",
            partial(asks, code),
            needs=NEEDS,
            is_live=False,
        )
        for code in OTHERS
    ),
    Case(
        "MR18-201304",
        "a ghost face is reported as 201304, in one of two places",
        "S3-ghost-face, S0-ghost-face",
        asks_ghost_face,
        _compare_ghost_face,
        needs=NEEDS,
        is_live=False,
    ),
)
