"""Opens the state that the settings of a world name, for processes that share it. world.py calls it, lazily."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from volcv_mock import contract
from volcv_mock.simulation import draws
from volcv_mock.state import BadState
from volcv_mock.state.address import parse

if TYPE_CHECKING:
    from volcv_mock.state.redis import RedisState
    from volcv_mock.state.redis.state import Process
    from volcv_mock.world import World


def opened(world: World) -> RedisState:
    """The state, which has begun. Raises BadState when it cannot be used, also without the extra `redis`."""
    address = parse(world.settings.state)
    try:
        from volcv_mock.state.redis.state import opened as begun  # lazy: the extra
    except ImportError:
        raise BadState(f"{address.shown}: needs redis-py: pip install 'volcv-mock[redis]'") from None
    from volcv_mock.state.redis.state import Budgets

    settings = world.settings
    budgets = Budgets(settings.journal_bytes, settings.pictures_bytes, settings.tasks_bytes, settings.max_scopes)
    return connected(world, begun(address, process_of(world), budgets))


def connected(world: World, state: RedisState) -> RedisState:
    """The state, which tells the world what happens to it."""

    def emptied() -> None:
        world.log.say("volcv-mock: WARNING: Redis has lost its data: rules, calls, clocks and pictures are gone")
        world.scope().take_file()

    state.on_emptied = emptied
    state.on_adopted = lambda: world.when_adopted()
    state.connections.observe = world.metrics.asked_state
    return state


def process_of(world: World) -> Process:
    """What the state needs of this process."""
    from volcv_mock.state.redis.state import Process  # lazy: the extra

    gate = world.gil_gate
    return Process(
        os.urandom(6).hex(), os.urandom(8).hex(), world.settings.seed, world.monotonic, world._now_s,
        shared_facts(world), gate.pixels, gate.aside,
    )  # fmt: skip


def shared_facts(world: World) -> dict[str, str]:
    """The settings on which all processes of one mock must agree, as text."""
    settings = world.settings
    with contract.using(world.contract):
        served = draws.digest(sorted(map(repr, contract.operations().items()))).hex()[:12]
    return {"seed": str(settings.seed), "profile": settings.profile, "contract": served}
