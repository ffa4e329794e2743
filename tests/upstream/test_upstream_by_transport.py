"""A call that is passed on is finished, recorded or given up in the same way on each transport."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helpers.clients import BASE, URL, by_async_httpx, by_httpx
from tests.upstream.front import KEY, PATH, front, post
from volcv_mock import VolcvMock
from volcv_mock.delivery import Outgoing
from volcv_mock.testing.handles import RunningMock

AUTHORIZED = {"Authorization": f"Bearer {KEY}"}
Call = Callable[[VolcvMock, Any], object]


def by_socket(mock: VolcvMock, body: Any) -> object:
    with mock.serve() as server:
        return post(server, body)


def by_wsgi(mock: VolcvMock, body: Any) -> object:
    return mock.app.test_client().post(PATH, json=body, headers=AUTHORIZED).json


def by_intercept(mock: VolcvMock, body: Any) -> object:
    with mock.intercept(BASE):
        return by_httpx(body, **AUTHORIZED)


def by_async_intercept(mock: VolcvMock, body: Any) -> object:
    with mock.intercept(BASE):
        return by_async_httpx(body, **AUTHORIZED)


CALLS: dict[str, Call] = {
    "socket": by_socket, "wsgi": by_wsgi, "intercept": by_intercept, "async intercept": by_async_intercept,
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_picture_behind_a_link_is_recorded(real: RunningMock, tmp_path: Path, call: Call) -> None:
    """Without it the recording could not be replayed."""
    mock = front(real, "record", recordings=str(tmp_path))
    body = mock.body(seed=5, return_url=True)

    call(mock, body)

    asked, answered = len(body["binary_data_base64"]), 1
    assert len(list(tmp_path.glob("**/pictures/*"))) == asked + answered


@pytest.mark.parametrize("call", [by_wsgi, by_intercept, by_async_intercept], ids=["wsgi", "intercept", "async"])
def test_a_call_whose_forwarding_fails_holds_no_place(
    real: RunningMock, monkeypatch: pytest.MonkeyPatch, call: Call
) -> None:
    mock, held = front(real, "spy", in_flight=1), list[int]()

    def fail(request: Outgoing) -> None:
        held.append(in_flight(mock))
        raise ZeroDivisionError

    monkeypatch.setattr(mock.world, "send", fail)

    with suppress(ZeroDivisionError):  # under WSGI it becomes a 500
        call(mock, mock.body())

    assert (held, in_flight(mock)) == ([1], 0)


def test_a_task_that_is_cancelled_while_the_upstream_is_asked_holds_no_place(
    real: RunningMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    mock, held = front(real, "spy", in_flight=1), list[int]()

    async def cancelled() -> None:
        async with httpx.AsyncClient() as client:
            asking = asyncio.ensure_future(client.post(URL, json=mock.body(), headers=AUTHORIZED))
            loop = asyncio.get_running_loop()

            def leave(request: Outgoing) -> None:
                held.append(in_flight(mock))
                loop.call_soon_threadsafe(asking.cancel)

            monkeypatch.setattr(mock.world, "send", leave)
            with pytest.raises(asyncio.CancelledError):
                await asking

    with mock.intercept(BASE):
        asyncio.run(cancelled())

    assert (held, in_flight(mock)) == ([1], 0)


def in_flight(mock: VolcvMock) -> int:
    return mock.world.scope().quotas.in_flight(KEY)
