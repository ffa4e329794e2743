"""TK03: a done task that is asked for again gives the same picture, also as a link; req_json decides the output.

TK09: the watermark that req_json asks for is drawn, and nothing else changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ..checks.base import Graded
from ..model import Exchange
from ..pictures.pixels import changed_box, opened
from ..planning.cases import Ask, Case, Exchanges, NoEvidence
from ..runner.session import Session
from . import builders as b
from . import polling as p
from .scenes import NAMES, Scene, first_scenes
from .watermark_at_position import CORNERS, corner_of

AGAIN: Mapping[str, Mapping[str, Any]] = {"again": {}, "as a link": {"return_url": True}}
"""By name, what req_json holds when the task is asked for once more."""
AT = 2
LOGO = {"add_logo": True, "position": AT, "opacity": 1.0}


def asks(scene: Scene, variant: int) -> dict[str, Ask]:
    return {"submit": p.submit(scene.request(variant))}


def follow(session: Session, exchanges: Exchanges) -> dict[str, Exchange]:
    """Polls until the end; then the same once more, and as a link."""
    found = p.polled(session, exchanges)
    for name, options in AGAIN.items() if _is_done(found) else ():
        found[name] = p.poll(session, exchanges["submit"], name, p.AGAIN, **options)
    return found


def follow_marked(session: Session, exchanges: Exchanges) -> dict[str, Exchange]:
    """Polls until the end; then with a watermark."""
    found = p.polled(session, exchanges)
    if _is_done(found):
        found["marked"] = p.poll(session, exchanges["submit"], "marked", p.AGAIN, logo_info=LOGO)
    return found


def _is_done(exchanges: Exchanges) -> bool:
    return p.state_of(list(p.polls(exchanges).values())[-1]) == "done"


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    first = p.done(exchanges).received_picture
    for name in AGAIN:
        other = _received(exchanges, name)
        if exact and name == "again" and first != other:
            yield "the same task gave two different files"
        elif why := b.unlike(first, other, exact):
            yield f"the same task gave another picture when asked for {name}: {why}"


def compare_marked(exchanges: Exchanges, exact: bool) -> Iterator[str | Graded]:
    first, marked = p.done(exchanges).received_picture, _received(exchanges, "marked")
    box = changed_box(first, marked)
    if box is None:
        yield "the watermark that req_json asks for is not to be seen"
    elif (found := corner_of(box, opened(first).size)) != CORNERS[AT]:
        yield f"the watermark that req_json asks for is {' '.join(found)}, wanted {' '.join(CORNERS[AT])}"


def _received(exchanges: Exchanges, name: str) -> bytes:
    """The picture of a later poll. That a done task can be asked for again at all is not documented."""
    if exchanges[name].picture is None:
        raise NoEvidence(f"no picture when asked for {name}: {p.state_of(exchanges[name]) or 'a refusal'}")
    return exchanges[name].received_picture


CASES = (
    *(Case(f"TK03-{NAMES[scene.req_key]}", "a task has one result, as base64 or as a link", "V-tasks-result",
           partial(asks, scene), compare, follow_up=follow, grade="inferred") for scene in first_scenes()),
    *(Case(f"TK09-{NAMES[scene.req_key]}", "req_json asks for the watermark", "V-tasks-result",
           partial(asks, scene), compare_marked, follow_up=follow_marked, grade="inferred")
      for scene in first_scenes()),
)  # fmt: skip
