"""Statements of a test about its app, which the wire does not show, and the questions that stay open without them.

A statement applies to the calls made so far. The journal keeps it (journal/statements.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from volcv_mock import contract
from volcv_mock.journal import Entry
from volcv_mock.journal.statements import name_of
from volcv_mock.scope import DEFAULT_SCOPE
from volcv_mock.testing.verdict.base import OpenQuestion, ids, was_seen
from volcv_mock.world import World

SHOWN = ("fallback", "error", "picture")
GHOST_FACE = "201304"


def record_shown(world: World, what: str, scope: str = DEFAULT_SCOPE) -> int:
    """Record what the app showed for the calls so far; gives their number. Raises ValueError for an unknown value."""
    if what not in SHOWN:
        near = contract.nearest(str(what), SHOWN)
        hint = f" Did you mean {near!r}?" if near else ""
        raise ValueError(f"app_showed({what!r}); permitted: {', '.join(SHOWN)}.{hint}")
    calls = world.journal.entries(scope)
    for each in {call.scope for call in calls}:
        world.journal.statements.add(each, [name_of(call) for call in calls if call.scope == each], what)
    return len(calls)


def shown_for(world: World, calls: Sequence[Entry]) -> dict[str, str]:
    """What the app showed, by call id, for the calls with a statement."""
    known = {each: world.journal.statements.of_scope(each) for each in {call.scope for call in calls}}
    return {call.id: known[call.scope][name_of(call)] for call in calls if name_of(call) in known[call.scope]}


def is_ghost_face(call: Entry) -> bool:
    """Whether the response was 201304, inside a success or as the code."""
    return was_seen(call) and GHOST_FACE in (str(call.algorithm_status), str(call.code))


def open_questions(calls: Sequence[Entry], shown: dict[str, str]) -> Iterator[OpenQuestion]:
    """The questions that only the app's screen answers, for calls without a statement."""
    unsettled = [call for call in calls if call.id not in shown]
    ghosts = [call for call in unsettled if is_ghost_face(call)]
    if ghosts:
        yield OpenQuestion("did the app show its fallback picture on 201304?", ("fallback",), ids(ghosts))
    odd = [call for call in unsettled if _fails_with_200(call)]
    if odd:
        question = "did the client check `code` and `data`, or only for HTTP 200?"
        yield OpenQuestion(question, ("error", "fallback"), ids(odd))


def _fails_with_200(call: Entry) -> bool:
    is_success = call.row == str(contract.parameter("success_code")) and not call.algorithm_status
    return was_seen(call) and call.status == 200 and not is_success
