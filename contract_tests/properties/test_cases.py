"""Every planned case and every relation, by its id. Where calls cost money: tonight's share of them."""

from __future__ import annotations

import pytest

from ..planning.cases import Case
from ..runner.runner import Runner
from .plugin import assert_conform


def test_case(case: Case, runner: Runner) -> None:
    if lacking := case.needs - runner.target.capabilities:
        pytest.skip(f"{runner.target.name} cannot do: {', '.join(sorted(lacking))}")

    result = runner.run_one(case)

    if result.verdict == "inconclusive":
        pytest.skip(f"inconclusive: {result.reason}")
    assert_conform(list(result.findings))
