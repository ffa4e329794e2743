"""What is no deviation is accused by nobody, and what cannot be known is never green. `make mutants` tries all."""

from __future__ import annotations

import pytest

from contract_tests.mutants.benign import BENIGN, UNJUDGEABLE, by_name
from contract_tests.mutants.benign.trial import is_as_it_should, try_benign

SAMPLE = ("compressed", "members in reverse order", "another number for an inferred refusal", "a second machine",
          "SeedEdit in 1024 x 1024", "a link that redirects", "a challenge now and then", "maintenance as 200",
          "inference is down, 502")  # fmt: skip
SHORT = ("members in reverse order", "a challenge now and then", "inference is down, 502")
"""One that is judged, one that comes now and then, and one that cannot be judged."""


def test_there_are_at_least_fifty_variations_with_names_of_their_own():
    assert len({one.name for one in BENIGN}) == len(BENIGN) >= 50


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SHORT else pytest.mark.long) for name in SAMPLE]
)
def test_a_variation_is_not_accused_in_a_night(name):
    trial = try_benign(name, nights=1)

    assert trial.accused == ()
    assert is_as_it_should(trial, by_name(name) in UNJUDGEABLE), trial
