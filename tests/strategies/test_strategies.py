"""The response strategies: everything drawn is what the contract allows, and nothing documented is missing."""

from __future__ import annotations

import importlib
import json
import re
import sys
from typing import Any

import jsonschema
import pytest
from hypothesis import Phase, find, given, seed, settings
from hypothesis import strategies as st

from volcv_mock import contract, strategies
from volcv_mock.contract import documents

OPERATIONS = tuple(contract.operations())
SHALLOW = settings(max_examples=25, deadline=None)
ANY = settings(max_examples=500, phases=[Phase.generate], database=None, derandomize=True)
"""For `find`: one example is enough, and nobody reads it, so it need not be the smallest."""


@pytest.mark.parametrize("req_key", OPERATIONS)
def test_a_drawn_success_fits_the_response_schema(req_key: str) -> None:
    validator = validator_of(contract.operation(req_key).response_schema)

    @SHALLOW
    @given(strategies.successes(req_key))
    def check(answer: strategies.Answer) -> None:
        validator.validate(answer.json())

    check()


@SHALLOW
@given(st.data())
def test_a_failure_has_the_status_and_the_envelope_of_its_row(data: st.DataObject) -> None:
    answer = data.draw(strategies.failures())

    document = answer.json()

    assert answer.http_status >= 400
    assert len({"code", "ResponseMetadata", "error"} & set(document)) == 1


ALL = {
    "failures": strategies.failures,
    "answers": lambda: strategies.answers("i2i_inpainting"),
    "submits": strategies.submits,
    "results": lambda: strategies.results("i2i_inpainting", "2024-06-06"),
}


@pytest.mark.parametrize("drawn", ALL.values(), ids=ALL)
def test_200_examples_reach_every_row_of_failures(drawn: Any) -> None:
    seen: set[str] = set()

    @seed(1)
    @settings(max_examples=200, database=None, phases=[Phase.generate], deadline=None)
    @given(drawn())
    def draw(answer: strategies.Answer) -> None:
        seen.add(answer.label.split(" ")[0])

    draw()
    assert seen >= {row.id for row in contract.codes() if row.http_status != 200}


@pytest.mark.parametrize("member", ["code", "ResponseMetadata", "error"], ids=["flat", "gateway", "reseller"])
def test_each_envelope_occurs(member: str) -> None:
    assert find(strategies.answers("i2i_inpainting"), lambda answer: member in answer.json(), settings=ANY)


VARIANTS = {
    "base64 and []": lambda data: bool(data["binary_data_base64"]) and data["image_urls"] == [],
    "base64 and null": lambda data: bool(data["binary_data_base64"]) and data["image_urls"] is None,
    "a link and []": lambda data: bool(data["image_urls"]) and data["binary_data_base64"] == [],
    "a link and null": lambda data: bool(data["image_urls"]) and data["binary_data_base64"] is None,
    "both filled": lambda data: bool(data["image_urls"]) and bool(data["binary_data_base64"]),
}


@pytest.mark.parametrize("is_so", VARIANTS.values(), ids=VARIANTS)
def test_every_way_to_carry_the_picture_occurs(is_so: Any) -> None:
    assert find(strategies.successes("i2i_outpainting"), lambda answer: is_so(answer.json()["data"]), settings=ANY)


@pytest.mark.parametrize("unit", ["µs", "ms", "s"])
def test_every_unit_of_time_elapsed_occurs(unit: str) -> None:
    def has_unit(answer: strategies.Answer) -> bool:
        return answer.json()["time_elapsed"].rstrip("0123456789.").endswith(unit) and (
            unit != "s" or answer.json()["time_elapsed"][-2].isdigit()
        )

    assert find(strategies.successes("byteedit_v2.0"), has_unit, settings=ANY)


def test_201304_occurs_in_both_places() -> None:
    drawn = strategies.ghost_faces("i2i_inpainting")

    inside = find(drawn, lambda answer: answer.http_status == 200, settings=ANY).json()
    on_top = find(drawn, lambda answer: answer.http_status != 200, settings=ANY).json()

    assert inside["data"]["algorithm_base_resp"]["status_code"] == 201304
    assert not inside["data"]["binary_data_base64"]
    assert on_top["code"] == 201304


def test_seededit_repeats_its_ids_inside() -> None:
    """infer_ctx.log_id is the top-level id, infer_ctx.request_id that of data (S0)."""
    document = find(strategies.successes("byteedit_v2.0"), lambda answer: True, settings=ANY).json()

    context = document["data"]["infer_ctx"]

    assert (context["log_id"], context["request_id"]) == (document["request_id"], document["data"]["request_id"])


def test_an_ampersand_travels_as_go_writes_it() -> None:
    drawn = strategies.successes("i2i_inpainting")
    answer = find(drawn, lambda each: bool(each.json()["data"]["image_urls"]), settings=ANY)

    assert b"\\u0026" in answer.body
    assert "&" in json.loads(answer.body)["data"]["image_urls"][0]


def test_an_unknown_req_key_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="Did you mean 'i2i_inpainting'"):
        strategies.successes("i2i_inpaint")


def test_without_hypothesis_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "volcv_mock.strategies")

    with pytest.raises(ModuleNotFoundError, match=re.escape("pip install 'volcv-mock[strategies]'")):
        importlib.import_module("volcv_mock.strategies")


def validator_of(name: str) -> jsonschema.Draft202012Validator:
    import referencing

    schemas = [documents.document(f"common/{each}") for each in ("envelopes.schema.json",)]
    resources = [(each["$id"], referencing.Resource.from_contents(each)) for each in schemas]
    registry: Any = referencing.Registry().with_resources(resources)
    return jsonschema.Draft202012Validator(documents.document(name), registry=registry)
