"""TK05: what the synchronous call refuses, a submit refuses in the same way; no task comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ..model import Expect, Request
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b
from . import polling as p

REFUSED = Expect(success=False, rule_grade="inferred")


def _without_mask(variant: int) -> Request:
    plain = b.removal(variant)
    return b.with_violation(replace(plain, pictures=plain.pictures[:1]), "minItems at binary_data_base64")


def _other_size(variant: int) -> Request:
    plain = b.removal(variant)
    return b.with_violation(replace(plain, pictures=(b.photo(variant, 96, 96), plain.pictures[1])), "mask size")


BROKEN = {
    "type": lambda variant: b.with_violation(b.removal(variant, steps="30"), "type at steps"),
    "range": lambda variant: b.with_violation(b.edit(variant, scale=99), "maximum at scale"),
    "required": lambda variant: b.with_violation(b.edit(variant).without("custom_prompt"), "required at custom_prompt"),
    "pictures": _without_mask,
    "mask": _other_size,
}

LIVE = "range"
"""The one that is sent where calls cost money: a service that looks at a task later might charge for it."""


def asks(name: str, variant: int) -> dict[str, Ask]:
    broken = BROKEN[name](variant)
    return {"call": Ask(broken, REFUSED), "submit": replace(p.submit(broken), expect=REFUSED)}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    call, submit = exchanges["call"].answer, exchanges["submit"].answer
    if (call.status, call.code) != (submit.status, submit.code):
        yield (f"the call was refused with HTTP {call.status}, code {call.code}, the submit answered with "
               f"HTTP {submit.status}, code {submit.code}")  # fmt: skip


CASES = tuple(
    Case(f"TK05-{name}", "a submit is validated as the synchronous call is", "V-tasks-submit", partial(asks, name),
         compare, is_live=name == LIVE, grade="inferred") for name in BROKEN
)  # fmt: skip
