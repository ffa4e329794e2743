"""Injection: a code, fault or delay to apply to one call, and the names by which it is requested.

A header, a key, a trigger or a rule requests an Injection (triggers.py, rules.py). It knows the stage of the pipeline
at which it applies, and how to apply there. A request that cannot be parsed raises BadRule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from functools import cache, lru_cache
from typing import Any, Literal

from volcv_mock import contract, faults
from volcv_mock._util import durations
from volcv_mock._util.frozen import changed as with_members
from volcv_mock._util.frozen import frozen
from volcv_mock.delivery import DeliveryPlan
from volcv_mock.faults.base import Draft, Fault, Stage
from volcv_mock.model import CodeRow, Fired, Job, Mode, Outcome, Painted, Problem, Step
from volcv_mock.simulation.task_plan import TaskPlan

Origin = Literal["header", "key", "prompt", "seed", "picture", "rule"]

STAGES: tuple[Stage, ...] = ("mode", "gateway", "gate", "task", "model", "after", "picture", "reply", "wire", "delay")
"""The stages at which injections are drawn, in pipeline order; `mode` is the first, `delay` the last."""
OF_THE_RESULT: tuple[Stage, ...] = ("task", "model", "after", "picture")
"""The stages that decide what becomes of a task. They are drawn when it is submitted."""

SOURCE = "docs/faults.md"


class BadRule(ValueError):
    """A rule, header, key or trigger that cannot be parsed. `problem` says where, what was found and wanted."""

    def __init__(self, where: str, found: str, wanted: str, fix: str, rule: str = "override_syntax") -> None:
        self.problem = Problem(where, found, wanted, fix, rule, SOURCE)
        super().__init__(f"{where}: {found}; wanted {wanted}. {fix}".rstrip())


@frozen
class CallFacts:
    """What rules match of a call. `has` names what faults need ("url", "base64", "mask"); None: unknown."""

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
    action: str = ""
    step: Step = "sync"


@frozen
class Injection:
    """At most one of `code` and `fault`; `delay_s` alone or beside either of them. `queue_s` and `generating_s` are
    times of a task: alone, or beside a fault of tasks. `mode` stands alone."""

    origin: Origin
    code: CodeRow | None = None
    fault: Fault | None = None
    delay_s: float | None = None
    duration_s: float | None = None
    rule_id: str = ""
    queue_s: float | None = None
    generating_s: float | None = None
    mode: Mode | None = None
    is_by_code: bool = field(default=False, compare=False)
    """Whether the fault was asked for by its code, 201304: where it stands in the answer is a reading."""

    @property
    def stage(self) -> Stage:
        """The stage at which the injection is applied."""
        if self.mode:
            return "mode"
        if self.fault:
            return self.fault.stage
        if self.code:
            return self.code.phase
        return "task" if self._has_times else "delay"

    @property
    def _has_times(self) -> bool:
        return self.queue_s is not None or self.generating_s is not None

    @property
    def name(self) -> str:
        """The name under which the journal reports the injection."""
        if self.mode:
            return f"mode={self.mode}"
        if self.fault:
            return self.fault.name
        if self.code:
            return self.code.id
        return _times_named(self.queue_s, self.generating_s, self.delay_s)

    def concerns(self, facts: CallFacts) -> bool:
        """Whether it can have an effect on this call."""
        return not self.fault or not self.fault.needs or facts.has is None or self.fault.needs in facts.has

    def fired(self) -> Fired:
        """The journal's record that it was applied."""
        return Fired(self.origin, self.name, self.rule_id)

    def apply_task(self, plan: TaskPlan) -> TaskPlan:
        """The plan of a task with the times and the fault of this injection."""
        asked = {"queue_s": self.queue_s, "generating_s": self.generating_s}
        times = {name: seconds for name, seconds in asked.items() if seconds is not None}
        timed = with_members(plan, **times) if times else plan
        changed: TaskPlan = self.fault.apply(timed) if self.fault and self.fault.hook == "task" else timed
        return changed

    def apply_outcome(self, outcome: Outcome) -> Outcome:
        """The outcome, changed by the fault if the fault changes outcomes. The other apply methods do the same."""
        fault = self.fault
        if self.is_by_code and contract.reading("ghost-face-placement") == "top-level":
            fault = faults.by_name("ghost_face_top_level")
        changed: Outcome = fault.apply(outcome) if fault and fault.hook == "outcome" else outcome
        return changed

    def apply_picture(self, painted: Painted, job: Job) -> Painted:
        """The picture, changed if this is a picture fault."""
        changed: Painted = self.fault.apply(painted, job) if self.fault and self.fault.hook == "picture" else painted
        return replace(changed, others=painted.others)

    def apply_reply(self, draft: Draft) -> Draft:
        """The draft of the reply, changed if this is a reply fault."""
        changed: Draft = self.fault.apply(draft) if self.fault and self.fault.hook == "reply" else draft
        return changed

    def apply_wire(self, plan: DeliveryPlan) -> DeliveryPlan:
        """The delivery plan, changed if this is a wire fault."""
        is_wire = self.fault is not None and self.fault.hook == "wire"
        changed: DeliveryPlan = self.fault.apply(plan, self.duration_s) if self.fault and is_wire else plan
        return changed


