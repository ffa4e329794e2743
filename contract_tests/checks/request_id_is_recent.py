"""The moment inside `request_id` is now, in UTC+8, within a quarter of an hour."""

from __future__ import annotations

import datetime as dt

from .. import contract
from ..model import Exchange
from .base import Check, Texts
from .request_id_shape import SHAPE, top_id

TOLERANCE_S = 900


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    found = top_id(exchange)
    if not isinstance(found, str) or not SHAPE.fullmatch(found) or "replays" in exchange.capabilities:
        return
    if any(name == "X-Volcv-Mock-Scope" for name, _ in exchange.sent.headers):
        return  # a scope has a clock of its own, which the case may have moved
    zone = dt.timezone(dt.timedelta(hours=contract.figure("request_id_utc_offset_h")))
    try:
        moment = dt.datetime.strptime(found[:14], "%Y%m%d%H%M%S").replace(tzinfo=zone)
    except ValueError:
        yield f"request_id {found} does not begin with a moment"
        return
    off_s = abs((dt.datetime.fromisoformat(exchange.at) - moment).total_seconds())
    if off_s > TOLERANCE_S:
        yield f"request_id {found} is {off_s:.0f} s away from now"


CHECK = Check("request_id_is_recent", "a request id begins with the moment in UTC+8", "S0-infer-ctx, S3-example-answer",
              check, grade="seen")  # fmt: skip
