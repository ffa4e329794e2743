"""Grades decide in one place what is drift, and what something in front answers is no drift."""

from __future__ import annotations

import json

import httpx
import pytest

from contract_tests import contract, grades
from contract_tests.checks import CHECKS
from contract_tests.model import SUCCESS, Answer, Exchange, Expect, Sent
from contract_tests.planning.planned import planned_cases
from contract_tests.runner.in_front import who_answered
from contract_tests.runner.verdicts import classify
from contract_tests.targets import Target, Unreachable
from contract_tests.targets.links import joined

PAID = frozenset({"paid"})
MOCK = frozenset({"assumptions"})
HTML, JSON = ("Content-Type", "text/html"), ("Content-Type", "application/json")
NGINX = ("Server", "nginx")


@pytest.mark.parametrize("grade", grades.GRADES)
def test_below_seen_a_contradiction_is_a_warning_on_a_live_target_for_every_check(grade):
    """What a user's own folder says is held too."""
    is_held = grade in ("user", "stated", "prose", "example", "seen")
    usual = "error" if is_held else "warn"
    expected = {check.name: usual for check in CHECKS} | {"key_is_never_echoed": "error"}

    assert {check.name: grades.severity(check.name, grade, PAID) for check in CHECKS} == expected
    assert {grades.severity(check.name, grade, MOCK) for check in CHECKS} == {"error"}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_every_check_has_a_grade_and_one_that_rests_on_choices_alone_is_assumed(check):
    assert check.grade in grades.GRADES
    if grades.of_source_text(check.source) == "assumed":
        assert check.grade == "assumed"


def test_a_refusal_whose_rule_is_our_own_choice_is_known_to_be_one():
    own = [case for case in planned_cases() if grades.of_source_text(case.source) == "assumed" and case.cost() == 0]
    refusals = [ask.expect for case in own for ask in case.asks(0).values() if not ask.expect.success]

    assert own
    assert {expect.rule_grade for expect in refusals} == {"assumed"}


def test_the_provenance_of_a_keyword_survives_a_reference_that_adds_its_own():
    """A default beside a $ref must not hide the source of the range behind it."""
    scale = contract.request_schema("i2i_inpainting", "base64")["properties"]["scale"]

    assert scale["x-source"]["minimum"] == ["S3-scale-range", "S1-scale-range"]
    assert scale["x-source"]["default"] == ["S3-scale-default"]


ENVELOPE = json.dumps({"code": 50215, "data": None, "message": "", "request_id": "", "status": 50215}).encode()


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, (HTML,), b"<!DOCTYPE html><title>Just a moment...</title>"),
        (302, (("Location", "https://login.example.com/"),), b""),
        (308, (("Location", "https://api.example.com/volcv/v1"),), b""),
        (503, (HTML, NGINX), b"<html>Maintenance</html>"),
        (502, (("Content-Type", "text/plain"),), b"upstream connect error"),
        (404, (JSON,), b'{"message": "no Route matched with those values"}'),
        (404, (JSON,), b'{"timestamp": 1, "status": 404, "error": "Not Found", "path": "/"}'),
        (403, (HTML, ("Server", "cloudflare")), b"<html>Attention Required!"),
        (200, (), b""),
    ],
)
def test_what_something_in_front_answers_is_inconclusive_with_its_server_status_and_first_words(status, headers, body):
    answer = Answer(status, headers, body)
    words = who_answered(answer, PAID, {"nginx"})

    assert words.startswith("something in front answered: Server ")
    assert f"HTTP {status}" in words
    for expect in (SUCCESS, Expect(success=False, row="50215"), None):
        exchange = Exchange(Sent(b"{}"), answer, "proxy", PAID, expect, in_front=words)
        assert classify([], [exchange]) == ("inconclusive", words)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [(400, (JSON,), ENVELOPE), (400, (HTML, NGINX), b"<html>Bad parameter</html>"), (200, (JSON,), b'{"code": 100'),
     (401, (JSON,), b'{"error": "no key"}'), (200, (JSON,), b'{"data": {}}')],
)  # fmt: skip
def test_what_the_service_answers_itself_is_judged(status, headers, body):
    assert who_answered(Answer(status, headers, body), PAID, {"nginx"}) == ""


def test_the_mock_has_nothing_in_front():
    assert who_answered(Answer(503, (HTML,), b"<html>"), MOCK, set()) == ""


def test_the_missing_code_of_an_outage_is_not_the_missing_code_of_a_row():
    expect = Expect(success=False, row="MethodNotAllowed")
    outage = Exchange(Sent(b"{}"), Answer(502, (JSON,), b'{"error": {"message": "bad gateway"}}'), "p", PAID, expect)

    assert classify([], [outage])[0] == "inconclusive"


def _links(*answers):
    """A target whose links answer so, one after another."""
    left = list(answers)

    def handle(request):
        status, headers, body = left.pop(0)
        return httpx.Response(status, headers=dict(headers), content=body)

    client = httpx.Client(transport=httpx.MockTransport(handle), base_url="https://api.example.com")
    return Target("proxy", client, "/", PAID, sleep=lambda seconds: None)


def test_a_link_that_redirects_is_followed():
    target = _links((302, (("Location", "https://cdn.example.com/p.jpg"),), b""), (200, (), b"picture"))

    assert target.fetch("https://api.example.com/p") == (200, b"picture")


def test_a_link_that_answers_503_is_asked_again_once():
    assert _links((503, (), b""), (200, (), b"picture")).fetch("https://h.example.com/p") == (200, b"picture")
    assert _links((503, (), b""), (503, (), b"")).fetch("https://h.example.com/p") == (503, b"")


def test_a_link_that_is_gone_is_asked_once():
    assert _links((410, (), b"")).fetch("https://h.example.com/p") == (410, b"")


@pytest.mark.parametrize("location", ["ftp://h/p", "file:///etc/passwd", "http://127.0.0.1/p", "http://10.0.0.1/p",
                                      "http://localhost/p", "https://u:p@h.example.com/p", "http://[::1/"])  # fmt: skip
def test_a_link_never_redirects_where_no_link_may_lead(location):
    with pytest.raises(Unreachable):
        joined("https://h.example.com/p", location)


def test_a_link_of_this_machine_may_redirect_within_it():
    assert joined("http://127.0.0.1:1/p", "/q") == "http://127.0.0.1:1/q"


def test_a_link_that_redirects_for_ever_ends():
    hop = (302, (("Location", "/p"),), b"")

    with pytest.raises(Unreachable, match="redirects"):
        _links(*[hop] * 12).fetch("https://h.example.com/p")
