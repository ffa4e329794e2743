"""Strategies for whole responses: a status, and a body encoded as the service encodes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from volcv_mock import contract
from volcv_mock._util.paths import shelf
from volcv_mock.contract.documents import document, resolved
from volcv_mock.model import CodeRow
from volcv_mock.strategies import from_schema, parts

ESCAPES = {"&": "\\u0026", "<": "\\u003c", ">": "\\u003e"}
"""Characters that Go's encoder escapes; a client that reads bytes without a JSON parser fails on them."""
COMMON = ("algorithm_base_resp", "binary_data_base64", "image_urls", "request_id")
"""Members of `data` that have strategies of their own."""
SPELLINGS = 2
"""Ids and durations that each failure is drawn with."""
OTHERS_PLACES = 1
"""Of the places of one draw, as many for each kind of answer that is no failure; each failure has one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as the client receives it. `label` describes it in a failing example."""

    label: str
    http_status: int
    document: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json; charset=utf-8"})

    @property
    def body(self) -> bytes:
        """The document as the service encodes JSON: compact, sorted, with its escapes."""
        text = json.dumps(self.document, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        for character, escape in ESCAPES.items():
            text = text.replace(character, escape)
        return text.encode()

    def json(self) -> Any:
        """A new copy of the document, as a client parses it."""
        return json.loads(self.body)


def answers(req_key: str, folder: str | Path = "") -> st.SearchStrategy[Answer]:
    """Every kind of response of an operation that is documented or known.

    `folder` is that of `--contract`, for its req_keys. Raises ValueError for an unknown req_key or a bad folder.
    """
    return with_failures((successes(req_key, folder), ghost_faces(req_key, folder)))


def with_failures(others: Sequence[st.SearchStrategy[Answer]]) -> st.SearchStrategy[Answer]:
    """One of `others`, or any failure.

    One draw decides which failure. Hypothesis repeats no answer that is drawn whole, so 200 examples reach each row
    once, and what `others` gives comes in the rest of them.
    """
    rows, places = _failing_rows(), len(others) * OTHERS_PLACES

    def answer(number: int) -> st.SearchStrategy[Answer]:
        if number < places:
            return others[number % len(others)]
        return st.just(_error(rows[number - places], number))

    return st.integers(0, places + len(rows) - 1).flatmap(answer)


def successes(req_key: str, folder: str | Path = "") -> st.SearchStrategy[Answer]:
    """Code 10000 with a picture as base64, as URL, or both; an unused list is [] or null."""
    row = contract.row(contract.parameter("success_code"))
    with contract.using(_contract_of(folder)):
        output = contract.operation(_known(req_key)).output
        pictures = parts.pictures(output.format, output.most)
        return _flat(req_key, row, pictures, int(contract.parameter("algorithm_status")))


def ghost_faces(req_key: str, folder: str | Path = "") -> st.SearchStrategy[Answer]:
    """201304 inside a success, and as the code: no document states its placement (S0, S3)."""
    inside = contract.placement("ghost_face")
    row = contract.row(inside["code"])
    top_level = contract.row(contract.placement("ghost_face_top_level")["row"])
    with contract.using(_contract_of(folder)):
        flat = _flat(req_key, row, parts.no_pictures(), int(inside["algorithm_status"]))
    return st.one_of(flat, st.integers(0, 99).map(lambda number: _error(top_level, number)))


def failures() -> st.SearchStrategy[Answer]:
    """Every row of the code table that is a failure, in its own envelope: flat, gateway or reseller.

    One draw decides everything, so that Hypothesis meets each row before it repeats one: 200 examples reach all.
    """
    rows = _failing_rows()
    return st.integers(0, len(rows) * SPELLINGS - 1).map(lambda number: _error(rows[number % len(rows)], number))


def _failing_rows() -> list[CodeRow]:
    return [row for row in contract.codes() if row.http_status != 200]


def _flat(
    req_key: str, row: CodeRow, pictures: st.SearchStrategy[parts.Pictures], status: int
) -> st.SearchStrategy[Answer]:
    is_own = _known(req_key) in contract.in_force().rows
    template = {} if is_own else _template(req_key)["data"]
    further = _further_members(req_key) if is_own else st.just({})
    known = contract.data_members(req_key) | {"algorithm_base_resp"} if status else contract.data_members(req_key)
    message = contract.row(status).message if status else contract.parameter("algorithm_message")

    def build(lists: parts.Pictures, request_id: str, data_id: str, elapsed: str, more: dict[str, Any]) -> Answer:
        algorithm = {"status_code": status, "status_message": message}
        lists_by_name = {"binary_data_base64": lists[0], "image_urls": lists[1]}
        common = {"algorithm_base_resp": algorithm, **lists_by_name, "request_id": data_id}
        data = {**template, **{name: part for name, part in common.items() if name in known}, **more}
        if "infer_ctx" in template:
            data["infer_ctx"] = {**data["infer_ctx"], "log_id": request_id, "request_id": data_id}
        label = f"{row.code} for {req_key}" + (f", algorithm status {status}" if status else "")
        return Answer(label, row.http_status, {**_head(row, request_id, elapsed), "data": data})

    ids = parts.data_request_ids(req_key)
    return st.builds(build, pictures, parts.request_ids(), ids, parts.durations(), further)


def _further_members(req_key: str) -> st.SearchStrategy[dict[str, Any]]:
    """What the user's schema has in `data` beside the common members."""
    home = document(contract.operation(req_key).response_schema)
    data = resolved(home, home)["properties"]["data"]
    parts = {name: part for name, part in data["properties"].items() if name not in COMMON}
    return from_schema.members({**data, "properties": parts})


def _contract_of(folder: str | Path) -> contract.Contract:
    if not folder:
        return contract.SHIPPED
    from volcv_mock.contract.folder import load  # lazy: only who has a folder needs it

    return load(folder)


def _error(row: CodeRow, number: int) -> Answer:
    """A failure in the envelope of its row; its id and duration follow from `number`."""
    document = _ENVELOPES[row.envelope](row, parts.numbered_request_id(number), parts.numbered_duration(number))
    return Answer(f"{row.id} {row.message}".strip(), row.http_status, document)


def _service(row: CodeRow, request_id: str, elapsed: str) -> dict[str, Any]:
    return {**_head(row, request_id, elapsed), "data": None}


def _gateway(row: CodeRow, request_id: str, elapsed: str) -> dict[str, Any]:
    number = {} if row.code is None else {"CodeN": row.code}
    action = next(iter(contract.actions()))
    error = {**number, "Code": row.name, "Message": contract.message_of(row, action, contract.version())}
    scope = {"Service": contract.parameter("service"), "Region": contract.parameter("region")}
    called = {"RequestId": request_id, "Action": action, "Version": contract.version(), **scope}
    return {"ResponseMetadata": {**called, "Error": error}}


def _proxy(row: CodeRow, request_id: str, elapsed: str) -> dict[str, Any]:
    message = f"{contract.message_of(row, '')} (request id: {request_id})"
    return {"error": {"message": message, "type": row.name, "code": ""}}


_ENVELOPES = {"service": _service, "gateway": _gateway, "proxy": _proxy}


def _head(row: CodeRow, request_id: str, elapsed: str) -> dict[str, Any]:
    """The common members of flat responses; `status` repeats `code`."""
    common = {"request_id": request_id, "time_elapsed": elapsed}
    return {"code": row.code, "status": row.code, "message": contract.message_of(row, ""), **common}


@cache
def _template(req_key: str) -> Mapping[str, Any]:
    """A response of the mock; its further members (infer_ctx of SeedEdit) are kept."""
    path = shelf("fixtures") / "examples" / req_key / "answer_base64.json"
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _known(req_key: str) -> str:
    """Raises ValueError for an unknown req_key."""
    known = contract.operations()
    if req_key not in known:
        near = contract.nearest(str(req_key), known)
        hint = f" Did you mean {near!r}?" if near else ""
        raise ValueError(f"unknown req_key {req_key!r}; permitted: {', '.join(known)}.{hint}")
    return req_key
