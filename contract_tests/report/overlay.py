"""A proposal for `schemas/`, made of what was seen and documents do not say. A person accepts it by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from volcv_mock.recording.exchanges import match_key

from .. import contract
from ..model import Exchange
from ..runner.verdicts import Result


def proposal(results: Iterable[Result]) -> dict[str, Any]:
    """Patches with their evidence; empty when everything is as documented."""
    patches: dict[str, dict[str, Any]] = {}
    for result in results:
        checks = {finding.check for finding in result.findings}
        for _, exchange in result.exchanges:
            for patch in _patches(exchange, checks):
                patches.setdefault(
                    f"{patch['file']}{patch['at']}", {**patch, "grade": "seen", "evidence": _evidence(exchange)}
                )
    return {
        "about": "proposed by a live run; nothing is changed until a person copies it into schemas/",
        "patches": list(patches.values()),
    }


def _evidence(exchange: Exchange) -> dict[str, str]:
    return {
        "case": exchange.case_id,
        "target": exchange.target,
        "at": exchange.at,
        "key": match_key(exchange.sent)[:16],
    }


def _patches(exchange: Exchange, checks: set[str]) -> Iterator[dict[str, Any]]:
    answer = exchange.answer
    rows = contract.rows_for_code(answer.code) if isinstance(answer.code, int) else ()
    if "http_status_matches" in checks and rows:
        yield {
            "file": "codes.json",
            "at": f"/rows/{rows[0].id}/http_status",
            "from": rows[0].http_status,
            "to": answer.status,
        }
    if "message_matches" in checks and rows:
        yield {
            "file": "codes.json",
            "at": f"/rows/{rows[0].id}/message",
            "from": rows[0].message,
            "to": answer.members.get("message"),
        }
    if "code_is_in_table" in checks and not rows:
        row = {
            "code": answer.code,
            "http_status": answer.status,
            "message": answer.members.get("message"),
            "envelope": "service",
        }
        yield {"file": "codes.json", "at": f"/rows/{answer.code}", "to": row}
    if answer.is_success and exchange.request and exchange.request.req_key in contract.operations():
        yield from _new_members(exchange)


def _new_members(exchange: Exchange) -> Iterator[dict[str, Any]]:
    """Members of `data` that the response schema does not name."""
    assert exchange.request is not None
    req_key = exchange.request.req_key
    known = contract.response_schema(req_key)["properties"]["data"].get("properties", {})
    for name in exchange.answer.data.keys() - known.keys():
        yield {"file": contract.operations()[req_key]["response"], "at": f"/properties/data/properties/{name}",
               "to": {"description": "seen, not documented"}}  # fmt: skip
