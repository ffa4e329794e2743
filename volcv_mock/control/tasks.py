"""Handlers for tasks: the list, and ending one."""

from __future__ import annotations

from volcv_mock.control.messages import ControlError, ControlRequest, ControlResponse, json_response
from volcv_mock.control.parsing import members
from volcv_mock.injection import of_word
from volcv_mock.injection.rules import BadRule
from volcv_mock.tasks import Task

MAX_TASKS = 1000
"""The newest tasks that are listed."""


def list_tasks(request: ControlRequest) -> ControlResponse:
    """The newest tasks, in the order of their submission."""
    store = request.world.tasks
    usage = {"held_bytes": store.held_bytes, "budget_bytes": store.budget_bytes}
    return json_response({"tasks": store.listing(request.scope)[-MAX_TASKS:], "inputs": usage})


def list_callbacks(request: ControlRequest) -> ControlResponse:
    """The callbacks of the scope that are over, oldest first; the newest 1000."""
    found = request.world.journal.callbacks.entries(request.scope)[-MAX_TASKS:]
    return json_response({"callbacks": [each.to_dict() for each in found]})


def finish(request: ControlRequest) -> ControlResponse:
    """Ends a task now, as done, or with the code or fault that the body names."""
    code = members(request.body or {}, ("code",)).get("code")
    task = _task(request)
    if code is None:
        request.world.tasks.finish(task)
    else:
        try:
            request.world.tasks.fail(task, of_word(str(code), "rule", "$.code").fired())
        except BadRule as error:
            raise ControlError(400, str(error), where=error.problem.where) from None
    return json_response(task.listed(request.world.clock(task.scope).now_s()))


def _task(request: ControlRequest) -> Task:
    known = request.world.tasks.listed(request.scope)
    task = next((each for each in known if each.id == request.path["task_id"]), None)
    if task is None:
        raise ControlError(404, "no such task in this scope", permitted=[each.id for each in known[-100:]])
    return task
