"""MR 13 and MR 22: `return_url` decides where the picture lies, not what it shows; a link still works later.

A picture behind a link is compared with the one in base64, so that whatever a relation says of base64 holds for links.
It is read once more at the end of the run, and, where the clock can be moved, shortly before its 24 hours are over.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ..model import Exchange
from ..planning.cases import Ask, Case, Exchanges
from ..runner.session import Session
from ..targets import Unreachable
from . import builders as b
from .scenes import NAMES, Scene, first_scenes, scenes

SCOPE = "contract-links"


def asks(scene: Scene, variant: int) -> dict[str, Ask]:
    return {"as a link": Ask(scene.request(variant, "link")), "as base64": Ask(scene.request(variant))}


def asks_later(scene: Scene, variant: int) -> dict[str, Ask]:
    return {"as a link": Ask(scene.request(variant, "link"))}


def asks_clock(variant: int) -> dict[str, Ask]:
    headers = (("Content-Type", "application/json"), ("X-Volcv-Mock-Scope", SCOPE))
    return {"as a link": Ask(first_scenes()[0].request(variant, "link"), changes=(("headers", headers),))}


def read_again(session: Session, exchanges: Exchanges) -> dict[str, Exchange]:
    """Each link read once more, now."""
    return {name: _read(session, one, "when read again") for name, one in exchanges.items()}


def read_on_the_last_hour(session: Session, exchanges: Exchanges) -> dict[str, Exchange]:
    """Each link read when the clock of its scope says 23 hours, and when it says 25."""
    read = dict(exchanges)
    for when, hours in (("after 23 hours", 23), ("after 25 hours", 2)):
        _advance(session, hours * 3600)
        read = {name: _read(session, one, when) for name, one in read.items()}
    session.target.client.post("/_mock/reset", headers={"X-Volcv-Mock-Scope": SCOPE}).raise_for_status()
    return read


def _advance(session: Session, seconds: int) -> None:
    headers = {"X-Volcv-Mock-Scope": SCOPE}
    session.target.client.post("/_mock/clock/advance", json={"seconds": seconds}, headers=headers).raise_for_status()


def _read(session: Session, exchange: Exchange, when: str) -> Exchange:
    if session.target.cases:
        return exchange  # a recording holds the first reading of a link, and is judged by that
    (url,) = exchange.answer.data["image_urls"]
    try:
        status, data = session.target.fetch(url)
    except Unreachable:
        status, data = 0, b""
    return replace(exchange, later_pictures=(*exchange.later_pictures, (when, status, data)))


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    link, plain = exchanges["as a link"].received_picture, exchanges["as base64"].received_picture
    if why := b.unlike(link, plain, exact):
        yield f"the picture behind the link is another one than in base64: {why}"


def compare_later(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    """Whether every later reading of a link gives the same bytes as the first, until its lifetime is over."""
    for exchange in exchanges.values():
        for when, status, data in exchange.later_pictures:
            if when == "after 25 hours":
                if status == 200:
                    yield f"the link still worked {when}, wanted an end after 24"
            elif status != 200:
                yield f"the link answered HTTP {status or 'nothing'} {when}, wanted 200 for 24 hours"
            elif data != exchange.received_picture:
                yield f"the link gave another file {when}"


SOURCES = {
    "removal": "S3-return-url, S3-out-urls, S3-out-base64, S3-out-jpeg",
    "edit": "S1-return-url, S1-out-urls, S1-out-base64, S1-out-jpeg, S1-custom-prompt",
    "official-edit": "S1-return-url, S1-out-urls, S1-out-base64, S1-out-jpeg",
    "outpainting": "S2-example-answer, S2-prompt",
    "seededit": "S0-seededit-url, S0-seededit-answer, S0-seededit-picture, S0-seededit-prompt",
}
LIVES = {"removal": "S3-return-url", "outpainting": "S3-return-url", "seededit": "S3-return-url"}


def _cases(scene: Scene) -> Iterator[Case]:
    kind = NAMES[scene.req_key]
    yield Case(f"MR13-{scene.name}", "one picture, as a link or as base64", SOURCES[kind], partial(asks, scene),
               compare, needs=scene.needs, is_probable=True, cells=("link equals base64",))  # fmt: skip
    yield Case(f"MR22-{scene.name}", "a link lives 24 hours", LIVES.get(kind, "S1-return-url"),
               partial(asks_later, scene), compare_later, needs=scene.needs, follow_up=read_again,
               cells=("link lives",))  # fmt: skip


CASES = (
    *(case for scene in scenes() for case in _cases(scene)),
    Case("MR22-clock", "a link lives 24 hours", "S3-return-url, S1-return-url", asks_clock, compare_later,
         needs=frozenset({"control"}), is_live=False, follow_up=read_on_the_last_hour),
)  # fmt: skip
