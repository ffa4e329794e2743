"""What a check is: one sentence, where it stands, and a function that yields what contradicts it.

A check looks at every exchange and decides whether its sentence applies. `memory` is
the session's, for the few sentences that compare an answer with earlier ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .. import contract
from ..model import Exchange


@dataclass(frozen=True)
class Graded:
    """A text that rests on something else than its check does: another row of the table, or our own reading."""

    text: str
    grade: str


Texts = Iterator[str | Graded]
FindTexts = Callable[[Exchange, dict[str, str]], Texts]


@dataclass(frozen=True)
class Check:
    """`source` holds ids of schemas/sources.json; `name` is how a report, a case and the trace call it."""

    name: str
    sentence: str
    source: str
    find_texts: FindTexts
    grade: str = "stated"
    """How sure the promise is; below `seen`, a contradiction is a warning on live targets (grades.py)."""


def is_service_answer(exchange: Exchange) -> bool:
    """Whether the flat envelope of the service came back."""
    return "code" in exchange.answer.members and not is_wrapped(exchange)


def is_wrapped(exchange: Exchange) -> bool:
    """Whether a reseller wrapped the vendor's error. Only a paid target may; the mock's default does not."""
    code = exchange.answer.members.get("code")
    return "assumptions" not in exchange.capabilities and isinstance(code, str) and code in contract.wrapped_codes()


def was_refused(exchange: Exchange) -> bool:
    return exchange.answer.status >= 400 or not exchange.answer.is_success


def gave_success(exchange: Exchange) -> bool:
    """A success that means it: 201304 may stand inside (S3), and then there is no picture."""
    status = (exchange.answer.data.get("algorithm_base_resp") or {}).get("status_code", 0)
    return exchange.answer.is_success and status == 0


def gave_picture_at_once(exchange: Exchange) -> bool:
    """A success of the synchronous call. The answers about tasks have other members (checks/task_*.py)."""
    return exchange.step == "sync" and gave_success(exchange)


def asked_for_url(exchange: Exchange) -> bool:
    return bool(exchange.request and exchange.request.fields.get("return_url"))


def short(value: object) -> str:
    """A value as the answer spells it, in JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:60] + f"... ({len(text)} characters)"
