"""A rule that never fired is told at the end of a block, in assert_resilient and in the verdict."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from tests.helpers.clients import BASE, KEY, URL, by_httpx
from volcv_mock import VolcvMock
from volcv_mock.testing.rules import UnusedRule

UNUSED = {
    "another req_key": lambda mock: mock.fail(50411, req_key="byteedit_v2.0"),
    "more skipped than calls": lambda mock: mock.fail(50411, skip=5),
    "a fault": lambda mock: mock.fault("reset", prompt_contains="nobody says so"),
}
USED = {
    "it fired": lambda mock: mock.fail(50411),
    "a sequence that began with a normal reply": lambda mock: mock.sequence(None, 50411),
    "perhaps": lambda mock: mock.fail(50411, probability=0.0),
    "removed": lambda mock: mock.remove_rule(mock.fail(50411, req_key="byteedit_v2.0")),
}


def block(mock: VolcvMock, add: Any, body: Any) -> None:
    with mock.intercept(BASE) as volcv:
        add(volcv)
        by_httpx(body)


@pytest.mark.parametrize("add", UNUSED.values(), ids=UNUSED)
def test_a_rule_that_never_fired_is_a_warning_at_the_end_of_the_block(mock: VolcvMock, body: Any, add: Any) -> None:
    with pytest.warns(UnusedRule, match=r"rule rule-1 .* never fired: ") as told:
        block(mock, add, body)

    assert len(told) == 1


@pytest.mark.parametrize("add", USED.values(), ids=USED)
def test_a_rule_that_was_used_is_not_told(mock: VolcvMock, body: Any, add: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        block(mock, add, body)


def test_with_strict_rules_it_is_an_error(body: Any) -> None:
    with pytest.raises(AssertionError, match="never fired: none of 1 call met its conditions"):
        block(VolcvMock(strict_rules=True), UNUSED["another req_key"], body)


def test_strict_rules_do_not_hide_why_a_block_failed() -> None:
    def fails(volcv: VolcvMock) -> None:
        volcv.fail(50411, req_key="byteedit_v2.0")
        raise KeyError

    with pytest.raises(KeyError):
        block(VolcvMock(strict_rules=True), fails, {})


def test_calls_in_another_scope_are_hinted_at(mock: VolcvMock, body: Any) -> None:
    mock.fail(50411)
    for _ in range(3):
        mock.app.test_client().post(URL.removeprefix(BASE), json=body, buffered=True,
                                    headers={**KEY, "X-Volcv-Mock-Scope": "test-7"})  # fmt: skip

    with pytest.warns(UnusedRule, match="no call was made in scope 'default'; 3 calls are in scope 'test-7'"):
        mock.assert_resilient()
    with pytest.raises(AssertionError, match=r"found 0 of 0 calls\. 3 calls are in scope 'test-7'"):
        mock.assert_called()
    assert dict(mock.scopes) == {"default": 0, "test-7": 3}


def test_each_rule_is_told_once(mock: VolcvMock, body: Any) -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with mock.intercept(BASE) as volcv:
            volcv.fail(50411, req_key="byteedit_v2.0")
            volcv.assert_resilient()

    assert [each.category for each in told] == [UnusedRule]


def test_the_verdict_lists_them_here_and_over_http(mock: VolcvMock, body: Any) -> None:
    mock.fail(50411, req_key="byteedit_v2.0")

    assert "never fired: no call was made" in str(mock.verdict)
    over_http = mock.app.test_client().get("/_mock/verdict").get_json()
    assert over_http["unused_rules"] == list(mock.verdict.unused_rules)


def test_one_kind_of_finding_is_told_once_with_its_count(mock: VolcvMock) -> None:
    mock.fail(50411)
    with mock.intercept(BASE):
        for seed in range(12):
            for _ in range(2):
                by_httpx(mock.body(seed=seed + 1))

        with pytest.raises(AssertionError) as failed:
            mock.assert_resilient()

    text = str(failed.value)
    assert text.count("retried_refusal") == 1
    assert "error retried_refusal, 12 times: first: " in text
    assert " and 14 more" in text
