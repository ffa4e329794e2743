"""Deviations of the asynchronous Actions: the synchronous call is as it should be.

A mock without latency has done every task at the first poll; a mutant that deviates earlier makes the first polls wait.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

from .. import contract
from .base import AnswerChange, Memory, Message, Mutant, has_size, on_picture, picture_of, with_picture
from .results import halved, mirrored

ID_DIGITS = 19


def step_of(asked: Message) -> str:
    """The step of a request's Action; empty for a request of the control API or for a picture."""
    actions = parse_qs(asked.query).get("Action")
    return contract.step_of(actions[0]) if actions else ""


def on(step: str, change: AnswerChange) -> AnswerChange:
    """A change of the successes of one step."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        return change(asked, reply, memory) if step_of(asked) == step and reply.is_success else reply

    return answer


def submitted(change: Callable[[dict[str, Any]], Any]) -> AnswerChange:
    """Another `data` in the answer to a submit."""
    return on("submit", lambda asked, reply, memory: reply.with_members(data=change(dict(reply.data))))


def done(change: Callable[[Message, Message], Message]) -> AnswerChange:
    """A change of the answers about done tasks."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        return change(asked, reply) if reply.data.get("status") == "done" else reply

    return on("result", answer)


def waits(*states: str, **members: Any) -> AnswerChange:
    """The first polls of a task are answered with these states, and with these members of `data`."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        number = _nth_poll(asked, memory)
        if number >= len(states):
            return reply
        return _waiting(reply, states[number], **members)

    return on("result", answer)


def _nth_poll(asked: Message, memory: Memory) -> int:
    """How often this task was asked for before."""
    counts: dict[str, int] = memory.setdefault("polls", {})
    task_id = str(asked.members.get("task_id"))
    counts[task_id] = counts.get(task_id, -1) + 1
    return counts[task_id]


def _waiting(reply: Message, status: str, **members: Any) -> Message:
    data = {"aigc_meta_tagged": False, "binary_data_base64": [], "image_urls": None, "status": status, "video_url": ""}
    return reply.with_members(data={**data, **members})


def back_after_done(asked: Message, reply: Message, memory: Memory) -> Message:
    """Done, and at the next poll generating again."""
    return _waiting(reply, "generating") if _nth_poll(asked, memory) == 1 else reply


def without(name: str, status: str) -> AnswerChange:
    """A member is missing from the answers about tasks with this status; the first poll waits."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        shown = _waiting(reply, "in_queue") if _nth_poll(asked, memory) == 0 else reply
        if shown.data.get("status") != status:
            return shown
        return shown.with_members(data={key: value for key, value in shown.data.items() if key != name})

    return on("result", answer)


def early_picture(asked: Message, reply: Message, memory: Memory) -> Message:
    """The picture while the task is generating."""
    return reply.with_data(status="generating") if _nth_poll(asked, memory) == 0 else reply


def one_id(asked: Message, reply: Message, memory: Memory) -> Message:
    """Every submit gets the id of the first."""
    return reply.with_data(task_id=memory.setdefault("id", reply.data.get("task_id")))


def rounded(data: dict[str, Any]) -> dict[str, Any]:
    """The id as a floating-point number would keep it."""
    return {**data, "task_id": str(int(float(data["task_id"])))}


def no_picture(asked: Message, reply: Message) -> Message:
    """Done without a picture."""
    return reply.with_data(binary_data_base64=None, image_urls=None)


def always_base64(asked: Message, memory: Memory) -> Message:
    """return_url of req_json is not looked at."""
    return _with_options(asked, lambda options: {**options, "return_url": False})


def never_given_up(asked: Message, memory: Memory) -> Message:
    """A cancel does nothing."""
    return replace(asked, query="Action=CVGetResult&Version=2024-06-06") if step_of(asked) == "cancel" else asked


def without_marks(asked: Message, memory: Memory) -> Message:
    """logo_info of req_json is not looked at."""
    return _with_options(asked, lambda options: {key: value for key, value in options.items() if key != "logo_info"})


