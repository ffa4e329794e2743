"""Tasks as a client sees them: a submit, and polls until the task has ended.

The relations over tasks (`task_*.py`) start here. A submit is an ask of a case; its polls follow once it was answered
and cost nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..model import Exchange, Expect, Request, Sent
from ..planning.cases import Ask, Exchanges, NoEvidence
from ..runner.session import Session

Query = tuple[tuple[str, str], ...]
JSON = ("Content-Type", "application/json")


def query(action: str, version: str = "2022-08-31") -> Query:
    """The query string of an Action."""
    return (("Action", action), ("Version", version))


SUBMIT, RESULT = query("CVSync2AsyncSubmitTask"), query("CVSync2AsyncGetResult")
CANCEL = query("CVCancelTask", "2024-06-06")
SUBMITTED = Expect(success=True, rule_grade="inferred")
"""That a req_key of the synchronous pages can be submitted is known from client code."""
ANSWERED = Expect(success=True, rule_grade="prose")
AGAIN = Expect(success=True, rule_grade="inferred")
"""No page says that a task can be asked for again once it is done."""
NEVER_SUBMITTED = "7213499871234567890"
"""An id as the service gives them, of no task."""
WAITING = ("in_queue", "generating")
PAUSE_S = 2.0
"""Between two polls, as clients found in public do."""
MOST_POLLS, MOST_POLLS_AT_ONCE = 90, 8
"""Of a task that takes its time: three minutes; and where nothing takes time."""
IN_THE_ANSWER_ONLY = ("return_url", "logo_info")
"""Members of the synchronous call that a task is given when its result is asked for (V-tasks-submit)."""


def submit(request: Request, *headers: tuple[str, str], action: Query = SUBMIT) -> Ask:
    """The ask that submits a request."""
    changes: tuple[tuple[str, Any], ...] = (("query", action),)
    changes += (("headers", (JSON, *headers)),) if headers else ()
    return Ask(request.without(*IN_THE_ANSWER_ONLY), SUBMITTED, changes=changes)


def about(req_key: str, task_id: str, action: Query = RESULT, expect: Expect | None = None) -> Ask:
    """The ask for the result of a task with this id, submitted or not."""
    body = json.dumps({"req_key": req_key, "task_id": task_id}).encode()
    return Ask(Request(req_key), expect, changes=(("body", body), ("query", action)))


def poll(session: Session, task: Exchange, name: str, expect: Expect | None = ANSWERED, action: Query = RESULT,
         req_key: str = "", **options: Any) -> Exchange:  # fmt: skip
    """Ask for the result of a task; `options` are those of req_json. `name` is that of the exchange in its case."""
    asked = {"req_key": req_key or json.loads(task.sent.body)["req_key"], "task_id": task.answer.data["task_id"]}
    asked |= {"req_json": json.dumps(options)} if options else {}
    headers = tuple(pair for pair in task.sent.headers if pair[0] != "X-Volcv-Mock")
    run = task.sent.use.rpartition("#")[2]
    use = f"{session.case_id}/{name}#{run}" if task.sent.use else ""
    return session.post(Sent(json.dumps(asked).encode(), task.request, query=action, headers=headers, use=use), expect)


def until_ended(session: Session, task: Exchange, **options: Any) -> Iterator[tuple[str, Exchange]]:
    """The polls by name, the last of which has an end, unless the task takes longer than anyone waits."""
    takes_time = session.target.can("real_time") and not session.target.can("replays")
    for number in range(1, (MOST_POLLS if session.target.can("real_time") else MOST_POLLS_AT_ONCE) + 1):
        name = f"poll {number}"
        found = poll(session, task, name, **options)
        yield name, found
        if state_of(found) not in WAITING:
            return
        if takes_time:
            with session.stop.waiting():
                session.target.sleep(PAUSE_S)


def polled(session: Session, exchanges: Exchanges) -> dict[str, Exchange]:
    """The exchanges of a case, and the polls of its task."""
    return {**exchanges, **dict(until_ended(session, exchanges["submit"]))}


def state_of(poll: Exchange) -> str:
    """The state that an answer reports; empty for a refusal."""
    return str(poll.answer.data.get("status") or "") if poll.answer.is_success else ""


def polls(exchanges: Exchanges) -> Mapping[str, Exchange]:
    """Those of the exchanges that ask until the end, in order."""
    return {name: one for name, one in exchanges.items() if name.startswith("poll ")}


def done(exchanges: Exchanges) -> Exchange:
    """The poll that gave the picture. Raises NoEvidence when none did: another case says what that means."""
    last = list(polls(exchanges).values())[-1]
    if state_of(last) != "done" or last.picture is None:
        raise NoEvidence(f"no picture of a task to compare: the last state is {state_of(last) or 'a refusal'}")
    return last
