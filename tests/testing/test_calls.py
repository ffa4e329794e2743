"""Queries of the journal, and the closest call that a failing assertion shows."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.helpers.clients import BASE, by_httpx
from volcv_mock import VolcvMock


@pytest.fixture
def three_calls(intercepted: Any) -> Any:
    intercepted.fail(50411, prompt_contains="puppy")
    by_httpx(intercepted.body("i2i_inpainting", steps=20))
    by_httpx(intercepted.body("i2i_inpainting_edit", custom_prompt="a puppy"))
    by_httpx(intercepted.body("i2i_outpainting", prompt="a wide field", top=0.5))
    return intercepted


QUERIES: dict[str, tuple[dict[str, Any], int]] = {
    "by req_key": ({"req_key": "i2i_inpainting"}, 1),
    "by code": ({"code": 50411}, 1),
    "by success": ({"code": 10000}, 2),
    "by prompt, whatever its field": ({"prompt": "a wide field"}, 1),
    "by a regular expression": ({"prompt": re.compile("puppy|kitten")}, 1),
    "by a function": ({"prompt": lambda prompt: len(prompt) > 3}, 2),
    "by a parameter": ({"steps": 20}, 1),
    "by a range": ({"top": (0.4, 0.6)}, 1),
    "by the mask's area": ({"mask_area": 0.25}, 2),
    "by a range of the mask's area": ({"mask_area": (0.2, 0.3)}, 2),
    "by the applied code or fault": ({"injection": "50411"}, 1),
    "by its old name": ({"trouble": "50411"}, 1),
    "by several": ({"req_key": "i2i_inpainting", "steps": 30}, 0),
    "by nothing": ({}, 3),
}


@pytest.mark.parametrize(("wanted", "number"), QUERIES.values(), ids=QUERIES)
def test_calls_are_found(three_calls: Any, wanted: dict[str, Any], number: int) -> None:
    assert len(three_calls.calls.where(**wanted)) == number


def test_calls_are_a_sequence_with_a_first_and_a_last(three_calls: Any) -> None:
    calls = three_calls.calls

    assert (calls.first.req_key, calls.last.req_key) == ("i2i_inpainting", "i2i_outpainting")
    assert [call.prompt for call in calls[1:]] == ["a puppy", "a wide field"]
    assert len(str(calls).splitlines()) == 3


def test_a_failed_assertion_shows_the_closest_call_field_by_field(three_calls: Any) -> None:
    with pytest.raises(AssertionError) as caught:
        three_calls.assert_called(req_key="i2i_inpainting_edit", prompt="a kitten", mask_area=0.25)

    lines = str(caught.value).splitlines()

    assert "found 0 of 3 calls" in lines[0]
    assert lines[1] == "The closest is call 2:"
    assert re.search(r"req_key +'i2i_inpainting_edit' +as wanted", lines[2])
    assert re.search(r"prompt +'a puppy' +wanted 'a kitten'", lines[3])
    assert re.search(r"mask_area +0\.25 +as wanted", lines[4])


def test_times_is_exact(three_calls: Any) -> None:
    three_calls.assert_called(times=3)
    three_calls.assert_called(req_key="i2i_inpainting", times=1)
    three_calls.assert_not_called(req_key="byteedit_v2.0")

    with pytest.raises(AssertionError, match="2 times; found 1 of 3"):
        three_calls.assert_called(req_key="i2i_inpainting", times=2)


def test_201304_inside_a_success_is_found_by_its_number(intercepted: Any, body: Any) -> None:
    intercepted.fault("ghost_face")
    by_httpx(body)

    intercepted.assert_called(code=201304, times=1)
    intercepted.assert_called(code=10000, times=1)


def test_without_any_call_the_error_says_so(mock: Any) -> None:
    with pytest.raises(AssertionError, match="found 0 of 0 calls"):
        mock.assert_called(req_key="i2i_inpainting")
    with pytest.raises(LookupError, match="no call was recorded"):
        _ = mock.calls.last


def test_an_unknown_field_is_refused_with_the_permitted_ones(mock: Any) -> None:
    with pytest.raises(TypeError, match=r"permitted: req_key, code, .*Did you mean 'prompt'"):
        mock.assert_called(promt="a cat")


def test_calls_evicted_from_the_journal_do_not_count_as_never_made(body: Any) -> None:
    with VolcvMock(journal_bytes=5000).intercept(BASE) as volcv:
        for seed in range(5):
            by_httpx({**body, "seed": seed})

        with pytest.raises(AssertionError, match="calls were evicted from the journal; raise journal_bytes"):
            volcv.assert_not_called(code=50411)
        volcv.reset()

        volcv.assert_not_called()
