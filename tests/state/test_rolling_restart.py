"""Two mocks with one state are restarted in turn while clients call: no answer is lost, and the rules stay."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tests.helpers.deadlines import DEADLINE_S
from tests.helpers.redis_server import RedisServer
from tests.server.scripted import until
from tests.state.test_one_mock import CALL, KEY
from volcv_mock import VolcvMock
from volcv_mock.server.server import Server
from volcv_mock.server.timeouts import Timeouts
from volcv_mock.world import World
from volcv_mock.wsgi import create_app

ACCEPT_S = 0.1


class Balancer:
    """Clients that send each call to a mock that is ready, as a load balancer does, and retry none."""

    def __init__(self, servers: list[Server], body: dict[str, Any]) -> None:
        self.servers = servers
        self.body = body
        self.codes: list[int] = []
        self.lost: list[Exception] = []
        self.is_ended = False

    def client(self) -> None:
        with httpx.Client(trust_env=False, timeout=DEADLINE_S, headers=KEY) as http:
            while not self.is_ended:
                server = next(each for each in self.servers if each._world.condition.phase == "ready")
                try:
                    self.codes.append(http.post(server.url + CALL, json=self.body).json()["code"])
                except Exception as error:
                    self.lost.append(error)


@contextmanager
def load(balancer: Balancer, clients: int = 3) -> Iterator[None]:
    threads = [threading.Thread(target=balancer.client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    yield
    balancer.is_ended = True
    for thread in threads:
        thread.join()


def test_a_rolling_restart_loses_no_answer(redis_server: RedisServer, make: Any) -> None:
    url = redis_server.url()
    worlds: list[World] = []

    def started() -> Server:
        mock: VolcvMock = make(state=url, drain_s=30.0)
        worlds.append(mock.world)
        return Server(mock.world, create_app(mock.world), timeouts=Timeouts(drain_accept_s=ACCEPT_S)).start()

    servers = [started(), started()]
    owner: VolcvMock = make(state=url)
    owner.delay(0.02)
    owner.fail(50411, times=5)
    balancer = Balancer(servers, owner.body())

    with load(balancer):
        for index in range(2):
            before = len(balancer.codes)
            assert until(lambda before=before: len(balancer.codes) > before + 6)
            old, servers[index] = servers[index], started()
            old.stop(drains=True)
        assert until(lambda: len(balancer.codes) > 30)
    for server in servers:
        server.stop()

    assert balancer.lost == []
    assert balancer.codes.count(50411) == 5
    for world in worlds:
        world.state._writer.flush()  # type: ignore[attr-defined]  # each tells the others a little later
    assert len(owner.calls) == len(balancer.codes)
    assert {call.client for call in owner.calls} == {"read_all"}
