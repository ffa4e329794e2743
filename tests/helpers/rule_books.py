"""Books of rules, and requests that walk past them."""

from __future__ import annotations

from typing import Any

from volcv_mock.faults.base import Stage
from volcv_mock.injection import STAGES
from volcv_mock.injection.rules import CallFacts, RuleBook

REQ_KEY = "i2i_inpainting"


def facts(**given: Any) -> CallFacts:
    return CallFacts(**{"req_key": REQ_KEY, "api_key": "sk-one", "prompt": "a red cat", "digest": "d", **given})


def walk(book: RuleBook, stages: tuple[Stage, ...] = STAGES, **given: Any) -> list[str]:
    """Draw every stage's rules for one request, until a code applies; return the names of what was applied."""
    draws = book.begin(facts(**given))
    for stage in stages:
        injection = draws.draw(stage)
        if injection and injection.code:
            break
    return [fired.name for fired in draws.fired()]


def book_of(*specs: dict[str, Any], **options: Any) -> RuleBook:
    book = RuleBook(**options)
    for spec in specs:
        book.add(spec)
    return book
