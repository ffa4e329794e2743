"""Parse: from a RawRequest to a Call. Action, Version and body size are checked here; the body is only read.

What is wrong with the body stays on the Call until `resolve` raises it, because credentials and
quotas are checked first: the order of checks is part of the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from volcv_mock import contract
from volcv_mock._util.media_type import JSON, media_type
from volcv_mock._util.memo import remembering
from volcv_mock.contract.refusals import OPERATION_UNKNOWN, refuse
from volcv_mock.model import Call, Credential, Problem, RawRequest, Validated, Visit
from volcv_mock.stages import json_text

USUAL_QUERY = 256
"""Characters: clients send the same one all the time."""
ACTION, VERSION = "query.Action", "query.Version"
SOURCE_QUERY = "S1, Query参数"


def parse(
    raw: RawRequest, visit: Visit, validated: Validated | None = None, light: Mapping[str, Any] | None = None
) -> Call:
    """The call, whose body is `light` or that of `validated` if one is given: it was read before.

    Raises Refusal for a body over the cap, a missing Action or Version, or one that is not served."""
    query = _first_values(raw.query)
    call = Call(raw, visit, action=query.get("Action", ""), version=query.get("Version", ""))
    _refuse_large_body(call)
    _refuse_missing(call, query)
    action = _served(call)
    body, problem, notes = _body(raw, validated, light)
    kept = None if problem else validated
    return Call(raw, visit, call.action, call.version, Credential("none"), body, problem, kept, notes, action.step,
                contract.is_wrapped(call.version), light is not None and not problem)  # fmt: skip


@remembering(USUAL_QUERY, once="X-")  # as presigned ones have it
def _first_values(query: str) -> Mapping[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True, encoding="utf-8", errors="replace")
    return MappingProxyType(dict(reversed(pairs)))


def _body(raw: RawRequest, validated: Validated | None, light: Mapping[str, Any] | None) -> json_text.Read:
    """The body, or what is wrong with it, and notes."""
    problem = _media_type_problem(raw)
    if problem:
        return None, problem, ()
    known = validated.body if validated else light
    return (known, None, ()) if known is not None else json_text.read_object(raw.body)


def _refuse_large_body(call: Call) -> None:
    cap = int(contract.parameter("body_limit_bytes"))
    if len(call.raw.body) > cap:
        raise refuse("body_too_large", call, body_too_large(len(call.raw.body)), values=(cap,))


def body_too_large(size_bytes: int) -> Problem:
    """The problem of a body over the cap."""
    cap = int(contract.parameter("body_limit_bytes"))
    return Problem("body", f"{size_bytes} bytes", f"at most {cap}", "Send smaller pictures.",
                   "body_too_large", "assumed")  # fmt: skip


def _refuse_missing(call: Call, query: Mapping[str, str]) -> None:
    for name, rule, value in (("Action", "action_missing", call.action), ("Version", "version_missing", call.version)):
        if not value:
            fix = f"Append ?Action=CVProcess&Version={contract.version()} to the URL."
            wanted = f"{name} in the query string, not in the body"
            problem = Problem(f"query.{name}", "nothing", wanted, fix, rule, SOURCE_QUERY)
            raise refuse(rule, call, problem, values=(name,))


def _served(call: Call) -> contract.Action:
    """The Action that a call names. Raises Refusal for one that is not served under its Version."""
    known = _served_actions()
    action = contract.action_of(call.action, call.version)
    if action and (action.name in known or action.name not in contract.actions()):  # the latter: one of a pattern
        return action
    nearest = contract.nearest(call.action, known)
    hint = f"Did you mean {nearest!r}? " if nearest and nearest != call.action else ""
    found = f"{call.action!r:.80} {call.version!r:.80}"
    problem = Problem(ACTION if call.action not in known else VERSION, found,
                      _actions_by_version(),
                      f"{hint}Fix the query string.", OPERATION_UNKNOWN, SOURCE_QUERY)  # fmt: skip
    raise refuse(OPERATION_UNKNOWN, call, problem, values=(call.action, call.version))


def _served_actions() -> Mapping[str, contract.Action]:
    """The Actions by name; a reading may leave out the three older ones of a single operation."""
    actions = contract.actions()
    if contract.reading("action-name") == "all":
        return actions
    older = {operation.legacy_action for operation in contract.operations().values()}
    return {name: action for name, action in actions.items() if name not in older}


def _actions_by_version() -> str:
    """What is served, for an error message: "A, B with Version 2022-08-31, or C with Version 2024-06-06"."""
    actions = _served_actions().values()
    versions = dict.fromkeys(version for action in actions for version in action.versions)
    return ", or ".join(
        f"{', '.join(action.name for action in actions if version in action.versions)} with Version {version}"
        for version in versions
    )


def _media_type_problem(raw: RawRequest) -> Problem | None:
    value = raw.header("content-type") or ""
    if media_type(value) == JSON or contract.reading("media-type-accepted") == "accept":
        return None
    return Problem("header.Content-Type", repr(value) if value else "nothing", "application/json",
                   "Send the JSON body as application/json; pictures travel inside it as base64.", "media_type",
                   "S1, Content-Type")  # fmt: skip
