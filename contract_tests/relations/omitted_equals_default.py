"""MR 7: leaving a field out is the same as giving its documented default.

How alike two pictures must be, the service says itself: one that answers the same question twice with the
same file is held to the same picture here, for then chance explains no difference (S1, S3: the same seed and the
same rest); only the rounding of another machine is allowed. One that does not is held to `SAME_DB`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from .. import contract
from ..generate.requests import field_schemas
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b

FIXED = ("seed", "return_url")


def defaults(req_key: str) -> dict[str, Any]:
    """Every default of an operation but the seed's, those of the watermark included."""
    members = field_schemas(req_key, contract.operations()[req_key]["modes"][0])
    found = {name: member["default"] for name, member in members.items() if "default" in member and name not in FIXED}
    logo = {
        name: member["default"] for name, member in members["logo_info"]["properties"].items() if "default" in member
    }
    return {**found, "logo_info": logo}


def asks(kind: str, variant: int) -> dict[str, Ask]:
    plain = b.BUILDERS[kind](variant)
    return {"omitted": Ask(plain), "again": Ask(plain, repeat=1), "explicit": Ask(plain.but(**defaults(plain.req_key)))}


def asks_watermark(variant: int) -> dict[str, Ask]:
    members = field_schemas("i2i_inpainting", "base64")["logo_info"]["properties"]
    stated = {name: member["default"] for name, member in members.items() if "default" in member}
    return {
        "omitted": Ask(b.removal(variant, logo_info={"add_logo": True})),
        "explicit": Ask(b.removal(variant, logo_info={**stated, "add_logo": True})),
    }


def asks_seed(variant: int) -> dict[str, Ask]:
    return {
        "omitted": Ask(b.removal(variant).without("seed")),
        "explicit": Ask(b.removal(variant, seed=b.default("i2i_inpainting", "seed"))),
    }


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    omitted, again = exchanges["omitted"].received_picture, exchanges.get("again")
    repeats = again is not None and omitted == again.received_picture
    explicit = exchanges["explicit"].received_picture
    if not exact and b.is_rounding(omitted, explicit):
        return
    if why := b.unlike(omitted, explicit, exact or repeats):
        yield f"defaults stated and defaults omitted gave two pictures: {why}"


SENTENCE = "a field left out has its documented default"
SOURCES = {
    "removal": "S3-steps-default, S3-strength-default, S3-scale-default, S3-dilate-size, S3-quality",
    "edit": "S1-steps-default, S1-scale-default",
    "official-edit": "S1-steps-default, S1-scale-default",
    "seededit": "S0-seededit-seed",
    "outpainting": "S2-scale, S2-steps, S2-top-bottom",
}
SAMPLES = ("seededit",)
"""Their defaults are the values of a sample request: inferred."""


def _case(kind: str) -> Case:
    build: Callable[[int], dict[str, Ask]] = partial(asks, kind)
    return Case(f"MR07-{kind}", SENTENCE, SOURCES[kind], build, compare, is_probable=True, is_live=kind not in SAMPLES,
                grade="inferred" if kind in SAMPLES else "stated")  # fmt: skip


CASES = (
    *(_case(kind) for kind in SOURCES),
    Case(
        "MR07-watermark",
        SENTENCE,
        "S3-logo-position, S3-logo-language, S3-logo-opacity, S1-logo-opacity",
        asks_watermark,
        compare,
        is_probable=True,
    ),
    Case("MR07-seed", SENTENCE, "S3-seed-default", asks_seed, compare, is_live=False),
)
