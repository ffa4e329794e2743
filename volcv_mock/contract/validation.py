"""Validates a request body against its schema.

Only the branch of the request's own input mode is used, so that the text is about what the client
meant. Blobs never reach the validator: jsonschema would walk them and print them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from functools import cache
from typing import Any, cast

from volcv_mock.contract import extents
from volcv_mock.contract.documents import Schema, Shape, branch, task_schema
from volcv_mock.contract.in_force import per_contract
from volcv_mock.contract.operations import operation, operations, parameter
from volcv_mock.contract.readings import reading, shape
from volcv_mock.contract.wording import PICTURE_FIELDS, BrokenKeyword, Path, problem_from
from volcv_mock.model import Problem, Profile

TEXT_MODE = "text"
"""The input mode of a request without pictures."""
STAND_IN = "<picture>"
_LONGEST_TEXT = 200
"""Characters of a text that are validated, or one more than the longest that a schema permits."""
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
    if TEXT_MODE in modes and (modes == (TEXT_MODE,) or not (filled or mistyped)):
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
    part = branch(operation(req_key).request_schema, mode)["properties"].get(picture_field(mode), {})
    return tuple(part.get("x-items", ()))


def longest_list(req_key: str, mode: str) -> int | None:
    """The most pictures that one request may carry; None when the schema has no limit."""
    part = branch(operation(req_key).request_schema, mode)["properties"].get(picture_field(mode), {})
    return cast("int | None", part.get("maxItems"))


def most_pictures() -> int:
    """The longest list of pictures that any req_key takes."""
    every = ((each.req_key, mode) for each in operations().values() for mode in each.modes)
    return max(longest_list(req_key, mode) or 0 for req_key, mode in every)


def roles_of(roles: tuple[str, ...], count: int) -> tuple[str, ...]:
    """The role of each of `count` pictures: the last role of a list counts for every further picture."""
    return (roles + roles[-1:] * count)[:count]


def check(req_key: str, mode: str, body: Mapping[str, Any], profile: Profile) -> list[Problem]:
    """Everything the schema finds wrong, in the order of the schema. Flat in the size of pictures."""
    roles = item_roles(req_key, mode)
    found = [*_findings(req_key, mode, body, shape(profile)), *_unlike_the_documents(req_key, mode, body, profile)]
    return [problem_from(finding, roles) for finding in found]


def check_extent(req_key: str, mode: str, body: Mapping[str, Any], profile: Profile) -> list[Problem]:
    """What is wrong with width and height as a pair, of a body that the schema accepts. A lenient painter reduces the
    size instead."""
    if profile == "lenient":
        return []
    return list(extents.problems(branch(operation(req_key).request_schema, mode), body))


def ratios(req_key: str, mode: str, values: Mapping[str, Any]) -> tuple[float, float] | None:
    """The least and the greatest width by height that a request permits; None where its req_key has no such members."""
    return extents.ratios(branch(operation(req_key).request_schema, mode), values)


def advice(req_key: str, mode: str, body: Mapping[str, Any]) -> tuple[str, ...]:
    """Notes on a request that passes: what the strict profile would have refused, and which of two
    fields wins."""
    served, advising = shape(), _advising(shape())
    schema = branch(operation(req_key).request_schema, mode, advising)
    advised = _sorted(_adviser(req_key, mode, served), schema, slim(body, _longest_text(req_key, mode)))
    accepted = set(_findings(req_key, mode, body, served)) if advised else ()
    roles = item_roles(req_key, mode)
    extra = [found for found in advised if found not in accepted]
    notes = [problem_from(finding, roles) for finding in extra]
    said = [f"{note.where}: {note.found}; advised: {note.wanted} ({note.source})" for note in notes]
    return (*said, *_about_members(branch(operation(req_key).request_schema, mode), body))


def _advising(served: Shape) -> Shape:
    return Shape("strict", is_closed=True, patches=served.patches)


@per_contract
def _adviser(req_key: str, mode: str, served: Shape) -> _Finder:
    """Of the strict schema, only what the served one has otherwise: the body has passed the rest."""
    from jsonschema import Draft202012Validator  # lazy: as below

    request_schema = operation(req_key).request_schema
    passed = branch(request_schema, mode, served)
    found: _Finder = Draft202012Validator(_beyond(branch(request_schema, mode, _advising(served)), passed)).iter_errors
    return found


_NAMING = ("properties", "patternProperties")
"""Keywords by which additionalProperties knows the members that a schema names."""


def _beyond(strict: Schema, passed: Schema) -> dict[str, Any]:
    """The strict schema without the keywords and members in which it equals the other one."""
    kept = {key: value for key, value in strict.items() if key in _NAMING or passed.get(key) != value}
    known = passed.get("properties", {})
    parts = {name: True if known.get(name) == part else part for name, part in strict["properties"].items()}
    return {**kept, "properties": parts}


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
    findings = _sorted(_task_finder(name, shape(profile)), task_schema(name, shape(profile)), slim(body))
    return [problem_from(finding, ()) for finding in findings]


def _findings(req_key: str, mode: str, body: Mapping[str, Any], of: Shape) -> list[BrokenKeyword]:
    schema = branch(operation(req_key).request_schema, mode, of)
    return _sorted(_finder(req_key, mode, of), schema, slim(body, _longest_text(req_key, mode)))


_OUTER = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
"""A number beyond both bounds is refused by the outer one, as where only that is read."""


def _sorted(find: _Finder, schema: Schema, body: Mapping[str, Any]) -> list[BrokenKeyword]:
    found = {finding: None for error in find(body) for finding in _findings_of(error)}
    mistyped = {finding.path for finding in found if finding.keyword == "type"}
    known = {(finding.path, finding.keyword) for finding in found}
    telling = [one for one in found if one.keyword == "type" or one.path not in mistyped]
    telling = [one for one in telling if (one.path, _OUTER.get(one.keyword)) not in known]
    return sorted(telling, key=lambda finding: (_place(schema, finding.path), finding.keyword))


@per_contract
def _finder(req_key: str, mode: str, of: Shape) -> _Finder:
    # jsonschema costs tens of milliseconds to import; `volcv-mock --help` must not pay for it.
    from jsonschema import Draft202012Validator

    found: _Finder = Draft202012Validator(branch(operation(req_key).request_schema, mode, of)).iter_errors
    return found


@cache
def _task_finder(name: str, of: Shape) -> _Finder:
    from jsonschema import Draft202012Validator  # lazy: as above

    found: _Finder = Draft202012Validator(task_schema(name, of)).iter_errors
    return found


@per_contract
def _longest_text(req_key: str, mode: str) -> int:
    """The characters of a text that decide whether it is too long."""
    schema = branch(operation(req_key).request_schema, mode)
    return max(_LONGEST_TEXT, *(limit + 1 for limit in _text_limits(schema)), 0)


def _text_limits(schema: Schema) -> Iterator[int]:
    yield from (schema[key] for key in ("maxLength", "minLength") if key in schema)
    for part in [*schema.get("properties", {}).values(), schema.get("items")]:
        if isinstance(part, Mapping):
            yield from _text_limits(part)


def slim(body: Mapping[str, Any], longest: int = _LONGEST_TEXT) -> dict[str, Any]:
    """The body with each base64 text replaced by a short stand-in, and every other text cut short."""
    made = {name: _cut(value, longest) for name, value in body.items() if name != PICTURE_FIELDS[0]}
    pictures = body.get(PICTURE_FIELDS[0], _cut)
    if isinstance(pictures, list):
        made[PICTURE_FIELDS[0]] = [STAND_IN if isinstance(item, str) else item for item in pictures]
    elif pictures is not _cut:
        made[PICTURE_FIELDS[0]] = _cut(pictures, longest)
    return made


def _cut(value: Any, longest: int) -> Any:
    if isinstance(value, str):
        return value[:longest]
    return [_cut(item, longest) for item in value] if isinstance(value, list) else value


def _findings_of(error: Any) -> Iterator[BrokenKeyword]:
    """jsonschema reports unknown members all at once and names missing ones in prose; we want each."""
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        unknown = (name for name in error.instance if name not in error.schema["properties"])
        members = sorted(unknown)[:_MOST_UNKNOWN]
        yield from (BrokenKeyword((*path, name), error.validator, name, error.schema) for name in members)
    elif error.validator == "required":
        members = [name for name in error.validator_value if name not in error.instance]
        parts = error.schema["properties"]
        yield from (BrokenKeyword((*path, name), error.validator, parts[name]["type"], error.schema)
                    for name in members)  # fmt: skip
    else:
        yield BrokenKeyword(path, error.validator, error.instance, error.schema)


@per_contract
def defaults(req_key: str, mode: str) -> Mapping[str, Any]:
    """The documented defaults, also those inside logo_info."""
    return _defaults(branch(operation(req_key).request_schema, mode))


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


def _unlike_the_documents(
    req_key: str, mode: str, body: Mapping[str, Any], profile: Profile
) -> Iterator[BrokenKeyword]:
    """What only a reading refuses: whole numbers as floats, and prompts of more words than advised."""
    refuses_floats = reading("whole-floats", profile) == "refuse"
    refuses_long = reading("long-prompts", profile) == "refuse"
    if not (refuses_floats or refuses_long):
        return
    schema = branch(operation(req_key).request_schema, mode)
    for name, part in schema["properties"].items():
        value = body.get(name)
        if refuses_floats and part.get("type") == "integer" and isinstance(value, float) and value.is_integer():
            yield BrokenKeyword((name,), "type", value, part)
        if refuses_long and isinstance(value, str) and _words(value) > parameter("advised_prompt_words"):
            yield BrokenKeyword((name,), "maxLength", value, {**part, "maxLength": parameter("advised_prompt_words")})


def _words(text: str) -> int:
    """Words between blanks; each Chinese character is one."""
    return len(_word().findall(text))


@cache
def _word() -> re.Pattern[str]:
    """Compiled with the first prompt: its characters take a hundredth of the start."""
    return re.compile(r"[\u3400-\u9fff]|[^\s\u3400-\u9fff]+")


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
