"""extra_field: members that no document names, at the top and inside every object below it.

In life a service grows members without notice; SeedEdit's `infer_ctx` did (S0). A client must not break on
what it does not know.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from volcv_mock.faults.base import Draft, Fault

NAME = "x_unannounced"
VALUE = {"note": "a member no document names", "list": [1, None, "é"]}


def apply(draft: Draft) -> Draft:
    """Add one unknown member to the document and to each object directly below it."""
    below = {name: _grown(value) for name, value in draft.document.items()}
    return replace(draft, document={**below, NAME: VALUE})


def _grown(value: Any) -> Any:
    return {**value, NAME: VALUE} if isinstance(value, dict) else value


FAULT = Fault(
    name="extra_field",
    hook="reply",
    stage="reply",
    summary="members that no document names, at the top and inside data",
    apply=apply,
)
