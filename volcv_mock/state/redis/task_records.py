"""How a task is written in Redis, and read again; its input pictures are kept by their digests and read when needed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from volcv_mock.model import Fired
from volcv_mock.simulation.task_plan import TaskPlan
from volcv_mock.state.redis.texts import digest_of, from_json, to_json
from volcv_mock.tasks import Callback, Input, Task

Load = Callable[[str], bytes]


class StoredInput(Input):
    """An input whose bytes are read from Redis when they are needed."""

    __slots__ = ("_load", "_size_bytes", "digest")

    def __init__(self, where: str, is_mask: bool, is_stand_in: bool, size_bytes: int, digest: str, load: Load) -> None:
        for name, value in (("where", where), ("is_mask", is_mask), ("is_stand_in", is_stand_in)):
            object.__setattr__(self, name, value)
        self.digest, self._size_bytes, self._load = digest, size_bytes, load

    @property
    def data(self) -> bytes:
        """The picture as it was sent. Raises StateUnavailable."""
        return self._load(self.digest)

    @property
    def size_bytes(self) -> int:
        """Bytes of the picture."""
        return self._size_bytes


def record_of(task: Task) -> bytes:
    """Everything of a task but the bytes of its inputs."""
    plan = task.plan
    return to_json({
        "owner": task.owner.hex(), "req_key": task.req_key, "submitted_at_s": task.submitted_at_s,
        "plan": [*map(_finite, (plan.queue_s, plan.generating_s, plan.lifetime_s)), plan.ends_as, plan.repeats_id],
        "work": task.work.decode("utf-8", "surrogatepass"),
        "inputs": [[each.where, each.is_mask, each.is_stand_in, each.size_bytes, digest_in(each)]
                   for each in task.inputs],
        "injected": [asdict_of(each) for each in task.injected], "call_id": task.call_id,
        "painted": dict(task.painted), "is_cancelled": task.is_cancelled, "has_inputs": task.has_inputs,
        "digest": task.digest.hex(), "callback": asdict(task.callback) if task.callback else None,
    })  # fmt: skip


def digest_in(each: Input) -> str:
    """The name of an input's bytes."""
    return each.digest if isinstance(each, StoredInput) else digest_of(each.data)


def task_of(name: str, record: bytes, digests: bytes, load: Load) -> Task:
    """The task of a record. Its inputs are gone when Redis has no digests of them any more."""
    scope, _, task_id = name.partition("|")
    kept = from_json(record)
    queue_s, generating_s, lifetime_s, ends_as, repeats_id = kept["plan"]
    plan = TaskPlan(_number(queue_s), _number(generating_s), _number(lifetime_s), ends_as, repeats_id)
    inputs = tuple(_input(each, load) for each in kept["inputs"]) if digests else ()
    callback = Callback(**kept["callback"]) if kept["callback"] else None
    return Task(
        task_id, scope, bytes.fromhex(kept["owner"]), kept["req_key"], kept["submitted_at_s"], plan,
        kept["work"].encode("utf-8", "surrogatepass"), inputs, tuple(Fired(**each) for each in kept["injected"]),
        kept["call_id"], kept["painted"], kept["is_cancelled"], kept["has_inputs"], bytes.fromhex(kept["digest"]),
        callback,
    )  # fmt: skip


def _input(kept: list[Any], load: Load) -> StoredInput:
    where, is_mask, is_stand_in, size_bytes, digest = kept
    return StoredInput(where, is_mask, is_stand_in, size_bytes, digest, load)


def take_over(task: Task, newer: Task) -> None:
    """Make a task that somebody holds equal to a newer reading of it."""
    task.plan, task.inputs, task.injected = newer.plan, newer.inputs, newer.injected
    task.painted, task.is_cancelled = newer.painted, newer.is_cancelled


def asdict_of(fired: Fired) -> dict[str, Any]:
    """A code or fault that was drawn."""
    return {"origin": fired.origin, "name": fired.name, "rule_id": fired.rule_id}


def _finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None


def _number(seconds: float | None) -> float:
    return math.inf if seconds is None else seconds
