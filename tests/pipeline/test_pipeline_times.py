"""What the client waits, and what the answer says about time: time_elapsed, request ids, delays, hangs, Retry-After."""

from __future__ import annotations

import pytest

from tests.pipeline.requests_by_hand import call, frozen, raw
from volcv_mock import contract
from volcv_mock._util import durations
from volcv_mock.config import Settings
from volcv_mock.world import World


def test_time_elapsed_is_what_the_client_waits() -> None:
    reply, document = call(frozen(latency="2.5s"), raw())

    assert reply.plan.delay_s == 2.5
    assert document["time_elapsed"] == "2.5s"


def test_even_a_refusal_without_latency_took_some_time() -> None:
    _, document = call(frozen(latency="off"), raw({}))

    seconds = durations.parse(document["time_elapsed"])
    assert 0 < seconds <= contract.parameter("gate_elapsed_s")


@pytest.mark.parametrize("fraction", [0.0, 0.25, 0.999])
def test_a_request_id_begins_with_the_second_that_runs(fraction: float) -> None:
    """In the local time that the documents' own answer shows: UTC+8."""
    world = World(Settings())
    world.clock().freeze(at_s=1_800_000_000.0 + fraction)

    _, document = call(world, raw())

    assert document["request_id"].startswith("20270115160000")


def test_a_gate_refusal_is_fast_and_a_review_after_painting_is_not() -> None:
    world = frozen(latency="1x")

    gate, after = (call(world, raw(headers={"X-Volcv-Mock": f"code={code}"}))[0] for code in (50411, 50511))

    timing = contract.operation("i2i_inpainting").timing
    assert gate.plan.delay_s == contract.parameter("gate_after_pictures_elapsed_s")
    assert after.plan.delay_s == pytest.approx(timing.expected_s(steps=30, pixels=64 * 64))


def test_an_explicit_delay_counts_for_refusals_too(world: World) -> None:
    reply, _ = call(world, raw({"req_key": "nobody"}, headers={"X-Volcv-Mock": "delay=3s"}))

    assert reply.plan.delay_s == 3


@pytest.mark.parametrize(("asked", "duration_s"), [("fault=hang", 7.0), ("fault=hang; duration=2s", 2.0)], ids=str)
def test_a_hang_lasts_as_set_or_as_asked(asked: str, duration_s: float) -> None:
    reply, _ = call(World(Settings(hang_s=7.0)), raw(headers={"X-Volcv-Mock": asked}))

    assert reply.plan.wire is not None
    assert reply.plan.wire.duration_s == duration_s


@pytest.mark.parametrize("override", ["code=50429", "code=50430", "code=50411"])
@pytest.mark.parametrize("pause_s", [None, 3])
def test_retry_after_goes_with_both_limits_and_only_when_set(override: str, pause_s: int | None) -> None:
    """Whether a quota was used up or the code was asked for."""
    world = World(Settings(retry_after_s=pause_s))

    reply, _ = call(world, raw(headers={"X-Volcv-Mock": override}))

    is_limit = override != "code=50411"
    assert dict(reply.headers).get("Retry-After") == ("3" if is_limit and pause_s else None)
