"""Opens the state that the settings of a world name, for processes that share it. world.py calls it, lazily."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from volcv_mock import contract
from volcv_mock.simulation import draws
from volcv_mock.state import BadState, StateUnavailable
from volcv_mock.state.address import parse
from volcv_mock.telemetry.gathered import snapshot_of
from volcv_mock.telemetry.slowness import Slowness

KEPT_S = 3600
"""Metrics of workers that have ended are forgotten an hour after the last worker."""

if TYPE_CHECKING:
    from volcv_mock._util.changes import Changes
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

    def warned(warning: str) -> None:
        world.log.write_message(f"volcv-mock: WARNING: {warning}")

    def emptied() -> None:
        warned("Redis has lost its data: rules, calls, clocks and pictures are gone")
        world.scope().take_file()

    state.warn = warned
    state.on_emptied = emptied
    state.on_adopted = lambda: world.when_adopted()
    state.connections.observe = world.metrics.asked_state
    events, slowness = CommonEvents(world.changes, state.tell_changed), Slowness()
    state.on_changed = events.changed_elsewhere

    def beat() -> None:
        found = slowness.found(world.monotonic(), world.metrics.histogram("state_s")[""])
        if found:
            warned(found)
        events.notify_others()

    state.on_beat = beat
    return state


class CommonEvents:
    """Tells the other processes at most once a second whether something changed here, and the listeners of this one
    what the others tell. Used by the thread of the state only."""

    def __init__(self, changes: Changes, notify: Callable[[], None]) -> None:
        self._changes = changes
        self._notify = notify
        self._elsewhere = 0
        self._notified = changes.revision

    def changed_elsewhere(self) -> None:
        """Another process says that something changed there."""
        self._elsewhere += 1
        self._changes.touch()

    def notify_others(self) -> None:
        """Tell the others, if something changed here since the last time."""
        own = self._changes.revision - self._elsewhere
        if own != self._notified:
            self._notify()
            self._notified = own


def process_of(world: World) -> Process:
    """What the state needs of this process."""
    from volcv_mock.state.redis.state import Process  # lazy: the extra

    gate = world.gil_gate
    return Process(
        os.urandom(6).hex(), os.urandom(8).hex(), world.settings.seed, world.monotonic, world.now_s,
        shared_facts(world), gate.pixels, gate.released,
    )  # fmt: skip


def shared_facts(world: World) -> dict[str, str]:
    """The settings on which all processes of one mock must agree, as text."""
    settings = world.settings
    with contract.using(world.contract):
        served = draws.digest(sorted(map(repr, contract.operations().items()))).hex()[:12]
    return {"seed": str(settings.seed), "profile": settings.profile, "contract": served}


def add_up_metrics(world: World, workers: str) -> None:
    """Leave the metrics of this process, every second and at its end, where the other workers find them."""
    from volcv_mock.state.redis.texts import to_json  # lazy: the extra

    state: Any = world.state
    world.workers = workers
    key, own = state.connections.key(f"metrics|{workers}"), state.replica

    beat = state.on_beat

    def leave() -> None:
        beat()
        told = to_json(snapshot_of(*world.own_metrics()))
        state.apart.commands([("HSET", key, own, told), ("EXPIRE", key, KEPT_S)])

    state.on_beat = leave


def snapshots(world: World) -> list[tuple[Any, bool]]:
    """What the other workers counted, also those that have ended, and whether each is alive. None while the state is
    away."""
    from volcv_mock.state.redis.texts import from_json, text_of  # lazy: the extra

    state: Any = world.state
    try:
        flat = state.connections.command("HGETALL", state.connections.key(f"metrics|{world.workers}"))
        alive = state.living()
    except StateUnavailable:
        return []
    found = {text_of(name): from_json(told) for name, told in zip(flat[::2], flat[1::2], strict=True)}
    return [(told, name in alive) for name, told in found.items() if name != state.replica]
