"""The contract as Python sees it: `schemas/`, loaded. `from volcv_mock import contract`.

What is true of the service is written in schemas/ and nowhere else; this package reads it. It imports
nothing but the standard library until the first validation, and nothing of the package but model and
_util.
"""

from __future__ import annotations

from volcv_mock.contract.actions import Action, action_of, actions, is_wrapped, versions
from volcv_mock.contract.codes import codes, knows, message_of, placement, row, row_for_rule, success
from volcv_mock.contract.documents import answer_file
from volcv_mock.contract.in_force import SHIPPED, Contract, in_force, per_contract, using
from volcv_mock.contract.openapi import openapi
from volcv_mock.contract.operations import (
    Limits,
    MaskDemands,
    Operation,
    Output,
    Timing,
    constants,
    data_members,
    largest_picture_bytes,
    limits,
    limits_of,
    mask_demands,
    operation,
    operations,
    parameter,
    required_data_members,
    source_of,
    version,
)
from volcv_mock.contract.provenance import assumptions, cite, divergences, graded
from volcv_mock.contract.readings import playing, points, reading, waives
from volcv_mock.contract.resellers import Reseller, default_reseller, resellers
from volcv_mock.contract.spelling import nearest
from volcv_mock.contract.tolerance import clamp, tolerated
from volcv_mock.contract.validation import (
    advice,
    check,
    check_extent,
    check_task,
    defaults,
    item_roles,
    longest_list,
    mode_of,
    most_pictures,
    picture_field,
    ratios,
    roles_of,
    task_sample,
)

__all__ = [
    "SHIPPED",
    "Action",
    "Contract",
    "Limits",
    "MaskDemands",
    "Operation",
    "Output",
    "Reseller",
    "Timing",
    "action_of",
    "actions",
    "advice",
    "answer_file",
    "assumptions",
    "check",
    "check_extent",
    "check_task",
    "cite",
    "clamp",
    "codes",
    "constants",
    "data_members",
    "default_reseller",
    "defaults",
    "divergences",
    "graded",
    "in_force",
    "is_wrapped",
    "item_roles",
    "knows",
    "largest_picture_bytes",
    "limits",
    "limits_of",
    "longest_list",
    "mask_demands",
    "message_of",
    "mode_of",
    "most_pictures",
    "nearest",
    "openapi",
    "operation",
    "operations",
    "parameter",
    "per_contract",
    "picture_field",
    "placement",
    "playing",
    "points",
    "ratios",
    "reading",
    "required_data_members",
    "resellers",
    "roles_of",
    "row",
    "row_for_rule",
    "source_of",
    "success",
    "task_sample",
    "tolerated",
    "using",
    "version",
    "versions",
    "waives",
]
