"""The same scripts in fakeredis: a test suite can share a state without a server."""

from __future__ import annotations

from typing import Any

from tests.state.test_one_mock import code, control, post


def test_rules_journal_clock_and_pictures_of_two_mocks_are_one(fake_redis: str, make: Any) -> None:
    a, b = make(state=fake_redis), make(state=fake_redis)

    a.fail(50411, times=1)
    b.clock.freeze(1_000_000_000.0)
    link = post(b, return_url=True, headers={"Authorization": "Bearer sk-a"})

    assert link.get_json()["code"] == 50411
    assert code(a) == 10000
    assert [call.number for call in b.calls] == [1, 2]
    assert control(a, "/clock")["now_s"] == 1_000_000_000.0
    b.reset()
    assert len(a.calls) == 0
