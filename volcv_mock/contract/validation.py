"""Validates a request body against its schema.

Only the branch of the request's own input mode is used, so that the text is about what the client
meant. Blobs never reach the validator: jsonschema would walk them and print them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import cache
from typing import Any

from volcv_mock.contract.documents import Schema, branch, task_schema
from volcv_mock.contract.operations import Operation, operation, operations
from volcv_mock.contract.wording import PICTURE_FIELDS, Finding, Path, problem_from, shown
from volcv_mock.model import Problem, Profile

TEXT_MODE = "text"
"""The input mode of a request without pictures."""
STAND_IN = "<picture>"
_LONGEST_TEXT = 200
_MOST_UNKNOWN = 100
"""Unknown members named in one object: finding the nearest known name of each is expensive."""
_Finder = Callable[[Any], Iterator[Any]]


def mode_of(req_key: str, body: Mapping[str, Any]) -> str:
    """The input mode a body means: base64 wins over URLs; for outpainting two pictures mean a canvas."""
    filled = [name for name in PICTURE_FIELDS if body.get(name)]
    mistyped = [name for name in PICTURE_FIELDS if name in body and not isinstance(body[name], list)]
    field = (filled or mistyped or PICTURE_FIELDS)[0]
    stem = "base64" if field == PICTURE_FIELDS[0] else "urls"
    modes = operation(req_key).modes
    if TEXT_MODE in modes and not filled and not mistyped:
        return TEXT_MODE
    if stem in modes:
        return stem
    pictures = body.get(field)
    count = len(pictures) if isinstance(pictures, list) else 0
    return f"{stem}_canvas" if count > 1 else f"{stem}_ratios"


def picture_field(mode: str) -> str:
    """The member of the body that holds the pictures in that mode."""
    return PICTURE_FIELDS[0] if mode.startswith("base64") else PICTURE_FIELDS[1]


def item_roles(req_key: str, mode: str) -> tuple[str, ...]:
    """What each picture is, such as ("picture", "mask"); () without pictures. See `roles_of`."""
    part = branch(operation(req_key).request_schema, mode, "default")["properties"].get(picture_field(mode), {})
    return tuple(part.get("x-items", ()))


def most_pictures() -> int:
    """The longest list of pictures that any req_key takes."""
    return max(_longest(each) for each in operations().values())


def _longest(each: Operation) -> int:
    branches = (branch(each.request_schema, mode, "default") for mode in each.modes)
    lists = (branch["properties"].get(name, {}) for branch in branches for name in PICTURE_FIELDS)
    return max((part["maxItems"] for part in lists if "x-items" in part and "maxItems" in part), default=0)


def roles_of(roles: tuple[str, ...], count: int) -> tuple[str, ...]:
    """The role of each of `count` pictures: the last role of a list counts for every further picture."""
    return (roles + roles[-1:] * count)[:count]


def check(req_key: str, mode: str, body: Mapping[str, Any], profile: Profile) -> list[Problem]:
    """Everything the schema finds wrong, in the order of the schema. Flat in the size of pictures."""
    roles = item_roles(req_key, mode)
    return [problem_from(finding, roles) for finding in _findings(req_key, mode, body, profile)]


def advice(req_key: str, mode: str, body: Mapping[str, Any]) -> tuple[str, ...]:
    """Notes on a request that passes: what the strict profile would have refused, and which of two
    fields wins."""
    advised = _findings(req_key, mode, body, "strict")
    accepted = set(_findings(req_key, mode, body, "default")) if advised else ()
    roles = item_roles(req_key, mode)
    extra = [found for found in advised if found not in accepted]
    notes = [problem_from(finding, roles) for finding in extra]
    said = [f"{note.where}: {note.found}; advised: {note.wanted} ({note.source})" for note in notes]
    return (*said, *_about_members(branch(operation(req_key).request_schema, mode, "default"), body))


def _about_members(schema: Schema, body: Mapping[str, Any]) -> Iterator[str]:
    """Notes on members that count only with, or only without, another one."""
    for kept, left in schema.get("x-prefers", {}).items():
        if body.get(kept) and body.get(left):
            yield f"$.{left}: ignored, because {kept} is given too"
    pair = schema.get("x-together", ())
    given = [name for name in pair if body.get(name) is not None]
    if given and len(given) < len(pair):
        yield f"$.{given[0]}: counts only together with {', '.join(name for name in pair if name not in given)}"


def task_sample(state: str) -> dict[str, Any]:
    """The data of an answer about a task, "waiting" or "done", as it was seen: every member with its empty value."""
    parts = task_schema(state)["properties"]
    return {name: copy(part["x-constant"]) for name, part in parts.items() if "x-constant" in part}


def check_task(name: str, body: Mapping[str, Any], profile: Profile) -> list[Problem]:
    """Everything that schemas/tasks/<name> finds wrong in the request of a later step of a task."""
    findings = _sorted(_task_finder(name, profile), task_schema(name, profile), body)
    return [problem_from(finding, ()) for finding in findings]


def _findings(req_key: str, mode: str, body: Mapping[str, Any], profile: Profile) -> list[Finding]:
    schema = branch(operation(req_key).request_schema, mode, profile)
    return _sorted(_finder(req_key, mode, profile), schema, body)


def _sorted(find: _Finder, schema: Schema, body: Mapping[str, Any]) -> list[Finding]:
    found = {finding: None for error in find(slim(body)) for finding in _findings_of(error)}
    mistyped = {finding.path for finding in found if finding.keyword == "type"}
    telling = [finding for finding in found if finding.keyword == "type" or finding.path not in mistyped]
    return sorted(telling, key=lambda finding: (_place(schema, finding.path), finding.keyword))


@cache
def _finder(req_key: str, mode: str, profile: Profile) -> _Finder:
    # jsonschema costs tens of milliseconds to import; `volcv-mock --help` must not pay for it.
    from jsonschema import Draft202012Validator

    found: _Finder = Draft202012Validator(branch(operation(req_key).request_schema, mode, profile)).iter_errors
    return found


@cache
def _task_finder(name: str, profile: Profile) -> _Finder:
    from jsonschema import Draft202012Validator  # lazy: as above

    found: _Finder = Draft202012Validator(task_schema(name, profile)).iter_errors
    return found


def slim(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body with each base64 text replaced by a short stand-in, and every other text cut short."""
    made = {name: _cut(value) for name, value in body.items() if name != PICTURE_FIELDS[0]}
    pictures = body.get(PICTURE_FIELDS[0], _cut)
    if isinstance(pictures, list):
        made[PICTURE_FIELDS[0]] = [STAND_IN if isinstance(item, str) else item for item in pictures]
    elif pictures is not _cut:
        made[PICTURE_FIELDS[0]] = _cut(pictures)
    return made


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_LONGEST_TEXT]
    return [_cut(item) for item in value] if isinstance(value, list) else value


