"""The Actions: which name and Version are served, and which step of the work each one asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from volcv_mock._util.frozen import frozen
from volcv_mock.contract.documents import document
from volcv_mock.contract.operations import parameter
from volcv_mock.model import Step


@frozen
class Action:
    """`name` as a client sends it. `versions` are those it is served under."""

    name: str
    step: Step
    versions: tuple[str, ...]


@cache
def actions() -> Mapping[str, Action]:
    """The Actions with a name of their own, in the order of catalog.json. Any req_key is served under any."""
    return {row["name"]: _action(row["name"], row) for row in document("catalog.json")["actions"]}


def action_of(name: str, version: str) -> Action | None:
    """The Action of that name, or of the pattern that the name matches; None when that Version does not serve it."""
    found = actions().get(name) or _of_pattern(name)
    return found if found and version in found.versions else None


@cache
def versions() -> tuple[str, ...]:
    """Every Version that an Action is served under."""
    rows = [*document("catalog.json")["actions"], *document("catalog.json")["action_patterns"]]
    return tuple(dict.fromkeys(version for row in rows for version in row["versions"]))


def is_wrapped(version: str) -> bool:
    """Whether the answers of that Version are wrapped in ResponseMetadata and Result."""
    return version == str(parameter("wrapped_version"))


def _of_pattern(name: str) -> Action | None:
    """One Action per product exists at the vendor: JimengT2IV31SubmitTask, ..."""
    row = next((row for pattern, row in _patterns() if pattern.fullmatch(name)), None)
    return _action(name, row) if row else None


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...]:
    rows = document("catalog.json")["action_patterns"]
    return tuple((re.compile(row["pattern"], re.ASCII), row) for row in rows)


def _action(name: str, row: Mapping[str, Any]) -> Action:
    return Action(name, row["step"], tuple(row["versions"]))
