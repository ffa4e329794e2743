"""What a test says about its app, because the wire cannot show it, and what stays unknown without that.

A statement holds for the calls made so far. It names them with their time, so a call of a later test
that happens to have the same id is not settled by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal
from weakref import WeakKeyDictionary

from volcv_mock import contract
from volcv_mock.journal import Entry
from volcv_mock.testing.verdict.base import Open, ids, was_seen
from volcv_mock.world import DEFAULT_SCOPE, World

Shown = Literal["fallback", "error", "picture"]
SHOWN = ("fallback", "error", "picture")
GHOST_FACE = "201304"

_said: WeakKeyDictionary[World, dict[tuple[str, float], str]] = WeakKeyDictionary()


def note_shown(world: World, what: str, scope: str = DEFAULT_SCOPE) -> None:
    """Raises ValueError for a word that is none."""
    if what not in SHOWN:
        near = contract.nearest(str(what), SHOWN)
        hint = f" Did you mean {near!r}?" if near else ""
        raise ValueError(f"app_showed({what!r}); permitted: {', '.join(SHOWN)}.{hint}")
    calls = world.journal.entries(scope)
    known = _said.get(world, {})
    _said[world] = {(call.id, call.time_s): known.get((call.id, call.time_s), what) for call in calls}


def shown_for(world: World, calls: Sequence[Entry]) -> dict[str, str]:
    known = _said.get(world, {})
    return {call.id: known[(call.id, call.time_s)] for call in calls if (call.id, call.time_s) in known}


def is_ghost_face(call: Entry) -> bool:
    """201304 in either place: inside a success, or as the code itself."""
    return was_seen(call) and GHOST_FACE in (str(call.algorithm_status), str(call.code))


def open_questions(calls: Sequence[Entry], shown: dict[str, str]) -> Iterator[Open]:
    """What only the app's own screen could tell, for calls that no statement settles."""
    unsettled = [call for call in calls if call.id not in shown]
    ghosts = [call for call in unsettled if is_ghost_face(call)]
    if ghosts:
        yield Open("did the app show its fallback picture on 201304?", 'volcv.app_showed("fallback")', ids(ghosts))
    odd = [call for call in unsettled if _fails_with_200(call)]
    if odd:
        question = "did the client look at `code` and `data`, or only at HTTP 200?"
        yield Open(question, 'volcv.app_showed("error"), or "fallback"', ids(odd))


def _fails_with_200(call: Entry) -> bool:
    is_success = call.row == str(contract.parameter("success_code")) and not call.algorithm_status
    return was_seen(call) and call.status == 200 and not is_success