def _findings_of(error: Any) -> Iterator[Finding]:
    """jsonschema reports unknown members all at once and names missing ones in prose; we want each."""
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        unknown = (name for name in error.instance if name not in error.schema["properties"])
        members = sorted(unknown)[:_MOST_UNKNOWN]
        yield from (Finding((*path, name), error.validator, name, error.schema) for name in members)
    elif error.validator == "required":
        members = [name for name in error.validator_value if name not in error.instance]
        parts = error.schema["properties"]
        yield from (Finding((*path, name), error.validator, parts[name]["type"], error.schema) for name in members)
    else:
        yield Finding(path, error.validator, error.instance, error.schema)


@cache
def defaults(req_key: str, mode: str) -> Mapping[str, Any]:
    """The documented defaults, also those inside logo_info."""
    return _defaults(branch(operation(req_key).request_schema, mode, "default"))


def _defaults(schema: Schema) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, part in schema["properties"].items():
        if "x-ignored" in part:
            continue
        if "default" in part:
            found[name] = part["default"]
        elif "properties" in part:
            found[name] = _defaults(part)
    return found


def clamp(req_key: str, mode: str, body: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The lenient profile: numbers outside a range are moved to its end, each with a note."""
    notes: list[str] = []
    made = _clamped(branch(operation(req_key).request_schema, mode, "default"), body, "$", notes)
    return made, tuple(notes)


def _clamped(schema: Schema, values: Mapping[str, Any], where: str, notes: list[str]) -> dict[str, Any]:
    made = dict(values)
    for name, part in schema["properties"].items():
        if isinstance(made.get(name), Mapping) and "properties" in part:
            made[name] = _clamped(part, made[name], f"{where}.{name}", notes)
        elif _is_number(made.get(name), part):
            made[name] = _nearest_in(part, made[name], f"{where}.{name}", notes)
    return made


def _nearest_in(part: Schema, value: Any, where: str, notes: list[str]) -> Any:
    held = max(value, part.get("minimum", value))
    held = min(held, part.get("maximum", held))
    if held != value:
        notes.append(f"{where}: {shown(value)} is outside the range and was taken as {shown(held)} (lenient)")
    return held


def _is_number(value: Any, part: Schema) -> bool:
    """Whether the value is a number of the member's own type: half a seed is no seed, and stays refused."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return part.get("type") == "number" or (part.get("type") == "integer" and value == value // 1)


def _place(schema: Schema, path: Path) -> tuple[tuple[int, str], ...]:
    """Where a finding sorts: by the order of members in the schema, unknown members last, by name."""
    place: list[tuple[int, str]] = []
    node: Any = schema
    for step in path:
        place.append(_rank(node, step))
        node = _below(node, step)
    return tuple(place)


def _rank(node: Any, step: str | int) -> tuple[int, str]:
    if isinstance(step, int):
        return step, ""
    names = list(node.get("properties", ()))
    return (names.index(step), "") if step in names else (len(names), step)


def _below(node: Any, step: str | int) -> Any:
    part = node.get("items", {}) if isinstance(step, int) else node.get("properties", {}).get(step, {})
    return part if isinstance(part, Mapping) else {}
