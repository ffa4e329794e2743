"""MR 13: with return_url the answer is a link to a JPEG; without, base64. For each operation."""

from __future__ import annotations

from functools import partial

from ..planning.cases import Ask, Case
from . import builders as b


def asks(kind: str, variant: int) -> dict[str, Ask]:
    return {
        "as a link": Ask(b.BUILDERS[kind](variant, return_url=True)),
        "as base64": Ask(b.BUILDERS[kind](variant, return_url=False)),
    }


SOURCES = {
    "removal": "S3-return-url, S3-out-urls, S3-out-base64, S3-out-jpeg",
    "edit": "S1-return-url, S1-out-urls, S1-out-base64, S1-out-jpeg, S1-custom-prompt",
    "outpainting": "S2-example-answer, S2-prompt",
    "seededit": "S0-seededit-url, S0-seededit-answer, S0-seededit-picture, S0-seededit-prompt",
}
CASES = tuple(
    Case(f"MR13-{kind}", "one picture, as a link or as base64", source, partial(asks, kind))
    for kind, source in SOURCES.items()
)
