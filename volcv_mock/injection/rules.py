"""Rules: when trouble strikes. A RuleBook holds one scope's rules; each request opens its own Draws.

How a rule counts (docs/faults.md has the same for users):
- A rule is looked at when a request that agrees with its `match` reaches the stage of its trouble. A
  request refused before that stage spends nothing.
- Order added is order asked. At each stage the first rule that fires wins; later ones are not looked at.
- `skip` lets that many such requests pass. Then `probability` is drawn, and a draw that says no spends
  nothing of `times`. Then the rule fires and `times` goes down.
- A rule fires or skips at most once per request. All counting happens under the book's lock.
- A sequence takes one step per firing. A step without trouble is a normal answer; it is counted when
  the request reaches the last stage.
Chance is drawn from (mock seed, scope, rule, request digest, occurrence), so threads cannot reorder it.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from volcv_mock.faults.base import Stage
from volcv_mock.injection import BadRule, CallFacts, Injection
from volcv_mock.injection.rule_forms import LAST_STAGE, Rule, Step, parse_rule
from volcv_mock.model import Fired
from volcv_mock.simulation import draws

__all__ = ["MAX_RULES", "BadRule", "CallFacts", "Draws", "Injection", "Rule", "RuleBook", "parse_rule"]

MAX_RULES = 1000
"""Rules of one scope: every request walks the list, and a suite that adds more forgets to reset."""


@dataclass(slots=True)
class _Live:
    """A rule in the book with its counts. Read and changed under the book's lock only."""

    rule_id: str
    rule: Rule
    identity: str
    skipped: int = 0
    position: int = 0
    rounds: int = 0
    fired: int = 0

    @property
    def step(self) -> Step:
        return self.rule.steps[self.position]

    @property
    def is_spent(self) -> bool:
        return self.rule.times is not None and self.rounds >= self.rule.times

    def says_yes(self, facts: CallFacts) -> bool:
        """Skip, then chance. A call that is skipped is counted here."""
        if self.skipped < self.rule.skip:
            self.skipped += 1
            return False
        parts = (facts.mock_seed, facts.scope, "rule", self.identity, facts.digest, facts.occurrence)
        return self.rule.probability > 0 and draws.uniform(*parts) < self.rule.probability

    def fire(self) -> Injection | None:
        step = self.step
        self.fired += step.injection is not None
        self.position += 1
        if self.position == len(self.rule.steps):
            self.position, self.rounds = 0, self.rounds + 1
        return replace(step.injection, rule_id=self.rule_id) if step.injection else None

    def listed(self) -> dict[str, Any]:
        """The rule as written, with what became of it so far; `remaining` counts firings, or a sequence's steps."""
        steps = len(self.rule.steps)
        left = None if self.rule.times is None else (self.rule.times - self.rounds) * steps - self.position
        return {"id": self.rule_id, **self.rule.spec, "fired": self.fired, "skipped": self.skipped, "remaining": left}


