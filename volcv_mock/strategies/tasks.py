"""Strategies for the answers about tasks: a submit, and a request for the result (docs/tasks.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from volcv_mock import contract
from volcv_mock.contract.documents import task_schema
from volcv_mock.model import Step
from volcv_mock.strategies import parts
from volcv_mock.strategies.answers import Answer, _contract_of, _head, _known, with_failures

TASK_ID_DIGITS = 19
"""Of the ids seen: more than a floating-point number keeps."""


def submits(version: str = "") -> st.SearchStrategy[Answer]:
    """Answers to a submit: the task's id, or any failure.

    `version` is that of the request, by default 2022-08-31; with 2024-06-06 answers are wrapped in ResponseMetadata
    and Result. Raises ValueError for an unknown version.
    """
    ids = st.integers(10 ** (TASK_ID_DIGITS - 1), 10**TASK_ID_DIGITS - 1).map(str)
    accepted = _success_with("a task was submitted", ids.map(lambda task_id: {"task_id": task_id}))
    return _in_version(with_failures((accepted,)), "submit", version)


def results(req_key: str, version: str = "", folder: str | Path = "") -> st.SearchStrategy[Answer]:
    """Answers about a task: waiting, lost, done with a picture, done with 201304, or any failure.

    `version` as for `submits`, `folder` as for `answers`. Raises ValueError for an unknown req_key or version.
    """
    with contract.using(_contract_of(folder)):
        output = contract.operation(_known(req_key)).output
    placed = contract.placement("ghost_face")
    ghost = int(placed["algorithm_status"])
    algorithm = {"status_code": ghost, "status_message": placed["algorithm_message"]}
    done, no_face = _data(parts.pictures(output.format, output.most)), _data(parts.no_pictures())
    kinds = (
        _success_with(f"done for {req_key}", done),
        _success_with("without a picture", st.sampled_from(_states_without_picture()).map(_waiting)),
        _success_with(f"done for {req_key}, algorithm status {ghost}",
              no_face.map(lambda data: {**data, "algorithm_base_resp": algorithm})),
    )  # fmt: skip
    return _in_version(with_failures(kinds), "result", version)


def _states_without_picture() -> list[str]:
    states: list[str] = task_schema("waiting")["properties"]["status"]["enum"]
    return [state for state in states if state != "done"]


def _waiting(state: str) -> dict[str, Any]:
    return {**contract.task_sample("waiting"), "status": state}


def _data(pictures: st.SearchStrategy[parts.Pictures]) -> st.SearchStrategy[dict[str, Any]]:
    def build(lists: parts.Pictures, is_tagged: bool) -> dict[str, Any]:
        shown = {"binary_data_base64": lists[0], "image_urls": lists[1], "aigc_meta_tagged": is_tagged}
        return {**contract.task_sample("done"), **shown, "status": "done"}

    return st.builds(build, pictures, st.booleans())


def _success_with(label: str, data: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[Answer]:
    """A success with this data."""
    row = contract.success()

    def build(data: Mapping[str, Any], request_id: str, elapsed: str) -> Answer:
        shown = f"{label}: {data['status']}" if data.get("status", "done") != "done" else label
        return Answer(f"{row.code} {shown}", row.http_status, {**_head(row, request_id, elapsed), "data": data})

    return st.builds(build, data, parts.request_ids(), parts.durations())


def _in_version(drawn: st.SearchStrategy[Answer], step: Step, version: str) -> st.SearchStrategy[Answer]:
    """The same answers, wrapped where the version wraps them."""
    known = contract.versions()
    if version and version not in known:
        raise ValueError(f"unknown version {version!r}; permitted: {', '.join(known)}.")
    asked = version or contract.version()
    action = next(name for name, each in contract.actions().items() if each.step == step and asked in each.versions)
    return drawn.map(lambda answer: _wrapped(answer, action, asked)) if contract.is_wrapped(asked) else drawn


def _wrapped(answer: Answer, action: str, version: str) -> Answer:
    """As Version 2024-06-06 has it: a failure is an Error, whose Code is the number as text."""
    flat = answer.document
    if "code" not in flat:
        return answer
    metadata = {"RequestId": flat["request_id"], "Action": action, "Version": version}
    metadata |= {"Service": contract.parameter("service"), "Region": contract.parameter("region")}
    if answer.http_status == contract.success().http_status:
        return replace(answer, document={"ResponseMetadata": metadata, "Result": flat})
    error = {"Code": str(flat["code"]), "Message": flat["message"]}
    return replace(answer, document={"ResponseMetadata": {**metadata, "Error": error}})
