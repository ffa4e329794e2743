"""What the settings of a world choose: its state, its budget and its keys; and the journal entry of a callback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from volcv_mock.config import BadSetting, Settings
from volcv_mock.journal import CallbackEntry
from volcv_mock.journal.entries import iso
from volcv_mock.signing.keys import Keys
from volcv_mock.state import BadState
from volcv_mock.state.address import MEMORY
from volcv_mock.state.memory import MemoryState
from volcv_mock.upstream.of_settings import ledger_of

if TYPE_CHECKING:
    from volcv_mock.recording.ledger import Budget
    from volcv_mock.state.acts import State
    from volcv_mock.tasks import Waiting
    from volcv_mock.world import World


def keys_of(settings: Settings) -> Keys:
    """The keys that the mock accepts."""
    api_keys, access_keys = frozenset(settings.api_keys), dict(settings.access_keys)
    return Keys(settings.auth_mode, api_keys, access_keys, settings.triggers)


def state_of(world: World) -> State:
    """The state of the settings. Raises BadSetting for one that cannot be used."""
    if world.settings.state == MEMORY:
        return _memory(world)
    from volcv_mock.shared_state import opened  # lazy: only with a common state

    try:
        return opened(world)
    except BadState as error:
        raise BadSetting(f"--state {error}") from None


def _memory(world: World) -> MemoryState:
    gate, settings = world.gil_gate, world.settings
    return MemoryState(settings.journal_bytes, settings.pictures_bytes, settings.tasks_bytes, settings.seed,
                       world.now_s, gate.pixels, gate.released)  # fmt: skip


def own_ledger(world: World) -> Budget | None:
    """The budget of the upstream: of all processes, unless a file is given, which other programs may share."""
    limit = world.settings.upstream_budget
    if limit is None or world.settings.upstream_ledger:
        return ledger_of(world.settings)
    from volcv_mock.recording.ledger import today_utc  # lazy: start-up time

    return world.state.ledger(limit, today_utc) or ledger_of(world.settings)


def callback_entry(ended: Waiting, body: bytes) -> CallbackEntry:
    """The journal entry of a callback that is over, at the present time of its scope."""
    task, now_s = ended.task, ended.clock.now_s()
    return CallbackEntry(
        time=iso(now_s), time_s=now_s, scope=task.scope, task_id=task.id, req_key=task.req_key,
        call_id=task.call_id, code=json.loads(body).get("code") if body else None, task_status=task.state(now_s),
        sent_bytes=len(body), **ended.callback.listed(),
    )  # fmt: skip
