"""Bodies of requests, and what the contract says of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from volcv_mock import contract
from volcv_mock.contract.documents import branch
from volcv_mock.model import Problem, Profile

REMOVAL, EDIT, OUTPAINTING, SEEDEDIT = (
    "i2i_inpainting",
    "img2img_inpainting_edit_zi2i",
    "i2i_outpainting",
    "byteedit_v2.0",
)
BRANCHES = [(req_key, mode) for req_key, operation in contract.operations().items() for mode in operation.modes]
PROFILES: tuple[Profile, ...] = ("default", "strict", "lenient")


def removal(**changes: Any) -> dict[str, Any]:
    return {"req_key": REMOVAL, "binary_data_base64": ["cA==", "bQ=="], **changes}


def smallest(req_key: str, mode: str) -> dict[str, Any]:
    """The least a request must say."""
    pictures = ["cA=="] * len(contract.item_roles(req_key, mode))
    operation = contract.operation(req_key)
    needed = branch(operation.request_schema, mode)["required"]
    prompt = {operation.prompt_field: "red clothes"} if operation.prompt_field in needed else {}
    return {"req_key": req_key, **({contract.picture_field(mode): pictures} if pictures else {}), **prompt}


def problems(body: Mapping[str, Any], profile: Profile = "default") -> list[Problem]:
    req_key = body["req_key"]
    return contract.check(req_key, contract.mode_of(req_key, body), body, profile)


def only(body: Mapping[str, Any], profile: Profile = "default") -> Problem:
    (problem,) = problems(body, profile)
    return problem


def said(body: Mapping[str, Any], profile: Profile = "default") -> list[tuple[str, str]]:
    return [(each.where, each.rule) for each in problems(body, profile)]
