"""Whether the answers of a calibration are those of the API: one refusal to everything says nothing about any point."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..model import Exchange
from ..runner.contact import KEY, cause_of, kind_of
from ..runner.verdicts import REFUSED_CREDENTIALS
from ..targets import Target

LEAST_ANSWERS = 5
"""From which on answers that are all alike are suspicious."""


class Untold(Exception):
    """A point could not be measured; the text says why."""


class Unfitting(Untold):
    """The point was answered, and the answer fits no alternative. `evidence` names the recordings."""

    def __init__(self, text: str, evidence: Sequence[str] = ()) -> None:
        super().__init__(text)
        self.evidence = tuple(evidence)


class Answers:
    """Counts answers by what they say of the target as a whole."""

    def __init__(self) -> None:
        self._alike: Counter[tuple[int, Any]] = Counter()
        self._elsewhere: dict[str, list[Exchange]] = {}

    def note(self, exchange: Exchange) -> None:
        """Count an answer. A 401 may be the API's answer to a req_key, so that it counts only where all are alike."""
        self._alike[exchange.answer.status, exchange.answer.code] += 1
        kind = kind_of(exchange)
        if kind and kind != KEY:
            self._elsewhere.setdefault(kind, []).append(exchange)

    def assert_something_told(self, target: Target) -> None:
        """Raise Untold when an account without access, a wrong path or another service answered."""
        count = self._alike.total()
        if count < LEAST_ANSWERS:
            return
        for kind, exchanges in self._elsewhere.items():
            if 2 * len(exchanges) > count:
                raise Untold(cause_of(kind, exchanges[0], target))
        ((status, code), most), *_ = self._alike.most_common()
        if most == count and status >= 400:
            told = f"every request was refused alike: HTTP {status} {code or ''}".rstrip()
            raise Untold(target.with_key_hint(told) if status in REFUSED_CREDENTIALS else told)
