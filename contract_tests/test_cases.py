"""Every planned case and every relation, by its id. Where calls cost money: tonight's share of them."""

from __future__ import annotations

import pytest

from .cases import Case
from .conftest import assert_conform
from .live.runner import Runner


def test_case(case: Case, runner: Runner) -> None:
    if lacking := case.needs - runner.target.capabilities:
        pytest.skip(f"{runner.target.name} cannot do: {', '.join(sorted(lacking))}")

    result = runner.run_one(case)

    if result.verdict == "inconclusive":
        pytest.skip(f"inconclusive: {result.reason}")
    assert_conform(list(result.findings))
