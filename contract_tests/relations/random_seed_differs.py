"""MR 4: seed -1 is never an error, and two of its answers very probably differ.

Two random seeds may meet by chance, so where calls cost money the same file twice must be seen N of M times.
S1 and S3 say what -1 is for removal and the edits; the samples of the other req_keys send it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from ..planning.cases import Ask, Case, Exchanges
from .scenes import NAMES, Scene, first_scenes, scenes

SOURCES = {"removal": "S3-seed", "edit": "S3-seed, S1-seed, S1-seed-default",
           "official-edit": "S1-seed, S1-seed-default"}  # fmt: skip
INFERRED_FROM = "S3-seed, S1-seed"


def asks(scene: Scene, variant: int) -> dict[str, Ask]:
    request = scene.request(variant, seed=-1)
    return {"once": Ask(request), "again": Ask(request, repeat=1)}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    one, other = (exchange.received_picture for exchange in exchanges.values())
    if one == other:
        yield "seed -1 gave the same file twice"


def _case(scene: Scene) -> Case:
    source = SOURCES.get(NAMES[scene.req_key], "")
    return Case(scene.case_id("MR04", "edit"), "seed -1 asks for a random one", source or INFERRED_FROM,
                partial(asks, scene), compare, needs=scene.needs, is_probable=True,
                is_live=bool(source) and scene in first_scenes(), grade="stated" if source else "inferred",
                cells=("random seed",))  # fmt: skip


CASES = tuple(map(_case, scenes()))
