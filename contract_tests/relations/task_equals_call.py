"""TK02: a task gives the picture of the synchronous call with the same request and seed.

The page says that the body is the same (V-tasks-submit), and S3 that a seed very probably repeats its picture; that
both hold together is a conclusion.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from .. import contract
from ..generate import plain_request
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b
from . import polling as p
from .scenes import NAMES, Scene, first_scenes


def asks(scene: Scene, variant: int) -> dict[str, Ask]:
    request = scene.request(variant)
    return {"call": Ask(request), "submit": p.submit(request)}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    one, other = exchanges["call"].received_picture, p.done(exchanges).received_picture
    if exact and one != other:
        yield "the task gave another file than the synchronous call with the same request and seed"
    elif why := b.unlike(one, other, exact):
        yield f"the task gave another picture than the synchronous call with the same request and seed: {why}"


def asks_newer(req_key: str, variant: int) -> dict[str, Ask]:
    """Of a req_key beyond S0 to S4: the plain request, with a seed where it has one."""
    mode = contract.served()[req_key]["modes"][0]
    seed = {"seed": b.SEED + variant} if "seed" in contract.request_schema(req_key, mode)["properties"] else {}
    request = plain_request(req_key, mode, **seed)
    return {"call": Ask(request), "submit": p.submit(request)}


SENTENCE, SOURCE = "a task gives the picture of the synchronous call", "V-tasks-submit, S3-seed-repeat"
CASES = (
    *(Case(f"TK02-{NAMES[scene.req_key]}", SENTENCE, SOURCE, partial(asks, scene), compare, follow_up=p.polled,
           is_probable=True, grade="inferred") for scene in first_scenes()),
    *(Case(f"TK02-{req_key}", SENTENCE, SOURCE, partial(asks_newer, req_key), compare, follow_up=p.polled,
           is_live=False, grade="inferred") for req_key in contract.newer()),
)  # fmt: skip
