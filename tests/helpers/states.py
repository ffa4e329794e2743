"""The states that suites are run over: in memory, in fakeredis, and in a real Redis.

fakeredis runs in this process, with the scripts of volcv_mock/state/redis/lua in Lua 5.1 (lupa). Scripts and messages
work in it as in Redis. It cannot be stopped, paused, filled, emptied or locked with a password, and has no socket for
another process: tests of these need a real Redis (state/test_state_failures.py, cli/test_workers.py, tools/).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import fakeredis
import pytest

from tests.helpers.redis_server import RedisServer, installed
from volcv_mock.state.redis import state as redis_state

MEMORY, FAKE, REAL = "memory", "fakeredis", "redis"
IN_REDIS = (FAKE, REAL)
EVERY = (MEMORY, *IN_REDIS)

NewUrl = Callable[[], str]
"""Gives the URL of a state that no other test has."""


def fake(patch: pytest.MonkeyPatch) -> NewUrl:
    """URLs of one fakeredis, which has the host name "fakeredis" as long as the patch lasts."""
    server, numbers, real = fakeredis.FakeServer(), count(1), redis_state.connector

    def connect() -> Any:
        connection = fakeredis.FakeRedisConnection(server=server, protocol=2)
        connection.connect()  # else `can_read` does not wait for its timeout, and who listens never rests
        return connection

    patch.setattr(redis_state, "connector", lambda address: connect if address.host == FAKE else real(address))
    return lambda: f"redis://{FAKE}?name=test-{next(numbers)}"


def left_to_redis(request: pytest.FixtureRequest, reason: str) -> None:
    """Skip a test over fakeredis, where a script takes a hundred times as long, if a real Redis is there to run it."""
    if FAKE in request.node.name and installed():
        pytest.skip(f"left to the real Redis: {reason}")


def new_url(kind: str, request: pytest.FixtureRequest) -> NewUrl:
    """What makes URLs of a kind of state; a real Redis is started when it is first needed."""
    if kind == MEMORY:
        return lambda: MEMORY
    if kind == FAKE:
        made: NewUrl = request.getfixturevalue("fake_redis")
        return made
    server: RedisServer = request.getfixturevalue("redis_server")
    return server.url
