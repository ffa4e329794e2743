"""What a fault is: one small hook that changes the outcome, the picture, the reply, or the wire.

A fault says what goes wrong; a rule (rules.py) says when. Each hook takes the thing and gives back a
changed one; none waits, makes random draws or touches a socket.

    task:    (TaskPlan) -> TaskPlan
    outcome: (Outcome) -> Outcome                          picture: (Painted, Job) -> Painted
    reply:   (Draft) -> Draft                              wire:    (DeliveryPlan, float | None) -> DeliveryPlan
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, replace
from typing import Any, Literal

from volcv_mock._util.frozen import frozen
from volcv_mock.delivery import DeliveryPlan, WireFault
from volcv_mock.model import Headers

Hook = Literal["task", "outcome", "picture", "reply", "wire"]
Stage = Literal["mode", "gateway", "gate", "task", "model", "after", "picture", "reply", "wire", "delay"]
WireName = Literal["reset", "empty", "truncate", "drip", "hang", "bad_length"]
Need = Literal["", "url", "base64", "jpeg", "mask", "repeat"]

PICTURE = "<picture>"
"""Stands in a Draft's document where the next one of `pictures_base64` will be spliced in."""


@frozen
class Fault:
    """`stage` is where it is drawn. `needs` names what an answer or request must have for it to show:
    a fault of URLs changes nothing in an answer with base64, so no rule is spent on it there.
    `row` is the id of the code row (schemas/codes.json) whose number also asks for this fault."""

    name: str
    hook: Hook
    stage: Stage
    summary: str
    apply: Callable[..., Any]
    needs: Need = ""
    takes_duration: bool = False
    row: str = ""


@frozen
class Draft:
    """A reply before it is bytes. `document` has PICTURE where each of `pictures_base64` goes; `override`,
    when set, is the whole body instead; `cut_bytes` are missing at the end of the body."""

    status: int
    headers: Headers
    document: dict[str, Any]
    pictures_base64: tuple[bytes, ...] = field(default=(), repr=False)
    override: bytes | None = field(default=None, repr=False)
    cut_bytes: int = 0
    keeps_order: bool = False

    @property
    def is_readable(self) -> bool:
        """Whether the body is the JSON document."""
        return self.override is None and not self.cut_bytes


def on_the_wire(name: WireName, usual_s: float = 0.0) -> Callable[..., Any]:
    """The hook of a wire fault: whoever delivers does the rest. `usual_s` counts when no duration is asked."""

    def apply(plan: DeliveryPlan, duration_s: float | None = None) -> DeliveryPlan:
        return replace(plan, wire=WireFault(name, usual_s if duration_s is None else duration_s))

    return apply
