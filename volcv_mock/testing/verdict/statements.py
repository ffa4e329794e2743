"""Statements of a test about its app, which the wire does not show, and the questions that stay open without them.

A statement applies to the calls made so far. They are stored with their time, so that a call of a later test with
the same id is not affected.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal
from weakref import WeakKeyDictionary

from volcv_mock import contract
from volcv_mock.journal import Entry
from volcv_mock.testing.verdict.base import OpenQuestion, ids, was_seen
from volcv_mock.world import DEFAULT_SCOPE, World

Shown = Literal["fallback", "error", "picture"]
SHOWN = ("fallback", "error", "picture")
GHOST_FACE = "201304"

_statements: WeakKeyDictionary[World, dict[tuple[str, float], str]] = WeakKeyDictionary()


def record_shown(world: World, what: str, scope: str = DEFAULT_SCOPE) -> None:
    """Record what the app showed for the calls so far. Raises ValueError for an unknown value."""
    if what not in SHOWN:
        near = contract.nearest(str(what), SHOWN)
        hint = f" Did you mean {near!r}?" if near else ""
        raise ValueError(f"app_showed({what!r}); permitted: {', '.join(SHOWN)}.{hint}")
    calls = world.journal.entries(scope)
    known = _statements.get(world, {})
    _statements[world] = {(call.id, call.time_s): known.get((call.id, call.time_s), what) for call in calls}


def shown_for(world: World, calls: Sequence[Entry]) -> dict[str, str]:
    """What the app showed, by call id, for the calls with a statement."""
    known = _statements.get(world, {})
    return {call.id: known[(call.id, call.time_s)] for call in calls if (call.id, call.time_s) in known}


def is_ghost_face(call: Entry) -> bool:
    """Whether the response was 201304, inside a success or as the code."""
    return was_seen(call) and GHOST_FACE in (str(call.algorithm_status), str(call.code))


def open_questions(calls: Sequence[Entry], shown: dict[str, str]) -> Iterator[OpenQuestion]:
    """The questions that only the app's screen answers, for calls without a statement."""
    unsettled = [call for call in calls if call.id not in shown]
    ghosts = [call for call in unsettled if is_ghost_face(call)]
    if ghosts:
        yield OpenQuestion(
            "did the app show its fallback picture on 201304?", 'volcv.app_showed("fallback")', ids(ghosts)
        )
    odd = [call for call in unsettled if _fails_with_200(call)]
    if odd:
        question = "did the client check `code` and `data`, or only for HTTP 200?"
        yield OpenQuestion(question, 'volcv.app_showed("error"), or "fallback"', ids(odd))


def _fails_with_200(call: Entry) -> bool:
    is_success = call.row == str(contract.parameter("success_code")) and not call.algorithm_status
    return was_seen(call) and call.status == 200 and not is_success
