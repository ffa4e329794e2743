"""Counting rules. A RuleBook holds one scope's rules; each request has its own Draws.

How a rule counts (docs/faults.md says the same for users):
- A rule is evaluated when a request that matches it reaches the stage of its injection. A request refused before
  that stage consumes nothing.
- Rules are evaluated in the order in which they were added. At each stage the first rule that fires wins; later
  rules are not evaluated.
- `skip` lets that many matching requests pass. Then `probability` is drawn; when the draw fails, `times` is not
  consumed. Then the rule fires and `times` is decremented.
- A rule fires or skips at most once per request. All counting happens under the lock of the book.
- A sequence takes one step per firing. A step without an injection is a normal reply; it is counted when the
  request reaches the last stage.
Draws are keyed by (mock seed, scope, rule, request digest, occurrence), so they do not depend on thread order.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from volcv_mock._util.frozen import changed, mutable
from volcv_mock.faults.base import Stage
from volcv_mock.injection import OF_THE_RESULT, BadRule, CallFacts, Injection, modes, shown
from volcv_mock.injection.rule_forms import LAST_STAGE, Rule, RuleStep, parse_rule
from volcv_mock.model import MODES, Fired, Mode
from volcv_mock.simulation import draws

__all__ = ["MAX_RULES", "BadRule", "CallFacts", "Draws", "Injection", "Live", "Rule", "RuleBook", "due_steps",
           "parse_rule", "refuse_impossible"]  # fmt: skip

MAX_RULES = 1000
"""Maximum rules of one scope. Every request evaluates the whole list; more rules mean that a suite never resets."""


@mutable
class Live:
    """A rule in the book with its counters. Accessed under the lock of the book only."""

    rule_id: str
    rule: Rule
    identity: str
    skipped: int = 0
    position: int = 0
    rounds: int = 0
    fired: int = 0

    @property
    def step(self) -> RuleStep:
        """The step whose turn it is."""
        return self.rule.steps[self.position]

    @property
    def is_spent(self) -> bool:
        """Whether it has fired `times` times."""
        return self.rule.times is not None and self.rounds >= self.rule.times

    def passes_skip_and_probability(self, facts: CallFacts) -> bool:
        """Whether the rule fires for this call. A skipped call is counted."""
        if self.skipped < self.rule.skip:
            self.skipped += 1
            return False
        parts = (facts.mock_seed, facts.scope, "rule", self.identity, facts.digest, facts.occurrence)
        return self.rule.probability > 0 and draws.uniform(*parts) < self.rule.probability

    def fire(self) -> Injection | None:
        """The injection of the step; None for a step that lets the call pass."""
        step = self.step
        self.fired += step.injection is not None
        self.position += 1
        if self.position == len(self.rule.steps):
            self.position, self.rounds = 0, self.rounds + 1
        return replace(step.injection, rule_id=self.rule_id) if step.injection else None

    def listed(self) -> dict[str, Any]:
        """The rule as written, and its counters; `remaining` counts firings, or steps of a sequence."""
        steps = len(self.rule.steps)
        left = None if self.rule.times is None else (self.rule.times - self.rounds) * steps - self.position
        return {"id": self.rule_id, **self.rule.spec, "fired": self.fired, "skipped": self.skipped, "remaining": left}


class Book(Protocol):
    """The rules that Draws asks."""

    def __len__(self) -> int: ...

    def draw(self, stage: Stage, facts: CallFacts, settled: set[str], *, passes_only: bool = False) -> Injection | None:
        """The first rule that fires at a stage."""


class RuleBook:
    """One scope's rules, at most `max_rules`. Thread-safe."""

    def __init__(self, max_rules: int = MAX_RULES) -> None:
        self._max_rules = max_rules
        self.modes: tuple[Mode, ...] = MODES
        """The modes that rules may choose; the scope sets those that its settings make possible."""
        self._rules: dict[str, Live] = {}
        self._added = 0
        self._twins: Counter[str] = Counter()
        self._lock = threading.RLock()

    def add(self, spec: Mapping[str, Any], where: str = "$") -> dict[str, Any]:
        """Append a rule; returns its listing. Raises BadRule."""
        return self.add_all({where: spec})[0]

    def add_all(self, specs: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Append rules, named by where they stand in what was sent: all of them at once, or none. Raises BadRule."""
        rules = possible_rules(specs, self.modes)
        with self._lock:
            if len(self._rules) + len(rules) > self._max_rules:
                raise too_many(len(self._rules), self._max_rules, *specs)
            added = [self._live(rule) for rule in rules]
            self._rules.update({live.rule_id: live for live in added})
            return [live.listed() for live in added]

    def remove(self, rule_id: str) -> bool:
        """Remove a rule; False when there is no rule with that id."""
        with self._lock:
            return self._rules.pop(rule_id, None) is not None

    def clear(self) -> None:
        """Remove every rule. The same rules added again get the same draws."""
        with self._lock:
            self._rules.clear()
            self._twins.clear()

    def listing(self) -> list[dict[str, Any]]:
        """The rules with their counts, in the order in which they were added."""
        with self._lock:
            return [live.listed() for live in self._rules.values()]

    def __len__(self) -> int:
        return len(self._rules)

    def begin(self, facts: CallFacts, asked: tuple[Injection, ...] = ()) -> Draws:
        """The draws of one request. `asked` is what the request itself requests, most specific first."""
        return Draws(facts, asked, self)

    def draw(self, stage: Stage, facts: CallFacts, settled: set[str], *, passes_only: bool = False) -> Injection | None:
        """The injection of the first rule that fires at this stage, or None.

        `settled` holds the ids of the rules already evaluated for this request, and is extended. With `passes_only`
        only the normal steps of sequences are counted.
        """
        if not self._rules:
            return None
        with self._lock:
            for live in self._rules.values():
                if not _is_due(live, stage, facts, settled) or (passes_only and live.step.injection):
                    continue
                settled.add(live.rule_id)
                injection = live.fire() if live.passes_skip_and_probability(facts) else None
                if injection:
                    return injection
        return None

    def _live(self, rule: Rule) -> Live:
        self._added += 1
        text = json.dumps(rule.spec, sort_keys=True)
        self._twins[text] += 1
        return Live(f"rule-{self._added}", rule, f"{text} #{self._twins[text]}")


def possible_rules(specs: Mapping[str, Mapping[str, Any]], modes: tuple[Mode, ...]) -> list[Rule]:
    """The rules, by where they stand, that a scope with these modes can have. Raises BadRule."""
    rules = {where: parse_rule(spec, where) for where, spec in specs.items()}
    for where, rule in rules.items():
        refuse_impossible(rule, modes, where)
    return list(rules.values())


def too_many(kept: int, most: int, first: str, *more: str) -> BadRule:
    """The refusal of rules, named by where they stand, that a scope has no room for."""
    where = "$" if more else first
    return BadRule(where, f"{kept} rules already", f"at most {most} in a scope", "Delete some, or reset the scope.")


def refuse_impossible(rule: Rule, possible: tuple[Mode, ...], where: str) -> None:
    """Raises BadRule for a rule that chooses a mode which the settings do not make possible."""
    for step in rule.steps:
        mode = step.injection.mode if step.injection else None
        if mode and mode not in possible:
            raise BadRule(f"{where}.mode", shown(mode), f"one of {', '.join(possible)}", modes.NEEDS[mode])


def due_steps(rule: Rule, stage: Stage, facts: CallFacts) -> str:
    """Of each step of a rule, for a call at a stage: "0" not due, "1" due, "2" due and without an injection."""
    if not _may_be_due(rule, stage, facts):
        return "0" * len(rule.steps)
    return "".join(_due(step, stage, facts) for step in rule.steps)


def _due(step: RuleStep, stage: Stage, facts: CallFacts) -> str:
    if step.stage != stage:
        return "0"
    return "2" if step.injection is None else "1" if step.injection.concerns(facts) else "0"


def _may_be_due(rule: Rule, stage: Stage, facts: CallFacts) -> bool:
    """Whether the call matches; what the model decides about a task was drawn when it was submitted."""
    is_past = facts.step == "result" and stage in OF_THE_RESULT and not rule.match.names_a_step
    return not is_past and rule.match.agrees(facts)


def _is_due(live: Live, stage: Stage, facts: CallFacts, settled: set[str]) -> bool:
    if live.rule_id in settled or live.is_spent or live.step.stage != stage:
        return False
    injection = live.step.injection
    return _may_be_due(live.rule, stage, facts) and (injection is None or injection.concerns(facts))


def _late_stage(injection: Injection) -> Stage:
    """The stage of what is known only after the gateway's has passed."""
    return injection.stage if injection.stage != "gateway" else "gate"


def _without_picture(facts: CallFacts) -> CallFacts:
    """For a reply without a picture: faults that change base64 or a URL do not apply."""
    return changed(facts, has=frozenset()) if facts.has else facts


class Draws:
    """The injections of one request. At each stage what the request itself requests takes precedence over the rules.

    Each stage is drawn once; drawing it again returns the same result and consumes nothing.
    """

    def __init__(
        self, facts: CallFacts | None = None, asked: tuple[Injection, ...] = (), book: Book | None = None
    ) -> None:
        self._facts = facts or CallFacts()
        self._asked = asked
        self._late: tuple[Injection, ...] = ()
        self._book = book
        self._drawn: dict[Stage, Injection | None] = {}
        self._settled: set[str] = set()
        self._is_ended = False
        self._asked_at = {injection.stage for injection in asked}
        self._lock = threading.Lock()

    def draw(self, stage: Stage) -> Injection | None:
        """The injection of a stage, or None. `delay` must be drawn last."""
        if stage in self._drawn:
            return self._drawn[stage]
        may_delay = stage == LAST_STAGE and any(self._drawn.values())  # each may bring a delay of its own
        if not (may_delay or stage in self._asked_at or self._book):
            self._drawn[stage] = None  # most stages: nothing is requested there, and the scope has no rules
            return None
        with self._lock:
            if self._is_ended:
                return self._drawn.get(stage)
            if stage not in self._drawn:
                self._drawn[stage] = injection = self._first(stage)
                if injection and (injection.code or stage == "model"):
                    self._facts = _without_picture(self._facts)
            return self._drawn[stage]

    def knows(self, has: frozenset[str]) -> None:
        """What the answer of a step of a task has; it is not known before the task's state is."""
        with self._lock:
            self._facts = replace(self._facts, has=has)

    def settle(self, injections: Iterable[Injection]) -> None:
        """Take these as drawn, each at its stage: what was drawn when a task was submitted shows in its result. The
        gateway stage has passed by then, so its codes apply at the gate."""
        with self._lock:
            self._drawn.update({each.stage if each.stage != "gateway" else "gate": each for each in injections})

    def add_requested(self, more: tuple[Injection, ...]) -> None:
        """Add what the request requests besides its header."""
        with self._lock:
            self._asked += more
            self._asked_at |= {injection.stage for injection in more}

    def add_late(self, late: tuple[Injection, ...]) -> None:
        """Add what is known only after decoding: a trigger picture. The gateway stage has passed by then, so its
        codes apply at the gate."""
        with self._lock:
            self._late += late
            self._asked_at |= {_late_stage(injection) for injection in late}

    def end(self) -> None:
        """Draw nothing from here on: another service answers."""
        with self._lock:
            self._is_ended = True

    def drawn(self) -> tuple[Injection, ...]:
        """The injections drawn so far, in their order."""
        with self._lock:
            return tuple(injection for injection in self._drawn.values() if injection)

    def close_rules(self) -> None:
        """Ignore the rules from here on: the request is refused because it is invalid."""
        with self._lock:
            self._book = None
            if self._asked or self._late:
                self._facts = _without_picture(self._facts)

    def delay(self, *, is_refused: bool = False) -> float | None:
        """The explicit delay in seconds, or None. Precedence: the request itself, the delay of a drawn injection, a
        delay rule. Draws `reply` and `wire` first, because these may carry a delay."""
        if is_refused:
            self.close_rules()
        for stage in ("reply", "wire"):
            self.draw(stage)
        injection = self.draw(LAST_STAGE)
        return injection.delay_s if injection else None

    def fired(self) -> tuple[Fired, ...]:
        """The applied injections, in the order drawn, each once."""
        with self._lock:
            if not any(self._drawn.values()):
                return ()
            return tuple(dict.fromkeys(injection.fired() for injection in self._drawn.values() if injection))

    def _first(self, stage: Stage) -> Injection | None:
        asked = self._wanted(stage)
        if stage == LAST_STAGE:
            asked = asked or self._delayed()
        if self._book is None:
            return asked
        if asked and stage != LAST_STAGE:
            return asked
        drawn = self._book.draw(stage, self._facts, self._settled, passes_only=asked is not None)
        return asked or drawn

    def _wanted(self, stage: Stage) -> Injection | None:
        """What the request itself requests at a stage."""
        if not (self._asked or self._late):
            return None
        here = [injection for injection in self._asked if injection.stage == stage]
        late = [injection for injection in self._late if _late_stage(injection) == stage]
        return next((injection for injection in (*here, *late) if injection.concerns(self._facts)), None)

    def _delayed(self) -> Injection | None:
        """The first drawn injection that carries a delay."""
        return next(
            (injection for injection in self._drawn.values() if injection and injection.delay_s is not None), None
        )
