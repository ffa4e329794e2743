"""Faults of the outcome: 201304 in both places, and a URL that is no longer good."""

from __future__ import annotations

from volcv_mock import contract
from volcv_mock.faults import by_name
from volcv_mock.model import Outcome, Painted

DONE = Outcome(contract.row(10000), painted=Painted(b"jpeg", b"anBlZw==", 64, 64))


def applied(name: str) -> Outcome:
    outcome: Outcome = by_name(name).apply(DONE)
    return outcome


def test_ghost_face_is_a_success_whose_algorithm_says_201304_and_gives_no_picture() -> None:
    outcome = applied("ghost_face")

    assert (outcome.row.code, outcome.row.http_status) == (10000, 200)
    assert outcome.algorithm_status == 201304
    assert outcome.painted is None


def test_ghost_face_top_level_is_201304_as_the_answers_own_code() -> None:
    outcome = applied("ghost_face_top_level")

    assert outcome.row.id == "201304_top_level"
    assert outcome.row.code == 201304
    assert outcome.algorithm_status == 0
    assert outcome.painted is None


def test_both_places_of_201304_cost_model_time() -> None:
    assert {by_name(name).stage for name in ("ghost_face", "ghost_face_top_level")} == {"model"}
    assert applied("ghost_face_top_level").row.phase == "model"


def test_an_expired_url_lived_a_negative_time_and_the_picture_is_there() -> None:
    outcome = applied("expired_url")

    assert outcome.url_lifetime_s is not None
    assert outcome.url_lifetime_s < 0
    assert outcome.painted is DONE.painted
