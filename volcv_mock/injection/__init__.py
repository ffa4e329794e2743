"""Trouble: one thing that goes wrong with one call, whoever asked for it, and the words that name it.

A header, a key, a trigger or a rule asks; all of them end in a Trouble. It knows the stage of the
corridor where it strikes and how to strike there. Badly worded wishes end in BadRule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from volcv_mock import contract, faults
from volcv_mock._util import durations
from volcv_mock.faults.base import Draft, Fault, Stage
from volcv_mock.model import CodeRow, DeliveryPlan, Fired, Job, Outcome, Painted, Problem

Origin = Literal["header", "key", "prompt", "seed", "picture", "rule"]

STAGES: tuple[Stage, ...] = ("gateway", "gate", "model", "after", "picture", "reply", "wire", "delay")
"""Where trouble is drawn, in the corridor's order; `delay` is the last."""

SOURCE = "docs/faults.md"


class BadRule(ValueError):
    """A wish for trouble that nobody understands. `problem` says where, what was found and wanted."""

    def __init__(self, where: str, found: str, wanted: str, fix: str, rule: str = "override_syntax") -> None:
        self.problem = Problem(where, found, wanted, fix, rule, SOURCE)
        super().__init__(f"{where}: {found}; wanted {wanted}. {fix}".rstrip())


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What rules look at. `has` names what faults may need ("url", "base64", "mask"); None: not known."""

    req_key: str | None = None
    api_key: str = field(default="", repr=False)
    prompt: str = ""
    seed: int | None = None
    call_number: int = 1
    digest: str = ""
    occurrence: int = 0
    scope: str = "default"
    mock_seed: int = 0
    has: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Injection:
    """At most one of `code` and `fault`; `delay_s` alone, or with either of them."""

    origin: Origin
    code: CodeRow | None = None
    fault: Fault | None = None
    delay_s: float | None = None
    duration_s: float | None = None
    rule_id: str = ""

    @property
    def stage(self) -> Stage:
        if self.fault:
            return self.fault.stage
        return self.code.phase if self.code else "delay"

    @property
    def name(self) -> str:
        if self.fault:
            return self.fault.name
        return self.code.id if self.code else f"delay={durations.go_duration(self.delay_s or 0.0)}"

    def concerns(self, facts: CallFacts) -> bool:
        """Whether it can show in this call at all."""
        return not self.fault or not self.fault.needs or facts.has is None or self.fault.needs in facts.has

    def fired(self) -> Fired:
        return Fired(self.origin, self.name, self.rule_id)

    def apply_outcome(self, outcome: Outcome) -> Outcome:
        """The outcome with this fault, if it is one of outcomes."""
        changed: Outcome = self.fault.apply(outcome) if self.fault and self.fault.hook == "outcome" else outcome
        return changed

    def apply_picture(self, painted: Painted, job: Job) -> Painted:
        changed: Painted = self.fault.apply(painted, job) if self.fault and self.fault.hook == "picture" else painted
        return changed

    def apply_reply(self, draft: Draft) -> Draft:
        changed: Draft = self.fault.apply(draft) if self.fault and self.fault.hook == "reply" else draft
        return changed

    def apply_wire(self, plan: DeliveryPlan) -> DeliveryPlan:
        is_wire = self.fault is not None and self.fault.hook == "wire"
        changed: DeliveryPlan = self.fault.apply(plan, self.duration_s) if self.fault and is_wire else plan
        return changed


def what_it_has(body: Mapping[str, Any], remembered: Sequence[object] | None = None) -> frozenset[str]:
    """For CallFacts.has: what the answer to this body will carry, and whether a mask came with it.

    `remembered` are the pictures of a body that passed before: it is kept without them.
    """
    sent = (body.get("binary_data_base64") or body.get("image_urls")) if remembered is None else remembered
    answer = "url" if body.get("return_url") is True else "base64"
    return frozenset({answer, "mask"} if isinstance(sent, (list, tuple)) and len(sent) > 1 else {answer})


@cache
def known_codes() -> tuple[CodeRow, ...]:
    """Every row of schemas/codes.json that is trouble at a service door; picture links have rows of their own."""
    return tuple(row for row in contract.codes() if row != contract.success() and not row.place)


@cache
def known_words() -> tuple[str, ...]:
    """Every word that names trouble: numbers, names, faults."""
    numbers = {str(row.code): None for row in known_codes() if row.code is not None}
    return (*numbers, *dict.fromkeys(row.id for row in known_codes() if row.id not in numbers), *faults.names())


def of_word(word: str, origin: Origin, where: str) -> Injection:
    """The trouble that a word names: a fault, a code's number, a gateway Code. Raises BadRule."""
    if word in faults.names():
        return Injection(origin, fault=faults.by_name(word))
    return of_code(word, origin, where)


def of_code(word: str, origin: Origin, where: str) -> Injection:
    """The trouble of a code's number or name; 201304 has a place in the answer, so it is a fault."""
    row = contract.row(word) if word in known_words() and word not in faults.names() else None
    if row is None:
        raise BadRule(where, f"{shown(word)} is no known code or fault", *_known(word), rule="override_unknown")
    fault = faults.of_row(row.id)
    return Injection(origin, fault=fault) if fault else Injection(origin, code=row)


def _known(word: str) -> tuple[str, str]:
    wanted = f"a code of `volcv-mock codes`, or one of {', '.join(faults.names())}"
    if word == contract.success().id:
        return wanted, f'{word} is success; in a sequence write {{"pass": true}}.'
    if word in faults.names():
        return wanted, f"{word} is a fault: ask for it as fault, not as code."
    return wanted, did_you_mean(word, known_words())


def did_you_mean(word: str, known: Iterable[str]) -> str:
    nearest = contract.nearest(word[:60], list(known))
    return f"Did you mean {nearest!r}?" if nearest else ""


def shown(value: object) -> str:
    """A value for an error message, short whatever it is."""
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a number of {value.bit_length()} bits"
    if isinstance(value, (str, int, float, type(None))):
        text = repr(value[:60] if isinstance(value, str) else value)
        return {"True": "true", "False": "false", "None": "null"}.get(text, text)
    return {"dict": "an object", "list": "a list"}.get(type(value).__name__, f"a {type(value).__name__}")
