"""What a session keeps while its call is at the upstream: neither body nor pictures, and perhaps a check to be made.

In the mode `pass` a call may be passed on before it is checked; its journal entry then waits for the check, which is
made when the server pauses (journal/backlog.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from volcv_mock import contract
from volcv_mock.delivery import Reply
from volcv_mock.journal import entry_of, without_middle
from volcv_mock.model import Outcome, Painted, RawRequest
from volcv_mock.signing import sha256_hex

if TYPE_CHECKING:
    from volcv_mock.session import Session

LARGE_BYTES = 1_000_000
"""A body of so much is not kept until its call is checked."""
UNCHECKED = "the mock ended before it checked this request"


def without_body(session: Session, outcome: Outcome) -> Outcome:
    """The outcome of a call that waits for the upstream: thumbnails are made, its body and pictures gone."""
    pictures = outcome.job.pictures if outcome.job else outcome.pictures
    session.prepared = session.world.state.journal.prepare(pictures)
    session.world.full_pictures.keep(session.visit.call_id, session.visit.scope, pictures)
    session.body_bytes = len(session.raw.body)
    session.raw = replace(session.raw, body=b"")
    call = outcome.job.call if outcome.job else outcome.call
    assert call is not None
    call = session.keep(replace(call, raw=session.raw, body=None, validated=None))
    light = tuple(replace(picture, data=b"", decoded=None) for picture in pictures)
    if outcome.job:
        return replace(outcome, job=replace(outcome.job, call=call, pictures=light))
    return replace(outcome, call=call, pictures=light)


def check_later(session: Session, check: Callable[[], Outcome]) -> bool:
    """Whether the request may be passed on before `check` says what this mock would have answered."""
    world, size_bytes = session.world, len(session.raw.body)
    is_read_at_once = world.has_spans or world.state.is_shared  # by a collector, or by other processes
    session.place = None if is_read_at_once or size_bytes >= LARGE_BYTES else world.backlog.take(session.raw.body)
    session.check = check if session.place else None
    return session.check is not None


def kept_request(session: Session) -> RawRequest:
    """The request that waits for its check, with its body."""
    return replace(session.raw, body=session.world.backlog.read(session.place)) if session.place else session.raw


def checked(session: Session) -> Outcome:
    """The check, if it is needed at once."""
    assert session.check is not None
    found = session.check()
    drop_check(session)
    return found


def drop_check(session: Session) -> None:
    """The check is made, or never will be: what was kept for it is given back."""
    place, session.check, session.place = session.place, None, None
    if place:
        session.world.backlog.give_back(place)


def without_picture(session: Session, painted: Painted | None) -> Painted | None:
    """A picture of the upstream whose entry is written later: its thumbnail is made, its bytes are not kept."""
    if painted is None:
        return None
    light = replace(painted, digest=sha256_hex(painted.data), size_bytes=len(painted.data))
    session.prepared = session.world.state.journal.prepare((light,))
    return replace(light, data=b"")


def close_later(session: Session, outcome: Callable[[Outcome], Outcome], reply: Reply) -> Reply:
    """Let the journal entry wait until the answer left. `outcome` adds to the check what the upstream said."""
    assert session.check is not None
    check, world, readings, told = session.check, session.world, session.world.readings, without_middle(reply)
    session.is_deciding = False
    world.metrics.decided("", None)

    def write(checks: bool) -> None:
        with contract.using(world.contract), contract.playing(readings):
            found = outcome(check() if checks else replace(session.so_far(), notes=(UNCHECKED,)))
            entry = entry_of(session.raw, session.visit, found, told, session.injections.fired(), session.quota_window)
            entry.body_bytes = session.body_bytes
            session.world.opened(entry, session.visit.arrival, session.prepared)
            session.prepared = ()

    world.backlog.add(write, session.place)
    session.check = None
    return reply
