"""Mode `diff`: the client gets the upstream's answer, and the journal says where the mock's own would differ."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.helpers.deadlines import DEADLINE_S
from tests.upstream.front import KEY, front, post
from volcv_mock import VolcvMock
from volcv_mock.testing.handles import RunningMock


def listed(server: RunningMock) -> Any:
    with httpx.Client(trust_env=False, timeout=DEADLINE_S) as client:
        return client.get(f"{server.base_url}/_mock/differences").json()


def test_two_equal_services_do_not_differ(real: RunningMock) -> None:
    """Ids, times and another random picture are no differences."""
    with front(real, "diff").serve() as server:
        for body in (real.body(), real.body("i2i_inpainting_edit"), {**real.body(), "req_key": "i2i_nothing"}):
            post(server, body)

        found = listed(server)

    assert (found["mode"], found["upstream"]) == ("diff", real.base_url)
    assert (found["compared"], found["differing"], found["calls"]) == (3, 0, [])


def test_the_console_can_show_both_pictures_of_a_call(real: RunningMock) -> None:
    """The result is the upstream's; what the mock painted lies beside it."""
    with front(real, "diff").serve() as server, httpx.Client(trust_env=False, timeout=DEADLINE_S) as client:
        post(server, server.body("i2i_inpainting_edit", seed=-1))
        entry = server.calls.last.entry
        address = f"{server.base_url}/_mock/calls/{entry.id}/picture?of="
        result, own = (client.get(address + role) for role in ("result", "mock"))

    assert entry.thumbnails == ["result", "mock", "picture", "mask"]
    assert result.headers["Content-Type"] == own.headers["Content-Type"] == "image/jpeg"
    assert own.content != result.content


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ("ghost_face_top_level", {"status", "code"}),
        ("png_instead_of_jpeg", {"picture.format"}),
        ("wrong_size", {"picture.size"}),
        ("outside_mask", {"picture.changed_outside_mask"}),
        ("extra_field", {"members.x_unannounced"}),
        ("wrong_type", {"types.code"}),
    ],
)
def test_what_the_upstream_does_otherwise_is_listed(fault: str, what: set[str]) -> None:
    upstream = VolcvMock(api_keys=[KEY], triggers=False)
    upstream.fault(fault)
    with upstream.serve() as real, front(real, "diff").serve() as server:
        reply = post(server, real.body())

        call = listed(server)["calls"][0]
        found = {difference["what"] for difference in call["differences"]}
        assert call["call"] == reply.headers["X-Volcv-Mock-Call"]
        assert found & what, found
        assert any(note.startswith("differs in ") for note in server.calls.last.entry.notes)


def test_a_call_that_the_mock_would_refuse_is_listed_with_its_req_key() -> None:
    upstream = VolcvMock(api_keys=[KEY], triggers=False, readings={"out-of-range": "clamp"})
    with upstream.serve() as real, front(real, "diff").serve() as server:
        post(server, real.body("byteedit_v2.0", scale=7.5))

        (call,) = listed(server)["calls"]
        assert call["req_key"] == "byteedit_v2.0"
        assert {"what": "code", "mock": 50200, "upstream": 10000} in call["differences"]


def test_the_summary_counts_each_fact_once_per_call() -> None:
    upstream = VolcvMock(api_keys=[KEY], triggers=False)
    upstream.fail(50411, times=1)
    with upstream.serve() as real, front(real, "diff").serve() as server:
        post(server, real.body())
        post(server, real.body())

        summary = server.world.differences.summary()
        assert summary.startswith("1 of 2 calls differ: ")
        assert "status 1" in summary
