"""Latency: what a setting makes of the model's expected time, and which outcomes cost it."""

from __future__ import annotations

import math
import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volcv_mock import contract
from volcv_mock.model import Call, CodeRow, Job, Outcome, Picture, PictureFacts, RawRequest, Visit
from volcv_mock.simulation.latency import BadLatency, LatencyModel, expected_s

SIDE = 1024


def job(req_key: str = "i2i_inpainting", width: int = SIDE, height: int = SIDE, **parameters: Any) -> Job:
    call = Call(RawRequest("proxy", "POST", "/", "", (), b""), Visit("id", "default", 1, "d", 0, 0.0), "", "")
    facts = PictureFacts("PNG", width, height, "RGB", 8, 1, "x")
    return Job(call, req_key, "base64", parameters, (Picture("$", b"", facts),), seed=1, is_repeatable=True)


def outcome(code: int | str = 10000, the_job: Job | None = None) -> Outcome:
    return Outcome(contract.row(code), job=the_job or job())


PARTS = (7, "d", 0)


def plan(
    setting: Any, given: Outcome | None = None, asked_s: float | None = None, parts: tuple[object, ...] = PARTS
) -> float:
    return LatencyModel.parse(setting).plan(given or outcome(), asked_s, parts)


@pytest.mark.parametrize("req_key", list(contract.operations()))
def test_each_operation_is_anchored_at_the_documents_own_time(req_key: str) -> None:
    """The examples' time_elapsed, at the examples' steps and a picture of a million pixels."""
    timing = contract.operation(req_key).timing
    parameters = {} if timing.steps is None else {"steps": timing.steps}

    assert expected_s(job(req_key, **parameters)) == pytest.approx(timing.base_s)


@pytest.mark.parametrize(
    ("more", "less"),
    [({"steps": 50}, {"steps": 20}), ({"quality": "H"}, {"quality": "M"}), ({"quality": "M"}, {"quality": "L"}),
     ({"width": 2048, "height": 2048}, {"width": 512, "height": 512})],
    ids=str,
)  # fmt: skip
def test_the_model_grows_with_steps_quality_and_pixels(more: dict[str, Any], less: dict[str, Any]) -> None:
    assert expected_s(job(**more)) > expected_s(job(**less))


@pytest.mark.parametrize(
    ("setting", "seconds"),
    [("off", 0.0), ("0x", 0.0), ("1x", 3.94), ("0.1x", 0.394), ("2x", 7.88), ("2.5s", 2.5), ("250ms", 0.25),
     (" 1s ", 1.0)],
)  # fmt: skip
def test_a_setting_turns_the_model_into_seconds(setting: str, seconds: float) -> None:
    assert plan(setting, outcome(the_job=job(steps=30))) == pytest.approx(seconds)


@pytest.mark.parametrize("setting", ["1s..3s", "uniform:1s..3s"])
def test_uniform_stays_between_its_ends_and_uses_the_room(setting: str) -> None:
    drawn = [plan(setting, parts=(7, number)) for number in range(300)]

    assert 1 <= min(drawn) < 1.1
    assert 2.9 < max(drawn) <= 3


def test_realistic_is_log_normal_around_the_model() -> None:
    sigma = contract.operation("i2i_inpainting").timing.sigma
    usual = outcome(the_job=job(steps=30))
    logs = [math.log(plan("realistic", usual, parts=(7, number)) / 3.94) for number in range(1000)]

    assert statistics.mean(logs) == pytest.approx(0, abs=sigma / 5)
    assert statistics.stdev(logs) == pytest.approx(sigma, rel=0.15)


def test_the_same_call_of_the_same_mock_takes_the_same_time() -> None:
    assert plan("realistic", parts=(7, "d", 0)) == plan("realistic", parts=(7, "d", 0))
    assert plan("realistic", parts=(7, "d", 0)) != plan("realistic", parts=(7, "d", 1))


