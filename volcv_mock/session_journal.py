"""Writes the journal entry of a session's call: at once, or later in its order (journal/backlog.py).

What waits holds neither the body of its request nor pictures that the memos do not have.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from volcv_mock import contract
from volcv_mock._util.frozen import changed
from volcv_mock.delivery import Reply, Writing
from volcv_mock.journal import entry_of
from volcv_mock.model import Outcome, Painted, Picture, RawRequest
from volcv_mock.signing import sha256_hex

if TYPE_CHECKING:
    from volcv_mock.session import Session
    from volcv_mock.world import World

SMALL_BYTES = 4096
"""A body of at most so much is kept until its entry is written."""


def write_entry(session: Session, outcome: Outcome, reply: Reply) -> Writing | None:
    """Write the entry, or let it wait for a pause of the server, or with others for a round trip to a common state:
    what is returned is over then."""
    world, writing = session.world, None
    if _may_wait(session, outcome, reply):
        _write_later(session, outcome, reply)
    else:
        writing = _write_in_turn(session, outcome, reply)
    if not world.settings.upstream:  # where an entry may have to be checked first
        world.backlog.keep_up()
    return writing


def _may_wait(session: Session, outcome: Outcome, reply: Reply) -> bool:
    """Whether the answer waits too, and what the entry is made of takes no memory, as the memos have it. Other
    processes, and a collector of spans, read at once."""
    if not _has_time(session, reply) or session.world.state.is_shared:
        return False
    if _is_remembered(session):
        is_small = not session.has_new_picture
    else:
        is_small = not (outcome.job or outcome.pictures or len(session.raw.body) > SMALL_BYTES)
    return is_small


def _has_time(session: Session, reply: Reply) -> bool:
    """Whether the answer waits for its delay, and is sent by the server that waits for its entry too. A collector of
    spans reads at once."""
    world = session.world
    return reply.plan.delay_s > 0 and world.backlog.is_open and session.mode == "mock" and not session.has_spans


def _is_remembered(session: Session) -> bool:
    return session.call is not None and session.call.validated is not None


def _write_later(session: Session, outcome: Outcome, reply: Reply) -> None:
    """The entry is made later too. Nothing of the session is kept: it has the body."""
    world, raw, size_bytes = session.world, session.raw, len(session.raw.body)
    raw = raw.without_body() if _is_remembered(session) else raw
    light, visit, fired, quota = _of(raw, outcome), session.visit, session.injections.fired(), session.quota_window

    def write() -> None:
        entry = entry_of(raw, visit, light, reply, fired, quota)
        entry.body_bytes = size_bytes
        world.opened(entry, visit.arrival)

    world.backlog.add(_as_now(world, write))


def _write_in_turn(session: Session, outcome: Outcome, reply: Reply) -> Writing | None:
    """The entry is made now. Behind others it waits with its thumbnails, without its pictures."""
    world = session.world
    entry = entry_of(session.raw, session.visit, outcome, reply, session.injections.fired(), session.quota_window)
    entry.body_bytes = session.body_bytes or entry.body_bytes
    waits = world.backlog.waits
    if waits and entry.sources and not session.prepared:
        world.full_pictures.keep(entry.id, entry.scope, entry.sources)
        session.prepared = world.state.journal.prepare(entry.sources)
        entry.sources = tuple(map(_without_bytes, entry.sources))
    may_wait = world.state.is_shared and not waits and _has_time(session, reply)
    arrival, prepared, along = session.visit.arrival, session.prepared, session.along or ()
    write = partial(world.opened, entry, arrival, prepared, along, may_wait=may_wait)
    session.prepared = ()
    if not waits:
        return write()
    world.backlog.add(_as_now(world, write))
    return None


def _as_now(world: World, work: Callable[[], object]) -> Callable[[bool], None]:
    """The work, to be done later under the contract and the readings of this call."""
    served, readings = world.contract, world.readings

    def later(_: bool) -> None:
        with contract.using(served), contract.playing(readings):
            work()

    return later


def _of(raw: RawRequest, outcome: Outcome) -> Outcome:
    """The same outcome of the request `raw`, which may have no body any more."""
    call = outcome.call or (outcome.job.call if outcome.job else None)
    if call is None or call.raw is raw:
        return outcome
    call = changed(call, raw=raw)
    return changed(outcome, call=call, job=changed(outcome.job, call=call) if outcome.job else None)


def _without_bytes(source: Picture | Painted) -> Picture | Painted:
    """A picture whose thumbnail is made."""
    if isinstance(source, Picture):
        return changed(source, data=b"", decoded=None)
    digest = source.digest or sha256_hex(source.data)
    return changed(source, data=b"", base64=b"", others=(), digest=digest,
                   size_bytes=source.size_bytes or len(source.data))  # fmt: skip
