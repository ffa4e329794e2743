"""The profiles: what the default notes, strict refuses and lenient clamps, and that all agree with the schemas."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from tests.helpers.bodies import BRANCHES, OUTPAINTING, PROFILES, REMOVAL, only, problems, removal, said, smallest
from volcv_mock import contract
from volcv_mock._util.paths import shelf
from volcv_mock.contract.documents import branch, document

# --- profiles


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        pytest.param({"sead": 7}, "$.sead", id="an unknown field"),
        pytest.param({"logo_info": {"colour": 1}}, "$.logo_info.colour", id="an unknown field inside"),
        pytest.param({"image_urls": ["u"]}, "$.image_urls", id="both lists filled"),
        pytest.param({"strength": 0.1}, "$.strength", id="strength at the end of an open range"),
        pytest.param({"prompt": "x"}, "$.prompt", id="a prompt for removal"),
    ],
)
def test_strict_refuses_what_the_default_only_notes(changes: dict[str, Any], where: str) -> None:
    body = removal(**changes)

    assert problems(body) == []
    assert only(body, "strict").where == where
    assert contract.advice(REMOVAL, "base64", body)[0].startswith(f"{where}: ")


def test_strict_names_the_field_that_was_meant() -> None:
    assert only(removal(sead=7), "strict").fix.startswith("Did you mean 'seed'? Known: req_key, ")


def test_ratios_beside_a_canvas_are_noted_and_strict_refuses_them() -> None:
    """S2: the canvas sample has none."""
    body = {**smallest(OUTPAINTING, "base64_canvas"), "top": 0.2}

    assert problems(body) == []
    assert only(body, "strict").found == "a field that is ignored here"
    assert len(contract.advice(OUTPAINTING, "base64_canvas", body)) == 1


def test_of_two_texts_custom_prompt_wins_with_a_note() -> None:
    body = {**smallest(OUTPAINTING, "base64_ratios"), "prompt": "a", "custom_prompt": "b"}

    assert contract.advice(OUTPAINTING, "base64_ratios", body) == (
        "$.prompt: ignored, because custom_prompt is given too",
    )


def test_a_plain_request_gets_no_note() -> None:
    assert contract.advice(REMOVAL, "base64", removal(image_urls=[], strength=0.8)) == ()


def test_lenient_clamps_numbers_and_says_so() -> None:
    body = removal(scale=30, strength=-1, seed=-9, steps=40, logo_info={"opacity": 7})

    made, notes = contract.clamp(REMOVAL, "base64", body)

    assert (made["scale"], made["strength"], made["seed"], made["steps"]) == (20, 0, -1, 40)
    assert made["logo_info"] == {"opacity": 1}
    assert [note.split(":")[0] for note in notes] == ["$.strength", "$.scale", "$.seed", "$.logo_info.opacity"]
    assert problems(body, "lenient") == problems(made) == []


def test_lenient_leaves_a_wrong_type_alone() -> None:
    made, notes = contract.clamp(REMOVAL, "base64", removal(scale="30", seed=True))

    assert (made["scale"], made["seed"], notes) == ("30", True, ())
    assert said(made, "lenient") == [("$.scale", "schema_type"), ("$.seed", "schema_type")]


def test_judging_changes_nothing_in_the_body() -> None:
    body = removal(scale=30, logo_info={"opacity": 7}, binary_data_base64=["x" * 1000, "y"])
    before = copy.deepcopy(body)

    problems(body)
    contract.clamp(REMOVAL, "base64", body)
    contract.advice(REMOVAL, "base64", body)

    assert body == before


# --- agreement with the schemas as they are written


def registry() -> Registry[Any]:
    loaded = [document(str(path.relative_to(shelf("schemas")))) for path in Path(shelf("schemas")).glob("*/*.json")]
    return Registry().with_resources((each["$id"], Resource.from_contents(each)) for each in loaded)


WRITTEN = {
    key: Draft202012Validator(document(operation.request_schema), registry=registry())
    for key, operation in contract.operations().items()
}
JUNK = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5), st.just([]))
NUMBERS = st.one_of(st.integers(-3, 25), st.floats(-2, 25, allow_nan=False))


@st.composite
def bodies(draw: st.DrawFn, *, wild: bool) -> dict[str, Any]:
    """A request near the truth: the least it must say, some members right or wrong, some left out."""
    req_key, mode = draw(st.sampled_from(BRANCHES))
    body = smallest(req_key, mode)
    names = list(document(contract.operation(req_key).request_schema)["$defs"][mode]["properties"])[1:]
    values = st.one_of(NUMBERS, JUNK, st.lists(st.sampled_from(["a", "b", 7]), max_size=3)) if wild else NUMBERS
    body.update(draw(st.dictionaries(st.sampled_from(names), values, max_size=4)))
    for name in draw(st.lists(st.sampled_from(sorted(body)), max_size=1)):
        body.pop(name)
    return {**body, "req_key": req_key}


@settings(max_examples=200, deadline=None)
@given(bodies(wild=True))
def test_one_branch_judges_as_the_whole_written_schema_does(body: dict[str, Any]) -> None:
    """The branch that is asked is resolved and alone; the file has `$ref`s and oneOf. They must agree."""
    assert (problems(body) == []) == WRITTEN[body["req_key"]].is_valid(body)


@settings(max_examples=200, deadline=None)
@given(bodies(wild=True))
def test_strict_refuses_at_least_what_the_default_refuses_and_lenient_at_most(body: dict[str, Any]) -> None:
    default, strict, lenient = (set(said(body, profile)) for profile in PROFILES)

    assert lenient <= default
    assert {where for where, _ in default} <= {where for where, _ in strict}


@settings(max_examples=200, deadline=None)
@given(bodies(wild=False))
def test_a_clamped_body_has_no_number_out_of_range(body: dict[str, Any]) -> None:
    req_key = body["req_key"]
    mode = contract.mode_of(req_key, body)

    made, _ = contract.clamp(req_key, mode, body)

    assert contract.check(req_key, mode, made, "default") == contract.check(req_key, mode, body, "lenient")


@settings(max_examples=200, deadline=None)
@given(bodies(wild=True))
def test_every_problem_cites_a_source_and_has_a_row(body: dict[str, Any]) -> None:
    for problem in problems(body):
        assert problem.where.startswith("$.")
        assert problem.source
        assert contract.row_for_rule(problem.rule).http_status == 400


# --- advice


@settings(max_examples=50)
@given(st.data())
def test_a_body_is_advised_of_exactly_what_strict_adds_to_the_default(data: st.DataObject) -> None:
    """The notes validate only what the two schemas have otherwise; nothing is lost by that."""
    req_key, mode = data.draw(st.sampled_from(BRANCHES))
    names = [*branch(contract.operation(req_key).request_schema, mode)["properties"], "sead"]
    values = st.sampled_from([-1, 0, 0.1, 1, 5, 10**6, 10**9, "", "x", "x" * 900, [], ["u"], None, True, {"colour": 1}])
    changes = data.draw(st.dictionaries(st.sampled_from(names), values, max_size=3))
    body = {**smallest(req_key, mode), **changes}
    assume(contract.check(req_key, mode, body, "default") == [])

    strict = contract.check(req_key, mode, body, "strict")

    told = [f"{each.where}: {each.found}; advised: {each.wanted} ({each.source})" for each in strict]
    assert [note for note in contract.advice(req_key, mode, body) if "; advised: " in note] == told
