"""The proof of `calibrate` without an account: a server that plays a hidden choice of alternatives by itself."""

from __future__ import annotations

from contract_tests.mutants.personalities import recovered


def test_calibrate_recovers_a_hidden_personality() -> None:
    """The server alters requests and answers of a mock in its default readings; it has no code of the readings."""
    found, wrong = recovered(1)

    assert wrong == []
    assert len(found.entries) >= 100