def _with_options(asked: Message, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Message:
    if step_of(asked) != "result" or not asked.members.get("req_json"):
        return asked
    return asked.with_members(req_json=json.dumps(change(json.loads(asked.members["req_json"]))))


def other_seed(asked: Message, memory: Memory) -> Message:
    """The seed is lost between submit and model."""
    return asked.with_members(seed=5) if step_of(asked) == "submit" and "seed" in asked.members else asked


def earlier_picture(asked: Message, reply: Message, memory: Memory) -> Message:
    """The picture of the first task of the same size, for every later one."""
    picture = picture_of(reply)
    if picture is None:
        return reply
    return with_picture(reply, memory.setdefault(f"first {has_size(picture)}", picture))


def mirrored_again(asked: Message, reply: Message, memory: Memory) -> Message:
    """Another picture from the second time on."""
    if _nth_poll(asked, memory) == 0:
        return reply
    return on_picture(mirrored)(asked, reply, memory)


def as_unknown(reply: Message, status: str) -> Message:
    """A task that nobody submitted has this status."""
    return _waiting(reply, status) if reply.data.get("status") == "not_found" else reply


def anything_submitted(asked: Message, reply: Message, memory: Memory) -> Message:
    """A submit is not validated: a task comes of everything."""
    if step_of(asked) != "submit" or not reply.is_refusal:
        return reply
    return replace(reply, status=200).with_members(code=10000, status=10000, message="Success",
                                                   data={"task_id": "7" * ID_DIGITS})  # fmt: skip


def accepted(asked: Message, reply: Message, memory: Memory) -> Message:
    """HTTP 202 for a task that is not done."""
    shown = _waiting(reply, "in_queue") if _nth_poll(asked, memory) == 0 else reply
    return replace(shown, status=202) if shown.data.get("status") != "done" else shown


def status_in_words(asked: Message, reply: Message, memory: Memory) -> Message:
    """The state stands in the envelope's status."""
    return reply.with_members(status=reply.data.get("status"))


def dead_link(asked: Message, reply: Message) -> Message:
    """The link of a task leads nowhere."""
    links = reply.data.get("image_urls")
    return reply.with_data(image_urls=[f"{one}x" for one in links]) if links else reply


def _task(name: str, *caught_by: str, **how: Any) -> Mutant:
    return Mutant(f"task: {name}", caught_by, **how)


def _warned(name: str, why: str, *caught_by: str, **how: Any) -> Mutant:
    """What it breaks is a conclusion of this project, of which a paid target is only warned."""
    return Mutant(f"task: {name}", caught_by, only_warned=why, **how)


SAME = "that a task equals the synchronous call follows from two sentences, and no page says it"
ASKED_AGAIN = "no page says that a done task can be asked for again"


TASKS = (
    _task("task_id is a number", "task_id_is_text", answer=submitted(lambda data: {"task_id": int(data["task_id"])})),
    _task("task_id is a uuid", "task_id_is_text",
          answer=submitted(lambda data: {"task_id": "0b9b7b3e-7a3d-4f0e-9a55-0c7f7f1f2a11"})),
    _task("no task_id", "task_id_is_text", answer=submitted(lambda data: {})),
    _task("data null after a submit", "task_id_is_text", answer=submitted(lambda data: None)),
    _task("one id for every task", "task_id_is_new", answer=on("submit", one_id)),
    _task("task_id rounded", "TK01-removal", "TK01-edit", "TK01-official-edit", "TK01-outpainting", "TK01-seededit",
          answer=submitted(rounded)),
    _task("a state of its own", "task_status_is_known", answer=waits("processing")),
    _task("failed instead of done", "task_status_is_known",
          answer=done(lambda asked, reply: reply.with_data(status="failed"))),
    _task("states in capitals", "task_status_is_known",
          answer=on("result", lambda asked, reply, memory: reply.with_data(status=reply.data["status"].upper()))),
    _task("the states go back", "TK01-removal", "TK01-edit", "TK01-official-edit", "TK01-outpainting", "TK01-seededit",
          answer=waits("generating", "in_queue")),
    _task("done, then generating again", "TK01-removal", "TK01-edit", "TK01-official-edit", "TK01-outpainting",
          "TK01-seededit", answer=on("result", back_after_done)),
    _task("not_found at first", "TK01-removal", "TK01-edit", "TK01-official-edit", "TK01-outpainting", "TK01-seededit",
          answer=waits("not_found")),
    _task("video_url missing in the queue", "task_answer_satisfies_schema", answer=without("video_url", "in_queue")),
    _task("aigc_meta_tagged missing when done", "task_answer_satisfies_schema",
          answer=without("aigc_meta_tagged", "done")),
    _task("base64 not in a list", "task_answer_satisfies_schema", answer=done(
        lambda asked, reply: reply.with_data(binary_data_base64=(reply.data["binary_data_base64"] or [None])[0]))),
    _task("a picture before the end", "task_picture_only_when_done", answer=on("result", early_picture)),
    _task("done without a picture", "task_picture_where_asked", answer=done(no_picture)),
    _task("return_url ignored", "task_picture_where_asked", request=always_base64),
    _task("a link that leads nowhere", "picture_link_works", answer=done(dead_link)),
    _task("half the size", "picture_size", answer=done(lambda asked, reply: on_picture(halved)(asked, reply, {}))),
    _task("HTTP 202 while it waits", "success_is_http_200", answer=on("result", accepted)),
    _task("the state in the envelope", "status_equals_code", "envelope_types", answer=on("result", status_in_words)),
    _task("in the queue, whoever asks", "TK04-unknown",
          answer=on("result", lambda asked, reply, memory: as_unknown(reply, "in_queue"))),
    _task("expired instead of not_found", "TK04-unknown", "TK08",
          answer=on("result", lambda asked, reply, memory: as_unknown(reply, "expired"))),
    _warned("another seed than asked", SAME, "TK02-removal", "TK02-edit", "TK02-seededit", request=other_seed),
    _warned("the picture of an earlier task", SAME, "TK02-removal", "TK02-edit", "TK02-official-edit", "TK02-seededit",
            "TK09-official-edit", "TK09-edit", answer=on("result", earlier_picture)),
    _warned("another picture when asked again", ASKED_AGAIN, "TK03-removal", answer=on("result", mirrored_again)),
    _warned("the watermark of req_json ignored", ASKED_AGAIN, "TK09-removal", request=without_marks),
    _warned("a submit is not validated", "no page says that a submit refuses what the call refuses", "TK05-range",
            answer=anything_submitted),
    _warned("a task cannot be given up", "no answer of CVCancelTask is public", "TK04-cancelled",
            request=never_given_up),
)  # fmt: skip