@lru_cache(1024)
def _times_named(queue_s: float | None, generating_s: float | None, delay_s: float | None) -> str:
    """`queue=2s; generating=5s`: a rule names its times at each submit."""
    times = {"queue": queue_s, "generating": generating_s, "delay": delay_s}
    return "; ".join(f"{name}={durations.go_duration(s)}" for name, s in times.items() if s is not None)


def what_it_has(
    body: Mapping[str, Any], remembered: Sequence[object] | None = None, step: Step = "sync", occurrence: int = 0
) -> frozenset[str] | None:
    """The value of CallFacts.has: how the reply will carry its picture, and whether the request has a mask.

    `remembered` are the pictures of a body that was validated before; a cached body has none itself. A submit can lead
    to a link or to base64. What the answer to a later step has is not known before the task is found.
    """
    if step in ("result", "cancel"):
        return None
    if step == "submit":
        own = {"url", "base64", *(("repeat",) if occurrence else ())}
        return (what_it_has(body, remembered) or frozenset()) | own
    sent = (body.get("binary_data_base64") or body.get("image_urls")) if remembered is None else remembered
    has = {"url" if body.get("return_url") is True else "base64", *format_of(body.get("req_key"))}
    return frozenset({*has, "mask"} if isinstance(sent, (list, tuple)) and len(sent) > 1 else has)


def format_of(req_key: object) -> tuple[str, ...]:
    """("jpeg",) for a req_key that answers JPEG, and for one that is not known."""
    known = contract.operations().get(req_key) if isinstance(req_key, str) else None
    return () if known and known.output.format == "PNG" else ("jpeg",)


@cache
def known_codes() -> tuple[CodeRow, ...]:
    """The rows of schemas/codes.json that a service endpoint answers, except success. Picture links have other rows."""
    return tuple(row for row in contract.codes() if row != contract.success() and not row.place)


@cache
def known_words() -> tuple[str, ...]:
    """Every name of an injection: code numbers, row ids, fault names."""
    numbers = {str(row.code): None for row in known_codes() if row.code is not None}
    return (*numbers, *dict.fromkeys(row.id for row in known_codes() if row.id not in numbers), *faults.names())


def of_word(word: str, origin: Origin, where: str) -> Injection:
    """The injection with that name: a fault, a code number or a gateway Code. Raises BadRule."""
    if word in faults.names():
        return Injection(origin, fault=faults.by_name(word))
    return of_code(word, origin, where)


def of_code(word: str, origin: Origin, where: str) -> Injection:
    """The injection of a code, by number or row id. 201304 is a fault, because it occurs inside a success."""
    row = contract.row(word) if word in known_words() and word not in faults.names() else None
    if row is None:
        raise BadRule(where, f"{shown(word)} is no known code or fault", *_known(word), rule="override_unknown")
    fault = faults.of_row(row.id)
    return Injection(origin, fault=fault, is_by_code=True) if fault else Injection(origin, code=row)


def restored(fired: Iterable[Fired], stages: Sequence[Stage]) -> list[Injection]:
    """The injections of these stages that were drawn for a task before; times of a task have no name of their own."""
    named = (each for each in fired if each.name in known_words())
    found = (replace(of_word(each.name, each.origin, "task"), rule_id=each.rule_id) for each in named)
    return [each for each in found if each.stage in stages]


def _known(word: str) -> tuple[str, str]:
    wanted = f"a code of `volcv-mock codes`, or one of {', '.join(faults.names())}"
    if word == contract.success().id:
        return wanted, f'{word} is success; in a sequence write {{"pass": true}}.'
    if word in faults.names():
        return wanted, f"{word} is a fault: write it as fault, not as code."
    return wanted, did_you_mean(word, known_words())


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question with the nearest known word, or an empty text."""
    nearest = contract.nearest(word[:60], list(known))
    return f"Did you mean {nearest!r}?" if nearest else ""


def shown(value: object) -> str:
    """A value as short text for an error message."""
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a number of {value.bit_length()} bits"
    if isinstance(value, (str, int, float, type(None))):
        text = repr(value[:60] if isinstance(value, str) else value)
        return {"True": "true", "False": "false", "None": "null"}.get(text, text)
    return {"dict": "an object", "list": "a list"}.get(type(value).__name__, f"a {type(value).__name__}")
