"""The proof of `calibrate` without an account: a server that plays a hidden choice of alternatives by itself."""

from __future__ import annotations

import pytest

from contract_tests.mutants.personalities import cases_of, disagreements, recovered
from volcv_mock.recording.readings_file import ReadingsFile

pytestmark = pytest.mark.long

SEED = 1
EVERY = 10


@pytest.fixture(scope="module")
def measured() -> tuple[ReadingsFile, list[str]]:
    """What calibrate finds at both endpoints of the server, and where it is mistaken."""
    return recovered(SEED)


def test_calibrate_recovers_a_hidden_personality(measured: tuple[ReadingsFile, list[str]]) -> None:
    """The server alters requests and answers of a mock in its default readings; it has no code of the readings."""
    found, wrong = measured

    assert wrong == []
    assert len(found.entries) >= 100


def test_the_mock_with_these_readings_answers_the_planned_cases_as_the_server_does(
    measured: tuple[ReadingsFile, list[str]],
) -> None:
    """A part of the cases; `make mutants` compares others, at 20 servers."""
    cases = cases_of(SEED)[::EVERY]

    assert disagreements(SEED, measured[0], cases) == []
    assert len(cases) >= 12
