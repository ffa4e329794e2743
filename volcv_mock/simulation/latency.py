"""Latency: how long an answer takes, decided and never waited for.

A model per operation (schemas/catalog.json, anchored at the documents' own time_elapsed) grows with
steps, pixels and quality. What a user sets says what to make of it:

    off            nothing is added
    0.1x           a tenth of the model
    realistic      the model, spread log-normally with the catalog's sigma
    2.5s, 250ms    always that
    1s..3s         uniform between the two
    {"default": "realistic", "i2i_inpainting": "0.1x"}      per operation

Refusals before the model cost what the service was seen to take (a fraction of a millisecond), unless
latency is off; what the model or a review after it decides costs the full time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from volcv_mock import contract
from volcv_mock._util import durations
from volcv_mock.model import Job, Outcome
from volcv_mock.simulation import draws

Kind = Literal["off", "factor", "realistic", "constant", "uniform"]

DEFAULT = "default"
FORMS = "off, realistic, 0.1x, 2.5s, 250ms, 1s..3s"
MOST_FACTOR = 1000.0
MOST_STEPS = 1e9
"""No document bounds `steps`, up or down; the model's own ends are reached long before."""

_FACTOR = re.compile(r"(\d{1,9}(?:\.\d{1,9})?|\.\d{1,9})x", re.ASCII)


class BadLatency(ValueError):
    """A latency setting that is none; the message names the permitted forms, or req_keys."""

    def __init__(self, message: str, permitted: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.permitted = permitted or FORMS.split(", ")


@dataclass(frozen=True, slots=True)
class Spread:
    """One way to turn the model's expected time into a delay. `low` is the factor or the seconds."""

    kind: Kind
    text: str
    low: float = 0.0
    high: float = 0.0

    def delay_s(self, expected_s: float, sigma: float, *parts: object) -> float:
        if self.kind == "factor":
            return expected_s * self.low
        if self.kind == "realistic":
            return expected_s * math.exp(sigma * draws.normal(*parts))
        if self.kind == "uniform":
            return self.low + (self.high - self.low) * draws.uniform(*parts)
        return self.low

    def gate_s(self, seen_s: float) -> float:
        """A refusal before the model: as fast as seen, scaled by a factor; never the model's time."""
        return 0.0 if self.kind == "off" else seen_s * self.low if self.kind == "factor" else seen_s


OFF = Spread("off", "off")


@dataclass(frozen=True, slots=True)
class LatencyModel:
    """A scope's latency: one spread for all operations, others for some. Immutable: set a new one."""

    usual: Spread = OFF
    operations: Mapping[str, Spread] = field(default_factory=dict)

    @classmethod
    def parse(cls, setting: str | Mapping[str, Any]) -> LatencyModel:
        """From a text, or a table by req_key with an optional "default". Raises BadLatency."""
        if not isinstance(setting, Mapping):
            return cls(spread_of(setting, "latency"))
        for name in setting:
            _demand_operation(name)
        spreads = {name: spread_of(text, f"latency.{name}") for name, text in setting.items()}
        return cls(spreads.pop(DEFAULT, OFF), spreads)

    def described(self) -> dict[str, str]:
        """What `parse` would read back: for GET /_mock/latency."""
        return {DEFAULT: self.usual.text, **{name: spread.text for name, spread in self.operations.items()}}

    def spread(self, req_key: str | None) -> Spread:
        return self.operations.get(req_key or "", self.usual)

    def plan(self, outcome: Outcome, asked_s: float | None, parts: tuple[object, ...]) -> float:
        """Seconds from arrival to the first byte. A delay asked for replaces the model, refused or not."""
        if asked_s is not None:
            return asked_s
        job = outcome.job
        spread = self.spread(job.req_key if job else None)
        if job is None or outcome.row.phase in ("gateway", "gate"):
            return spread.gate_s(gate_s(outcome))
        return spread.delay_s(expected_s(job), contract.operation(job.req_key).timing.sigma, *parts)


def expected_s(job: Job) -> float:
    """What the model says about this job: its steps, the first picture's pixels, its quality."""
    timing = contract.operation(job.req_key).timing
    steps, quality = job.parameters.get("steps"), job.parameters.get("quality")
    facts = job.pictures[0].facts if job.pictures else None
    return timing.expected_s(
        steps=float(max(0, min(steps, MOST_STEPS))) if isinstance(steps, (int, float)) else None,
        pixels=facts.width * facts.height if facts else None,
        quality=quality if isinstance(quality, str) else "M",
    )


def gate_s(outcome: Outcome) -> float:
    """What was seen of refusals: longer once the pictures were looked at."""
    has_looked = outcome.job is not None or bool(outcome.facts)
    return float(contract.parameter("gate_after_pictures_elapsed_s" if has_looked else "gate_elapsed_s"))


def spread_of(text: object, where: str) -> Spread:
    """Raises BadLatency."""
    if not isinstance(text, str):
        raise BadLatency(f"{where}: {str(text)[:40]!r} is no latency; wanted one of {FORMS} as a text")
    plain = text.strip().removeprefix("uniform:").strip()
    if plain in ("off", "realistic"):
        return Spread("off" if plain == "off" else "realistic", plain)
    factor = _FACTOR.fullmatch(plain)
    if factor:
        return _factor(float(factor[1]), plain, where)
    return _uniform(plain, where) if ".." in plain else _constant(plain, where)


def _factor(factor: float, text: str, where: str) -> Spread:
    if factor > MOST_FACTOR:
        raise BadLatency(f"{where}: {text} is too much; the largest factor is {MOST_FACTOR:g}x")
    return Spread("factor", text, factor)


def _uniform(text: str, where: str) -> Spread:
    low, _, high = text.partition("..")
    low_s, high_s = _seconds(low, where), _seconds(high, where)
    if low_s > high_s:
        raise BadLatency(f"{where}: {text} runs backwards; wanted the shorter duration first, like 1s..3s")
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
