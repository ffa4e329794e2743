"""Paid targets are held to no more than is known: what we assumed or inferred is demanded of the mock alone."""

from __future__ import annotations

import json

import pytest

from contract_tests import contract
from contract_tests.generate import plain_request
from contract_tests.model import Answer, Exchange, Expect, Sent
from contract_tests.planning.plan import PAID
from contract_tests.runner.session import Session
from contract_tests.targets import Target

SERVICE = [row for row in contract.rows().values() if row.envelope == "service" and row.code != 10000]
OWN = [row for row in SERVICE if {row.grade, row.status_grade} <= set(contract.OWN_GRADES)]
HEADERS = (("Content-Type", "application/json"),)
REQUEST_ID = "2026112012000000000000000000000000"


def _findings(row, capabilities):
    """What the checks say of a refusal with the code of a row, and a status and message of its own."""
    status = 422 if row.http_status != 422 else 400
    members = {"code": row.code, "data": None, "message": "a text of its own", "request_id": REQUEST_ID,
               "status": row.code, "time_elapsed": "0s"}  # fmt: skip
    sent = Sent(b"{}", plain_request("i2i_inpainting"))
    expect = Expect(success=False, row=row.id, grade=row.grade)
    answer = Answer(status, HEADERS, json.dumps(members).encode(), 1.0)
    exchange = Exchange(sent, answer, "proxy", capabilities, expect, at="2026-11-20T04:00:00+00:00")
    found = Session(Target("proxy", None, "/", capabilities)).check(exchange)
    return [finding.line() for finding in found if finding.severity == "error"]


@pytest.mark.parametrize("row", OWN, ids=lambda row: row.id)
def test_a_paid_target_may_answer_otherwise_where_the_table_is_our_own(row):
    assert _findings(row, PAID) == []


@pytest.mark.parametrize("row", OWN, ids=lambda row: row.id)
def test_the_mock_is_held_to_its_own_table(row):
    assert _findings(row, frozenset({"assumptions"}))
