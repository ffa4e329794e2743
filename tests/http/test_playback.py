"""What a client receives of a reply, worked out once for every transport."""

from __future__ import annotations

from pathlib import Path

import pytest

from volcv_mock import faults
from volcv_mock.delivery import DeliveryPlan, Reply, WireFault
from volcv_mock.http.playback import WIRE_FAULTS, PlaybackStep, first_bytes, pieces_of, playback_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "faults.md"
BODY = (b'{"picture":"', b"x" * 5000, b'"}')
SIZE = sum(map(len, BODY))


def reply(fault: str | None = None, duration_s: float = 0.0, status: int = 200) -> Reply:
    return Reply(status, (), BODY, plan=DeliveryPlan(1.0, WireFault(fault, duration_s) if fault else None))


def test_every_wire_fault_has_a_behaviour() -> None:
    assert set(WIRE_FAULTS) == {name for name in faults.names() if faults.by_name(name).hook == "wire"}


def test_a_client_has_the_whole_response_after_a_drip_only() -> None:
    """Its connection is closed, as after the others, but nothing is missing."""
    assert [name for name in WIRE_FAULTS if playback_of(reply(name)).is_whole] == ["drip"]
    assert playback_of(reply()).is_whole


def test_a_reply_without_a_fault_is_sent_in_one_step() -> None:
    playback = playback_of(reply())

    assert (playback.length, playback.steps, playback.ending) == (SIZE, (PlaybackStep(0.0, BODY),), "complete")


def test_a_response_to_head_has_the_length_of_get_and_no_body() -> None:
    playback = playback_of(reply(), "HEAD")

    assert (playback.length, playback.body_bytes, playback.ending) == (SIZE, 0, "complete")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_no_content_length(status: int) -> None:
    playback = playback_of(reply(status=status))

    assert (playback.length, playback.body_bytes) == (None, 0)


@pytest.mark.parametrize(
    ("fault", "has_head", "length", "sent", "hang_s", "ending"),
    [
        ("reset", False, SIZE, 0, 0, "reset"),
        ("empty", False, SIZE, 0, 0, "close"),
        ("hang", False, SIZE, 0, 9, "close"),
        ("truncate", True, SIZE, SIZE // 2, 0, "close"),
        ("bad_length", True, SIZE + 1000, SIZE, 0, "close"),
        ("drip", True, SIZE, SIZE, 0, "close"),
    ],
)
def test_a_wire_fault_changes_head_length_body_or_ending(
    fault: str, has_head: bool, length: int, sent: int, hang_s: float, ending: str
) -> None:
    playback = playback_of(reply(fault, 9.0))

    assert (playback.has_head, playback.length, playback.body_bytes) == (has_head, length, sent)
    assert (playback.hang_s, playback.ending) == (hang_s, ending)


def test_the_pauses_of_a_drip_add_up_to_its_duration() -> None:
    steps = playback_of(reply("drip", 3.0)).steps

    assert len(steps) > 40
    assert sum(step.pause_s for step in steps) == pytest.approx(3.0)
    assert b"".join(chunk for step in steps for chunk in step.chunks) == b"".join(BODY)


def test_cutting_a_body_copies_no_whole_chunk() -> None:
    taken = first_bytes(BODY, SIZE - 1)

    assert taken[1] is BODY[1]
    assert b"".join(taken) == b"".join(BODY)[:-1]
    assert pieces_of((), 50) == []


@pytest.mark.parametrize("fault", WIRE_FAULTS)
def test_the_page_says_what_each_transport_does(fault: str) -> None:
    limits = WIRE_FAULTS[fault].limits
    cells = [limits.get(transport, "exact") for transport in ("socket", "intercept", "wsgi")]

    assert f"| `{fault}` | {' | '.join(cells)} |\n" in PAGE.read_text(encoding="utf-8")
