"""X-Volcv-Mock-Reason: of several problems the first three and their number, in one line of readable ASCII."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volcv_mock import VolcvMock, pipeline
from volcv_mock._util.ascii_line import ascii_line
from volcv_mock.http.response import LONGEST_REASON
from volcv_mock.model import Problem, RawRequest
from volcv_mock.stages.render import reason_of
from volcv_mock.world import World

QUERY = "Action=CVProcess&Version=2022-08-31"
HEADERS = (("Host", "mock"), ("Authorization", "Bearer sk-test"), ("Content-Type", "application/json"))
MEMBERS = ("steps", "scale", "seed", "return_url", "strength")


def reason(**members: Any) -> str:
    body = json.dumps({**VolcvMock().body("i2i_inpainting_edit"), **members}).encode()
    reply = pipeline.handle(RawRequest("proxy", "POST", "/volcv/v1", QUERY, HEADERS, body), World())
    return dict(reply.headers)["X-Volcv-Mock-Reason"]


@pytest.mark.parametrize(
    ("wrong", "numbers", "left"),
    [(1, [], ""), (2, ["2 of 2"], ""), (3, ["2 of 3", "3 of 3"], ""), (4, ["2 of 4", "3 of 4"], "[and 1 more: ")],
)
def test_the_first_three_problems_are_told_and_the_others_counted(wrong: int, numbers: list[str], left: str) -> None:
    told = reason(**dict.fromkeys(MEMBERS[:wrong], "no"))

    assert told.startswith("$.")
    assert [number for number in ("2 of", "3 of", "4 of") if f"[problem {number} " in told] == [
        number[:4] for number in numbers
    ]
    assert all(f"[problem {number}] $." in told for number in numbers)
    assert told.count("(rule ") == min(wrong, 3)
    assert (left in told) if left else ("more: " not in told)


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("mask图要求", "maskTuYaoQiu"),
        ("café …", "cafe ..."),
        ("提示词", "TiShiCi"),
        ("a\ud83db", "a?b"),
        ("two\nlines", "two\\x0alines"),
    ],
)
def test_other_letters_are_transliterated(given_text: str, shown: str) -> None:
    assert ascii_line(given_text, 100) == shown


def test_a_member_with_a_chinese_name_can_be_read() -> None:
    assert "\\u" not in reason(req_key="编辑")
    assert "BianJi" in reason(req_key="编辑")


@given(st.lists(st.text(max_size=3000), min_size=1, max_size=5))
def test_a_reason_is_one_line_of_ascii_within_its_bound(found: list[str]) -> None:
    problems = [Problem("$.a", text, "b", "Fix it.", "rule_a", "S1") for text in found]

    line = reason_of(problems)

    assert line.isascii()
    assert line.isprintable()
    assert len(line) <= LONGEST_REASON
