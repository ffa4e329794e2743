"""wrong_type: every number arrives as text and every list as its first element.

`code` is "10000", `data.binary_data_base64` one text instead of a list. In life a gateway written in
another language recodes the answer; clients exist that type `status` as text and break on the number, and
the other way round.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from volcv_mock.faults.base import Draft, Fault


def apply(draft: Draft) -> Draft:
    """Change the type of every number and list in the document."""
    return replace(draft, document={name: _other(value) for name, value in draft.document.items()})


def _other(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _other(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return _other(value[0]) if value else ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value


FAULT = Fault(
    name="wrong_type",
    hook="reply",
    stage="reply",
    summary="numbers as text, lists as their first element",
    apply=apply,
)
