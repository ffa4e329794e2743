"""Latency: computes the delay of a reply. Transports do the waiting.

The model of an operation (schemas/catalog.json, fitted to time_elapsed in the documents) grows with steps, pixels and
quality. The setting determines the delay from it:

    off            no delay
    0.1x           a tenth of the model
    realistic      the model, with log-normal variation of the catalog's sigma
    2.5s, 250ms    constant
    1s..3s         uniform between the two
    {"default": "realistic", "i2i_inpainting": "0.1x"}      per operation

Refusals before the model take as long as observed (a fraction of a millisecond), unless latency is off. Codes that the
model or a review after it decides take the full time. A replayed answer has the recorded time in place of the model's.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any, Literal

from volcv_mock import contract
from volcv_mock._util import durations
from volcv_mock._util.frozen import frozen
from volcv_mock.model import Job, Outcome
from volcv_mock.simulation import draws
from volcv_mock.simulation.task_plan import TaskPlan

Kind = Literal["off", "factor", "realistic", "constant", "uniform"]

DEFAULT = "default"
FORMS = "off, realistic, 0.1x, 2.5s, 250ms, 1s..3s"
MAX_FACTOR = 1000.0
MAX_STEPS = 1e9
"""Clamp for `steps`, which no document bounds."""

_FACTOR = re.compile(r"(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})x", re.ASCII)


class BadLatency(ValueError):
    """An invalid latency setting; the message names the permitted forms or req_keys."""

    def __init__(self, message: str, permitted: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.permitted = permitted or FORMS.split(", ")


@frozen
class Spread:
    """How a delay is computed from the expected time. `low` is the factor, or seconds; `high` is the upper end."""

    kind: Kind
    text: str
    low: float = 0.0
    high: float = 0.0

    def delay_s(self, expected_s: float, sigma: float, *parts: object) -> float:
        """The delay of one reply; `parts` key the random draw, `sigma` is the spread of a realistic one."""
        if self.kind == "factor":
            return expected_s * self.low
        if self.kind == "realistic":
            return expected_s * math.exp(sigma * draws.normal(*parts))
        if self.kind == "uniform":
            return self.low + (self.high - self.low) * draws.uniform(*parts)
        return self.low

    def gate_s(self, seen_s: float) -> float:
        """The delay of a refusal before the model: as observed, scaled by a factor if one is set."""
        return 0.0 if self.kind == "off" else seen_s * self.low if self.kind == "factor" else seen_s


OFF = Spread("off", "off")


@frozen
class LatencyModel:
    """The latency of a scope: one spread for all operations, and exceptions by req_key. Immutable."""

    usual: Spread = OFF
    operations: Mapping[str, Spread] = field(default_factory=dict)

    @classmethod
    def parse(cls, setting: str | Mapping[str, Any]) -> LatencyModel:
        """Parse a text, or a table by req_key with an optional "default". Raises BadLatency."""
        if not isinstance(setting, Mapping):
            return cls(spread_of(setting, "latency"))
        for name in setting:
            _demand_operation(name)
        spreads = {name: spread_of(text, f"latency.{name}") for name, text in setting.items()}
        return cls(spreads.pop(DEFAULT, OFF), spreads)

    def described(self) -> dict[str, str]:
        """The setting, in the form that `parse` reads, for GET /_mock/latency."""
        return {DEFAULT: self.usual.text, **{name: spread.text for name, spread in self.operations.items()}}

    def spread(self, req_key: str | None) -> Spread:
        """The spread of an operation, or the usual one."""
        return self.operations.get(req_key or "", self.usual)

    def plan(self, outcome: Outcome, asked_s: float | None, parts: tuple[object, ...]) -> float:
        """Seconds from arrival to the first byte. A requested delay replaces the model, also for refusals."""
        if asked_s is not None:
            return asked_s
        if outcome.replayed is not None:
            return self._as_recorded(outcome, outcome.replayed.elapsed_s, parts)
        job = outcome.job
        spread = self.spread(job.req_key if job else None)
        if outcome.step != "sync" and (outcome.task or outcome.row.phase in ("model", "after")):
            if spread.kind == "off":  # spares the draw: most tests run without latency
                return 0.0
            return spread.gate_s(task_answer_s(outcome, parts))
        if job is None or outcome.row.phase in ("gateway", "gate"):
            return spread.gate_s(gate_s(outcome))
        return spread.delay_s(expected_s(job), contract.operation(job.req_key).timing.sigma, *parts)

    def _as_recorded(self, outcome: Outcome, elapsed_s: float, parts: tuple[object, ...]) -> float:
        """A recorded answer takes as long as it took, or by the setting; a refusal and a step of a task are not the
        model's work."""
        spread = self.spread(outcome.req_key)
        if outcome.step != "sync" or outcome.row.phase in ("gateway", "gate"):
            return spread.gate_s(elapsed_s)
        return spread.delay_s(elapsed_s, 0.0, *parts)

    def task_plan(self, job: Job, parts: tuple[object, ...]) -> TaskPlan:
        """How long the job is in the queue, and generating: the model's time of its picture. Nothing when it is off."""
        spread = self.spread(job.req_key)
        if spread.kind == "off":
            return TaskPlan(0.0, 0.0, float(contract.parameter("task_lifetime_s")))
        queue_s = contract.parameter("task_queue_s") if spread.kind in ("factor", "realistic") else 0.0
        sigma = contract.operation(job.req_key).timing.sigma
        return TaskPlan(
            spread.delay_s(queue_s, sigma, *parts, "queue") if queue_s else 0.0,
            spread.delay_s(expected_s(job), sigma, *parts),
            float(contract.parameter("task_lifetime_s")),
        )


