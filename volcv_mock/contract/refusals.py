"""How a stage refuses: the rule's row in schemas/codes.json becomes a Refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from volcv_mock import contract
from volcv_mock.contract.resellers import Reseller
from volcv_mock.model import Call, CodeRow, Outcome, Problem, Refusal

OPERATION_UNKNOWN = "operation_unknown"


def refuse(
    rule: str,
    call: Call | None,
    *problems: Problem,
    message: str = "",
    values: Sequence[object] = (),
    row: CodeRow | None = None,
) -> Refusal:
    """The refusal that answers a broken rule; the caller raises it.

    `values` fill the row's message template; `message` replaces it; `row` replaces the rule's own row.
    """
    row = row or contract.row_for_rule(rule)
    text = message or (contract.message_of(row, *values) if values else "")
    return Refusal(Outcome(row=row, call=call, problems=problems, message=text, notes=call.notes if call else ()))


def refuse_before_pipeline(call: Call, problem: Problem, reseller: Reseller) -> Refusal:
    """The refusal of a request that does not enter the pipeline: a wrong method or path, a body over the cap."""
    problem = _as_routed(call, problem, reseller)
    values = {
        "method_not_allowed": (call.raw.answered_as,),
        "method_not_routed": (call.raw.answered_as, call.raw.path),
        "route_unknown": (call.raw.answered_as, call.raw.path),
    }
    return refuse(problem.rule, call, problem, values=values.get(problem.rule, (problem.found,)))


def _as_routed(call: Call, problem: Problem, reseller: Reseller) -> Problem:
    """A reseller's router may have no route for a method, and answers as for an unknown path."""
    is_unrouted = call.raw.endpoint == "proxy" and call.raw.method in reseller.unrouted_methods
    is_unrouted = is_unrouted and problem.rule == "method_not_allowed"
    return replace(problem, rule="method_not_routed") if is_unrouted else problem


def under_readings(outcome: Outcome, answers: Mapping[str, CodeRow]) -> Outcome:
    """The outcome with the row that a reading gives its rule."""
    row = answers.get(outcome.problems[0].rule) if outcome.problems else None
    if row is None or row == outcome.row:
        return outcome
    return replace(outcome, row=row, message=filled(row, outcome.call))


def filled(row: CodeRow, call: Call | None, other: str = "") -> str:
    """The message of a row that answers where another rule is broken, or none: an operation that is not found is
    named, and `other` fills what else the message asks for."""
    if row == contract.row_for_rule(OPERATION_UNKNOWN) and call:
        return contract.message_of(row, call.action, call.version)
    return contract.message_of(row, other, other)
