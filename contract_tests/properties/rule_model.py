"""A reference model of the control plane's rules: what must fire, written from the documentation alone.

- Order added is order asked; at each stage the first rule that fires wins, later ones are not looked at.
- A request refused at an earlier stage spends nothing of later ones.
- `skip` lets that many matching requests pass; then the rule fires, `times` times or for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .. import contract

STAGES = ("gateway", "gate", "model", "after")


@dataclass
class ModelRule:
    """One rule as it was added by the control API, and its counts."""

    id: str
    code: int
    stage: str
    req_key: str | None = None
    skip: int = 0
    times: int | None = None
    skipped: int = 0
    fired: int = 0

    def matches(self, req_key: str) -> bool:
        return self.req_key in (None, req_key)

    @property
    def is_spent(self) -> bool:
        return self.times is not None and self.fired >= self.times

    def fires(self) -> bool:
        """Skip first, then fire; both count."""
        if self.skipped < self.skip:
            self.skipped += 1
            return False
        self.fired += 1
        return True


@dataclass
class RuleModel:
    """The rules of one scope, and how many calls it has seen."""

    rules: list[ModelRule] = field(default_factory=list)
    calls: int = 0

    def call(self, req_key: str) -> int | None:
        """The code that a sound request must be answered with, or None for a success."""
        self.calls += 1
        for stage in STAGES:
            for rule in self._due(stage, req_key):
                if rule.fires():
                    return rule.code
        return None

    def _due(self, stage: str, req_key: str) -> Iterator[ModelRule]:
        for rule in self.rules:
            if rule.stage == stage and rule.matches(req_key) and not rule.is_spent:
                yield rule

    def reset(self) -> None:
        self.rules.clear()
        self.calls = 0


def stage_of(code: int) -> str:
    """The phase that the code table gives a code."""
    return contract.rows_for_code(code)[0].phase
