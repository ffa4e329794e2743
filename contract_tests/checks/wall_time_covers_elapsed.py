"""The client waited at least as long as `time_elapsed` says the service worked."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts
from .time_elapsed_is_duration import seconds

SLACK_S = 0.05


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    claimed_s = seconds(exchange.answer.members.get("time_elapsed"))
    if claimed_s is not None and claimed_s > exchange.answer.elapsed_s + SLACK_S:
        yield f"time_elapsed says {claimed_s:.3f} s, the whole call took {exchange.answer.elapsed_s:.3f} s"


CHECK = Check(
    "wall_time_covers_elapsed", "time_elapsed is time the caller waited", "S3-example-answer", check, grade="example"
)
