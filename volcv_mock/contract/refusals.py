"""How a stage says no: the rule's row in schemas/codes.json becomes a Refusal."""

from __future__ import annotations

from collections.abc import Sequence

from volcv_mock import contract
from volcv_mock.model import Call, CodeRow, Outcome, Problem, Refusal


def refuse(
    rule: str,
    call: Call | None,
    *problems: Problem,
    message: str = "",
    values: Sequence[object] = (),
    row: CodeRow | None = None,
) -> Refusal:
    """The refusal that answers a broken rule; the caller raises it.

    `values` fill the row's message template; `message` replaces it; `row` goes before the rule's own.
    """
    row = row or contract.row_for_rule(rule)
    text = message or (contract.message_of(row, *values) if values else "")
    return Refusal(Outcome(row=row, call=call, problems=problems, message=text, notes=call.notes if call else ()))


def refuse_before_pipeline(call: Call, problem: Problem) -> Refusal:
    """The refusal of a request that never reaches the corridor: a wrong method or path, too long a body."""
    values = {
        "method_not_allowed": (call.raw.method,),
        "route_unknown": (call.raw.method, call.raw.path),
        "body_too_large": (contract.parameter("body_limit_bytes"),),
    }
    return refuse(problem.rule, call, problem, values=values.get(problem.rule, (problem.found,)))