@pytest.mark.parametrize(
    ("code", "costs_model_time"),
    [(10000, True), (50411, False), (50412, False), (50413, False), (50200, False), (50429, False),
     ("SignatureDoesNotMatch", False), (201304, True), ("201304_top_level", True), (50500, True), (50511, True),
     (50512, True)],
)  # fmt: skip
def test_only_what_the_model_or_a_later_review_decides_costs_its_time(code: int | str, costs_model_time: bool) -> None:
    took_s = plan("1x", outcome(code))

    assert took_s == pytest.approx(expected_s(job())) if costs_model_time else 0 < took_s < 0.1


def test_with_latency_off_a_refusal_takes_no_time_either() -> None:
    assert plan("off", outcome(50411)) == 0


def test_a_constant_latency_does_not_slow_a_refusal_at_the_gate() -> None:
    assert plan("5s", outcome(50411)) < 0.1


def test_a_request_refused_before_its_pictures_takes_less_than_one_refused_after() -> None:
    early = plan("realistic", Outcome(contract.row("bad_json")))

    assert 0 < early < plan("realistic", outcome(50411))


@pytest.mark.parametrize("code", [10000, 50411, 50511, "SignatureDoesNotMatch"])
@pytest.mark.parametrize("setting", ["off", "realistic", "0.1x"])
def test_a_delay_asked_for_counts_for_refusals_too(code: int | str, setting: str) -> None:
    assert plan(setting, outcome(code), asked_s=3.0) == 3.0


def test_operations_may_have_latencies_of_their_own() -> None:
    model = LatencyModel.parse({"default": "1s", "i2i_inpainting": "off"})

    assert model.plan(outcome(), None, ()) == 0
    assert model.plan(outcome(the_job=job("byteedit_v2.0")), None, ()) == 1


def test_operations_without_a_default_leave_the_others_off() -> None:
    assert LatencyModel.parse({"i2i_inpainting": "1s"}).plan(outcome(the_job=job("byteedit_v2.0")), None, ()) == 0


@pytest.mark.parametrize(
    "setting", ["off", "realistic", "0.1x", "2.5s", "1s..3s", {"default": "off", "i2i_inpainting": "2x"}], ids=str
)
def test_a_model_described_is_read_back_as_the_same(setting: Any) -> None:
    model = LatencyModel.parse(setting)

    assert LatencyModel.parse(model.described()) == model


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("", "wanted|write a number"),
        ("fast", "one of off, realistic, 0.1x, 2.5s"),
        ("3", r"did you mean 3s\?"),
        ("-1x", "not a duration"),
        ("1e3x", "not a duration"),
        ("1001x", "largest factor is 1000x"),
        ("nanx", "not a duration"),
        ("3s..1s", "has its ends reversed"),
        ("1s..", "not a duration"),
        ("1s..2s..3s", "not a duration"),
        ("25h", "longer than a day"),
        (3, "wanted one of off"),
        (True, "wanted one of off"),
        (None, "wanted one of off"),
        ({"i2i_inpaint": "off"}, "unknown req_key 'i2i_inpaint'; permitted: default.*Did you mean 'i2i_inpainting'"),
        ({"default": 3}, r"latency\.default: '3' is not a latency"),
    ],
    ids=str,
)
def test_a_bad_latency_is_refused_with_the_permitted_forms(setting: Any, words: str) -> None:
    with pytest.raises(BadLatency, match=words):
        LatencyModel.parse(setting)


@given(
    steps=st.integers() | st.floats(allow_nan=False) | st.sampled_from([10**400, -(10**400)]),
    width=st.integers(1, 10**6),
    setting=st.sampled_from(["realistic", "1x", "1s..2s"]),
)
def test_no_request_makes_a_delay_that_is_no_time(steps: float, width: int, setting: str) -> None:
    took_s = plan(setting, outcome(the_job=job(steps=steps, width=width)))

    assert 0 <= took_s < 1000


def test_every_row_of_the_code_table_has_a_latency() -> None:
    rows: tuple[CodeRow, ...] = contract.codes()

    assert all(0 <= plan("1x", Outcome(row, job=job())) < 60 for row in rows)
