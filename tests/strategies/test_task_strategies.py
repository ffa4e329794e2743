"""The strategies for answers about tasks: every state, both versions, nothing that the contract does not allow."""

from __future__ import annotations

import jsonschema
import pytest
from hypothesis import Phase, find, given, settings

from volcv_mock import contract, strategies
from volcv_mock.contract.documents import task_schema

SHALLOW = settings(max_examples=25, deadline=None)
ANY = settings(max_examples=500, phases=[Phase.generate], database=None, derandomize=True)
WRAPPED = "2024-06-06"


@SHALLOW
@given(strategies.results("i2i_outpainting"))
def test_a_drawn_answer_about_a_task_fits_its_schema(answer: strategies.Answer) -> None:
    if answer.http_status != 200:
        return
    data = answer.json()["data"]

    jsonschema.validate(data, task_schema("done" if data["status"] == "done" else "waiting"))


@pytest.mark.parametrize("state", ["in_queue", "generating", "done", "not_found", "expired"])
def test_every_state_of_a_task_occurs(state: str) -> None:
    def is_in_it(answer: strategies.Answer) -> bool:
        return answer.http_status == 200 and answer.json()["data"]["status"] == state

    assert find(strategies.results("i2i_inpainting"), is_in_it, settings=ANY)


def test_a_submit_gives_an_id_that_no_float_keeps() -> None:
    answer = find(strategies.submits(), lambda each: each.http_status == 200, settings=ANY)

    task_id = answer.json()["data"]["task_id"]

    assert task_id.isdigit()
    assert int(task_id) > 2**53


@pytest.mark.parametrize("is_success", [True, False], ids=["success", "failure"])
def test_the_newer_version_wraps_every_answer(is_success: bool) -> None:
    drawn = strategies.results("i2i_inpainting", WRAPPED)
    answer = find(drawn, lambda each: (each.http_status == 200) == is_success and "error" not in each.json(),
                  settings=ANY)  # fmt: skip

    assert "ResponseMetadata" in answer.json()
    assert ("Result" in answer.json()) == is_success


@SHALLOW
@given(strategies.submits(WRAPPED))
def test_a_wrapped_refusal_has_its_code_as_text(answer: strategies.Answer) -> None:
    error = answer.json().get("ResponseMetadata", {}).get("Error")

    assert error is None or isinstance(error["Code"], str)


def test_an_unknown_version_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=contract.version()):
        strategies.submits("2020-01-01")
