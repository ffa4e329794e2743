"""A first version of a contract folder, from exchanges that were recorded (`volcv-mock contract-init`).

The draft accepts every recorded request, but for members that were seen with several types. Types, members and values
are those that were seen; limits, defaults and the painter are for a person to complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from volcv_mock.contract.codes import success
from volcv_mock.contract.documents import COMMON_URN
from volcv_mock.contract.folder.branches import PICTURE_FIELDS, SUCCESS
from volcv_mock.contract.folder.observed import kinds_of, members_of, schema_of
from volcv_mock.contract.folder.templates import POINTER

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
PROMPTS = ("custom_prompt", "prompt")
TITLES = {"base64": "Pictures as base64", "urls": "Pictures by URL", "text": "No picture"}
PICTURES_OF = {"base64": "binary_data_base64", "urls": "image_urls"}
ITEMS = {"base64": "picture", "urls": "picture_url"}
LONGEST_BASE_S = 120.0
TASK_MEMBERS = ("status", "video_url", "aigc_meta_tagged", "task_id")
"""Members of data that belong to the answer about a task (schemas/tasks)."""
PART = f"{COMMON_URN}envelopes#/$defs/"
USUAL_ANSWER = {
    "algorithm_base_resp": PART + "algorithm_base_resp",
    "binary_data_base64": PART + "several_base64",
    "image_urls": PART + "several_links",
}
"""Members of data that the mock fills itself."""
USUAL_REQUEST = {"seed": "integer", "return_url": "boolean", "logo_info": "object"}
"""Members with a shipped schema, and the type that they then have."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A request and the success it got, synchronous or by a task (`step` submit). Pictures are stand-ins, or None.

    `picture_formats` are those of the pictures in the answer, `seconds` is how long the answer took.
    """

    step: str
    body: Mapping[str, Any]
    answer: Mapping[str, Any]
    has_mask: bool = False
    picture_formats: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def mode(self) -> str:
        """How the pictures were sent."""
        return next((mode for mode, name in PICTURES_OF.items() if _list(self.body.get(name))), "text")

    @property
    def data(self) -> Mapping[str, Any]:
        """The member `data` of the answer, without what belongs to a task."""
        data = self.answer.get("data")
        found = data if isinstance(data, Mapping) else {}
        return {name: value for name, value in found.items() if self.step == "sync" or name not in TASK_MEMBERS}


@dataclass(frozen=True, slots=True)
class OperationDraft:
    """One req_key: its row, its two schemas, and what could not be drafted."""

    row: dict[str, Any]
    request: dict[str, Any]
    response: dict[str, Any]
    notes: list[str] = field(default_factory=list)


def draft(req_key: str, seen: Sequence[Seen]) -> OperationDraft:
    """The draft of a req_key, from at least one success."""
    notes: list[str] = []
    request = _request(req_key, seen, notes)
    return OperationDraft(_row(req_key, seen, request, notes), request, _response(req_key, seen), notes)


def _row(req_key: str, seen: Sequence[Seen], request: Mapping[str, Any], notes: list[str]) -> dict[str, Any]:
    prompts = (name for name in PROMPTS if all(name in part["properties"] for part in request["$defs"].values()))
    prompt = next(prompts, None)
    steps = {each.step for each in seen}
    row: dict[str, Any] = {"req_key": req_key, "painter": _painter(seen, prompt), "prompt_field": prompt,
                           "calls": "both" if len(steps) > 1 else "sync" if "sync" in steps else "async"}  # fmt: skip
    formats = [format for each in seen for format in each.picture_formats]
    if formats:
        row["output"] = {"format": max(set(formats), key=formats.count), "most": max(map(_pictures_out, seen))}
    waited = [each.seconds for each in seen if each.seconds > 0]
    if waited:
        row["timing"] = {"base_s": min(max(round(median(waited), 3), 0.001), LONGEST_BASE_S)}
    members = dict(_members(seen, notes))
    return {**row, "data": members} if members else row


def _painter(seen: Sequence[Seen], prompt: str | None) -> str:
    if all(each.has_mask for each in seen):
        return "edit" if prompt else "removal"
    return "generate" if any(each.mode == "text" for each in seen) else "echo"


def _pictures_out(each: Seen) -> int:
    return max(1, *(len(_list(each.data.get(name))) for name in PICTURE_FIELDS))


def _list(value: Any) -> list[Any]:
    """A list of pictures; none where something else was sent or answered in its place."""
    return value if isinstance(value, list) else []


def _members(seen: Sequence[Seen], notes: list[str]) -> Iterable[tuple[str, Any]]:
    """Further members of data: a template where they repeat the request, else the value seen last."""
    for name in dict.fromkeys(name for each in seen for name in each.data):
        if name in USUAL_ANSWER or name in ("request_id", "infer_ctx"):
            continue
        having = [each for each in seen if name in each.data]
        repeated = next((member for member in having[-1].body if _repeats(having, name, member)), None)
        value = having[-1].data[name]
        if repeated is not None:
            yield name, f"{{/{repeated.replace('~', '~0').replace('/', '~1')}}}"
        elif POINTER.search(str(value)):
            notes.append(f"data.{name}: not drafted, because its text looks like a template")
        else:
            yield name, value


def _repeats(having: Sequence[Seen], name: str, member: str) -> bool:
    return member not in ("req_key", *PICTURE_FIELDS) and all(
        member in each.body and kinds_of([each.body[member], each.data[name]]) == kinds_of([each.data[name]])
        and each.body[member] == each.data[name] for each in having)  # fmt: skip


# --- the request schema


def _request(req_key: str, seen: Sequence[Seen], notes: list[str]) -> dict[str, Any]:
    modes = [mode for mode in ("base64", "urls", "text") if any(each.mode == mode for each in seen)]
    branches = {mode: _branch(req_key, mode, [each for each in seen if each.mode == mode], notes) for mode in modes}
    return {
        "$schema": JSON_SCHEMA, "$id": f"urn:volcv-mock:requests:{req_key}", "title": req_key,
        "oneOf": [{"$ref": f"#/$defs/{mode}"} for mode in modes], "$defs": branches,
    }  # fmt: skip


def _branch(req_key: str, mode: str, seen: Sequence[Seen], notes: list[str]) -> dict[str, Any]:
    bodies = [each.body for each in seen]
    plain = [{name: value for name, value in body.items() if name not in ("req_key", *PICTURE_FIELDS)}
             for body in bodies]  # fmt: skip
    found, lists = members_of(plain), _picture_lists(mode, seen)
    needed = [PICTURES_OF[mode]] if mode in PICTURES_OF else []
    parts = {name: _part(name, [body[name] for body in plain if name in body], notes) for name in found["properties"]}
    return {
        "title": TITLES[mode], "type": "object",
        "required": ["req_key", *needed, *(name for name in found["required"] if name in parts)],
        "properties": {"req_key": {"type": "string", "const": req_key}, **lists, **parts},
    }  # fmt: skip


def _part(name: str, values: Sequence[Any], notes: list[str]) -> dict[str, Any]:
    """The schema of one member. The dialect allows one type; of several, the most frequent is taken."""
    kinds = kinds_of(values)
    if len(kinds) > 1:
        others = ", ".join(kinds[1:])
        notes.append(f"{name}: seen as {kinds[0]} and as {others}; the draft takes {kinds[0]} only")
        values = [value for value in values if _is_of(kinds[0], value)]
    if USUAL_REQUEST.get(name) == kinds[0]:
        return {"$ref": COMMON_URN + name}
    return schema_of(values)


def _is_of(kind: str, value: Any) -> bool:
    return kinds_of([value])[0] in ((kind, "integer") if kind == "number" else (kind,))


def _picture_lists(mode: str, seen: Sequence[Seen]) -> dict[str, Any]:
    lists: dict[str, Any] = {
        name: {"description": "An empty list counts as absent.", "type": "array", "maxItems": 0,
               "items": {"type": "string"}}
        for name in PICTURE_FIELDS
    }  # fmt: skip
    if mode not in PICTURES_OF:
        return lists
    name = PICTURES_OF[mode]
    counts = [len(each.body[name]) for each in seen]
    roles = ["picture", "mask"] if all(each.has_mask for each in seen) else ["picture"]
    lists[name] = {"type": "array", "minItems": min(counts), "maxItems": max(counts),
                   "items": {"$ref": COMMON_URN + ITEMS[mode]}, "x-items": roles}  # fmt: skip
    return lists


# --- the response schema


def _response(req_key: str, seen: Sequence[Seen]) -> dict[str, Any]:
    datas = [each.data for each in seen]
    found = members_of(datas)
    parts = {name: {"$ref": USUAL_ANSWER[name]} if name in USUAL_ANSWER else _without_gen(part)
             for name, part in found["properties"].items()}  # fmt: skip
    usual = {name: {"$ref": USUAL_ANSWER[name]} for name in PICTURE_FIELDS}
    number = {"type": "integer", "const": success().code}
    return {
        "$schema": JSON_SCHEMA, "$id": f"urn:volcv-mock:responses:{req_key}", "title": f"Success of {req_key}",
        "type": "object", "required": list(SUCCESS),
        "properties": {
            "code": number,
            "data": {"type": "object", "required": found["required"], "properties": parts or usual},
            "message": {"type": "string"},
            "request_id": {"$ref": PART + "request_id"},
            **({"status": number} if any("status" in each.answer for each in seen) else {}),
            **({"time_elapsed": {"type": "string"}} if any("time_elapsed" in each.answer for each in seen) else {}),
        },
    }  # fmt: skip


def _without_gen(part: Any) -> Any:
    """A part of an answer: nothing generates it, so it has no bounds for a generator."""
    if isinstance(part, list):
        return [_without_gen(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    return {name: _without_gen(each) for name, each in part.items() if name not in ("x-gen", "x-unbounded")}