def task_answer_s(outcome: Outcome, parts: tuple[object, ...]) -> float:
    """The observed time of an answer about a task."""
    if outcome.step == "submit":
        least_s, most_s = (contract.parameter(f"task_submit_{end}_s") for end in ("least", "most"))
        return float(least_s + (most_s - least_s) * draws.uniform(*parts))
    is_done = outcome.task is not None and outcome.task.state == "done"
    return float(contract.parameter("task_done_elapsed_s" if is_done else "task_waiting_elapsed_s"))


def expected_s(job: Job) -> float:
    """The expected time of a job by the model: its steps, the pixels of its first picture, its quality."""
    timing = contract.operation(job.req_key).timing
    steps, quality = job.parameters.get("steps"), job.parameters.get("quality")
    facts = job.pictures[0].facts if job.pictures else None
    return timing.expected_s(
        steps=float(max(0, min(steps, MAX_STEPS))) if isinstance(steps, (int, float)) else None,
        pixels=facts.width * facts.height if facts else None,
        quality=quality if isinstance(quality, str) else "M",
    )


def gate_s(outcome: Outcome) -> float:
    """The observed time of a refusal; longer if the pictures were checked."""
    checked_pictures = outcome.job is not None or bool(outcome.facts)
    return float(contract.parameter("gate_after_pictures_elapsed_s" if checked_pictures else "gate_elapsed_s"))


def spread_of(text: object, where: str) -> Spread:
    """Raises BadLatency."""
    if not isinstance(text, str):
        raise BadLatency(f"{where}: {str(text)[:40]!r} is not a latency; wanted one of {FORMS} as text")
    plain = text.strip().removeprefix("uniform:").strip()
    if plain in ("off", "realistic"):
        return Spread("off" if plain == "off" else "realistic", plain)
    factor = _FACTOR.fullmatch(plain)
    if factor:
        return _factor(float(factor[1]), plain, where)
    return _uniform(plain, where) if ".." in plain else _constant(plain, where)


def _factor(factor: float, text: str, where: str) -> Spread:
    if factor > MAX_FACTOR:
        raise BadLatency(f"{where}: {text} is too large; the largest factor is {MAX_FACTOR:g}x")
    return Spread("factor", text, factor)


def _uniform(text: str, where: str) -> Spread:
    low, _, high = text.partition("..")
    low_s, high_s = _seconds(low, where), _seconds(high, where)
    if low_s > high_s:
        raise BadLatency(f"{where}: {text} has its ends reversed; wanted the shorter duration first, like 1s..3s")
    return Spread("uniform", text, low_s, high_s)


def _constant(text: str, where: str) -> Spread:
    return Spread("constant", text, _seconds(text, where))


def _seconds(text: str, where: str) -> float:
    try:
        return durations.parse(text.strip())
    except durations.BadDuration as error:
        raise BadLatency(f"{where}: {error}; or one of {FORMS}") from None


def _demand_operation(name: object) -> None:
    known = [DEFAULT, *contract.operations()]
    if name not in known:
        nearest = contract.nearest(str(name), known)
        hint = f" Did you mean {nearest!r}?" if nearest else ""
        raise BadLatency(f"latency: unknown req_key {str(name)[:60]!r}; permitted: {', '.join(known)}.{hint}", known)
