"""The proof of `calibrate` without an account: a server that plays a hidden choice of alternatives by itself.

Calibrating against it must recover the choice, and the mock with the measured readings must then answer as it does.
A fixed sample runs here; `make mutants` draws others.
"""

from __future__ import annotations

import pytest

from contract_tests.mutants.personalities import differences, recovered


@pytest.mark.parametrize("seed", [1, 2])
def test_calibrate_recovers_a_hidden_personality_and_the_mock_then_agrees_with_it(seed: int) -> None:
    found, wrong = recovered(seed)

    assert wrong == []
    assert differences(seed, found) == []
