"""How fast the contract suite draws valid requests: examples a second, each branch of the schemas, CPU time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from benchmarks.serving import Row
from contract_tests import contract
from contract_tests.generate import valid_requests

EXAMPLES = 400
QUICK_EXAMPLES = 5
TURNS = 5
AT_LEAST = 800
"""About a thousand a second is asked for: a fifth less still is about that."""


def rows(quick: bool = False) -> Iterator[Row]:
    turns, examples = (1, QUICK_EXAMPLES) if quick else (TURNS, EXAMPLES)
    spent_s = [_best_s(req_key, mode, turns, examples) for req_key, mode in contract.branches()]
    rate = len(spent_s) / sum(spent_s)
    note = f"{1 / max(spent_s):.0f} to {1 / min(spent_s):.0f}, by operation and mode"
    yield Row("valid requests drawn", rate, AT_LEAST, "/s", at_least=True, note=note)


def _best_s(req_key: str, mode: str, turns: int, examples: int) -> float:
    """The quickest of a few turns: the others measure other processes of the machine."""
    return min(_drawn_s(req_key, mode, examples) for _ in range(turns))


def _drawn_s(req_key: str, mode: str, examples: int) -> float:
    drawn: list[Any] = []

    @settings(max_examples=examples, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(valid_requests(req_key, mode))
    def draw(request: Any) -> None:
        drawn.append(request)

    began_at = time.process_time()
    draw()
    return (time.process_time() - began_at) / len(drawn)
