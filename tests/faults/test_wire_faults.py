"""Wire faults: they mark the delivery plan, and keep the rest of it."""

from __future__ import annotations

import pytest

from volcv_mock.delivery import DeliveryPlan, WireFault
from volcv_mock.faults import by_name


@pytest.mark.parametrize("name", ["reset", "empty", "truncate", "bad_length"])
def test_a_wire_fault_marks_the_plan_and_keeps_its_delay(name: str) -> None:
    plan = by_name(name).apply(DeliveryPlan(delay_s=3.0), None)

    assert plan == DeliveryPlan(3.0, WireFault(name))  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "usual_s"), [("drip", 3.0), ("hang", 120.0)])
def test_a_drip_and_a_hang_have_a_usual_length_and_take_another(name: str, usual_s: float) -> None:
    fault = by_name(name)

    lengths = [fault.apply(DeliveryPlan(), asked).wire.duration_s for asked in (None, 0.5, 0.0)]

    assert lengths == [usual_s, 0.5, 0.0]
    assert fault.takes_duration
