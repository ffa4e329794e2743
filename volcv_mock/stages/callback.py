"""Callbacks: what a submit says about one, and the document that is posted.

In this mode return_url, logo_info and aigc_meta stand in the submit, the last two as JSON text (vendor's page of an
asynchronous key, callback_url).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from volcv_mock import contract
from volcv_mock.contract.refusals import refuse
from volcv_mock.model import Call, Problem, Profile, RawRequest, Refusal
from volcv_mock.scope import SCOPE_HEADER
from volcv_mock.session import Session
from volcv_mock.stages import json_text
from volcv_mock.stages.render import render
from volcv_mock.stages.result import result_of
from volcv_mock.tasks import Callback, Task
from volcv_mock.world import World

URL = "callback_url"
AS_TEXT = ("logo_info", "aigc_meta")


def without_callback(call: Call, profile: Profile) -> tuple[Call, Callback | None]:
    """The call without the members of its callback, which the synchronous call has in another form, and the callback.

    Raises Refusal for members that cannot be read."""
    body = call.body or {}
    if URL not in body:
        return call, None
    problems = contract.check_task("callback", body, profile="default")
    options = {name: _parsed(name, body[name], problems) for name in AS_TEXT if isinstance(body.get(name), str)}
    problems += contract.check_task("req_json", {name: value for name, value in options.items() if value}, profile)
    if problems:
        raise refuse(problems[0].rule, call, *problems)
    kept = {name: value for name, value in body.items() if name not in (URL, *AS_TEXT)}
    return replace(call, body=kept), _callback(call.raw, body, options)


def posted_body(task: Task, world: World) -> bytes:
    """What is posted to the callback_url of a task that is done: the answer of the query, with the task's id."""
    assert task.callback is not None
    headers = ((SCOPE_HEADER, task.scope), ("Host", task.callback.host))
    raw = RawRequest("official", "POST", "/", "", headers, task.id.encode(), scheme=task.callback.scheme)
    session = Session(raw, world, counts=False)
    call = session.keep(Call(raw, session.visit, "", "", step="result"))
    with contract.playing(world.readings):
        try:
            outcome = result_of(task, call, session, task.callback.options)
        except Refusal as refusal:
            outcome = refusal.outcome
        return document(b"".join(render(outcome, session).body), task.id)


def document(answer: bytes, task_id: str) -> bytes:
    """The posted document: the answer of the query with a top-level task_id; a failure has data too."""
    found = {**json.loads(answer), "task_id": task_id}
    if found["data"] is None:
        found["data"] = {"resp_data": ""}
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _callback(raw: RawRequest, body: Mapping[str, Any], options: Mapping[str, Any]) -> Callback:
    options = {"return_url": body.get("return_url") is True, **options}
    return Callback(str(body[URL]), options, raw.scheme, raw.header("host") or "")


def _parsed(name: str, text: str, problems: list[Problem]) -> Mapping[str, Any]:
    found, problem, _ = json_text.read_object(text.encode("utf-8", "surrogatepass"))
    if found is None or problem:
        problems.append(Problem(f"$.{name}", "text that is no JSON object", "JSON text of an object", "Fix its JSON.",
                                "json_syntax", "vendor, a page of an asynchronous picture key"))  # fmt: skip
    return found or {}