class RuleBook:
    """One scope's rules, at most `max_rules`. Every method may be called from any thread."""

    def __init__(self, mock_seed: int = 0, scope: str = "default", max_rules: int = MAX_RULES) -> None:
        self._mock_seed = mock_seed
        self._scope = scope
        self._max_rules = max_rules
        self._rules: dict[str, _Live] = {}
        self._added = 0
        self._twins: Counter[str] = Counter()
        self._lock = threading.RLock()

    def add(self, spec: Mapping[str, Any], where: str = "$") -> dict[str, Any]:
        """Put a rule last in the book; gives its listing. Raises BadRule."""
        rule = parse_rule(spec, where)
        with self._lock:
            if len(self._rules) >= self._max_rules:
                raise BadRule(where, f"{len(self._rules)} rules already", f"at most {self._max_rules} in a scope",
                              "Delete some, or reset the scope.")  # fmt: skip
            live = self._live(rule)
            self._rules[live.rule_id] = live
            return live.listed()

    def remove(self, rule_id: str) -> bool:
        with self._lock:
            return self._rules.pop(rule_id, None) is not None

    def clear(self) -> None:
        """Forget every rule; the same rules added again draw the same chances."""
        with self._lock:
            self._rules.clear()
            self._twins.clear()

    def listing(self) -> list[dict[str, Any]]:
        with self._lock:
            return [live.listed() for live in self._rules.values()]

    def __len__(self) -> int:
        return len(self._rules)

    def begin(self, facts: CallFacts, asked: tuple[Injection, ...] = ()) -> Draws:
        """One request's draws. `asked` is what the request itself asks for, the most specific first."""
        return Draws(facts, asked, self)

    def draw(self, stage: Stage, facts: CallFacts, settled: set[str], *, passes_only: bool = False) -> Injection | None:
        """The first rule that fires at this stage. `settled` names the rules that had their chance in this
        request, and grows. With `passes_only` only a sequence's normal answers are counted."""
        with self._lock:
            for live in self._rules.values():
                if not _is_due(live, stage, facts, settled) or (passes_only and live.step.injection):
                    continue
                settled.add(live.rule_id)
                injection = live.fire() if live.says_yes(facts) else None
                if injection:
                    return injection
        return None

    def _live(self, rule: Rule) -> _Live:
        self._added += 1
        text = json.dumps(rule.spec, sort_keys=True)
        self._twins[text] += 1
        return _Live(f"rule-{self._added}", rule, f"{text} #{self._twins[text]}")


def _is_due(live: _Live, stage: Stage, facts: CallFacts, settled: set[str]) -> bool:
    if live.rule_id in settled or live.is_spent or live.step.stage != stage:
        return False
    injection = live.step.injection
    return live.rule.match.agrees(facts) and (injection is None or injection.concerns(facts))


def _without_picture(facts: CallFacts) -> CallFacts:
    """The answer will carry no picture: faults of base64 or of a URL have nothing to change."""
    return replace(facts, has=frozenset())


class Draws:
    """One request's trouble: what it asked for itself goes before the rules, stage by stage.

    Each stage is drawn once; asking again gives the same answer and spends nothing.
    """

    def __init__(
        self, facts: CallFacts | None = None, asked: tuple[Injection, ...] = (), book: RuleBook | None = None
    ) -> None:
        self._facts = facts or CallFacts()
        self._asked = asked
        self._late: tuple[Injection, ...] = ()
        self._book = book
        self._drawn: dict[Stage, Injection | None] = {}
        self._settled: set[str] = set()
        self._lock = threading.Lock()

    def draw(self, stage: Stage) -> Injection | None:
        """The trouble of a stage; `delay` is the last to draw."""
        with self._lock:
            if stage not in self._drawn:
                self._drawn[stage] = injection = self._first(stage)
                if injection and (injection.code or stage == "model"):
                    self._facts = _without_picture(self._facts)
            return self._drawn[stage]

    def also(self, late: tuple[Injection, ...]) -> None:
        """What became known only on the way: a trigger picture. The gateway's stage is over by then, so
        its troubles strike at the gate."""
        with self._lock:
            self._late += late

    def close_rules(self) -> None:
        """From here on only what the request itself asked for counts: it was refused for its own mistake."""
        with self._lock:
            self._book = None
            self._facts = _without_picture(self._facts)

    def delay(self, *, is_refused: bool = False) -> float | None:
        """The explicit delay, or None. The request's own wish goes before a delay that came with a
        trouble, that before a rule of its own. Draws reply and wire first: they may bring one."""
        if is_refused:
            self.close_rules()
        for stage in ("reply", "wire"):
            self.draw(stage)
        injection = self.draw(LAST_STAGE)
        return injection.delay_s if injection else None

    def fired(self) -> tuple[Fired, ...]:
        """What struck, in the order drawn, each once."""
        with self._lock:
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
        """What the request itself asks for at a stage."""
        here = [injection for injection in self._asked if injection.stage == stage]
        late = [
            injection
            for injection in self._late
            if (injection.stage if injection.stage != "gateway" else "gate") == stage
        ]
        return next((injection for injection in (*here, *late) if injection.concerns(self._facts)), None)

    def _delayed(self) -> Injection | None:
        """The first trouble drawn that brought a delay of its own."""
        return next(
            (injection for injection in self._drawn.values() if injection and injection.delay_s is not None), None
        )
