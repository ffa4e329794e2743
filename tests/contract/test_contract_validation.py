"""A body validated against its schema: which branch, what is wrong, in which words, at what cost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.helpers.bodies import (
    BRANCHES,
    EDIT,
    OUTPAINTING,
    PROFILES,
    REMOVAL,
    SEEDEDIT,
    only,
    problems,
    removal,
    said,
    smallest,
)
from volcv_mock import contract
from volcv_mock.contract import validation

# --- which branch


@pytest.mark.parametrize(
    ("req_key", "pictures", "mode"),
    [
        pytest.param(REMOVAL, {"binary_data_base64": ["a", "b"]}, "base64", id="base64"),
        pytest.param(REMOVAL, {"image_urls": ["a", "b"]}, "urls", id="urls"),
        pytest.param(REMOVAL, {"binary_data_base64": [], "image_urls": ["a", "b"]}, "urls", id="empty base64, urls"),
        pytest.param(
            REMOVAL, {"binary_data_base64": ["a"], "image_urls": ["b", "c"]}, "base64", id="both: base64 wins"
        ),
        pytest.param(REMOVAL, {}, "base64", id="neither"),
        pytest.param(REMOVAL, {"binary_data_base64": "text"}, "base64", id="not a list"),
        pytest.param(OUTPAINTING, {"binary_data_base64": ["a"]}, "base64_ratios", id="one picture: ratios"),
        pytest.param(OUTPAINTING, {"binary_data_base64": ["a", "b"]}, "base64_canvas", id="two pictures: canvas"),
        pytest.param(OUTPAINTING, {"image_urls": ["a"]}, "urls_ratios", id="one url: ratios"),
        pytest.param(OUTPAINTING, {"image_urls": ["a", "b"]}, "urls_canvas", id="two urls: canvas"),
        pytest.param(OUTPAINTING, {"image_urls": 7}, "urls_ratios", id="urls not a list"),
    ],
)
def test_the_mode_is_read_off_the_pictures(req_key: str, pictures: dict[str, Any], mode: str) -> None:
    assert contract.mode_of(req_key, {"req_key": req_key, **pictures}) == mode


@pytest.mark.parametrize(("req_key", "mode"), BRANCHES)
def test_the_least_a_request_must_say_is_accepted(req_key: str, mode: str) -> None:
    body = smallest(req_key, mode)

    assert contract.mode_of(req_key, body) == mode
    for profile in PROFILES:
        assert contract.check(req_key, mode, body, profile) == []


# --- what clients really send


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"image_urls": []}, id="an empty list beside, as the Python SDK's sample sends it"),
        pytest.param(
            {"seed": -1.0, "steps": 30.0, "return_url": False}, id="doubles and return_url, as Java sends them"
        ),
        pytest.param({"strength": 0, "scale": 1}, id="strength 0: the original"),
        pytest.param({"strength": 1.0, "scale": 20.0}, id="the upper ends"),
        pytest.param({"steps": 0, "dilate_size": -3, "seed": 10**30}, id="no document bounds these"),
        pytest.param({"logo_info": {}}, id="an empty watermark"),
        pytest.param({"prompt": "ignored", "unknown": None}, id="stray fields"),
        pytest.param({"image_urls": ["not a url"]}, id="both lists filled"),
    ],
)
def test_removal_accepts(changes: dict[str, Any]) -> None:
    assert problems(removal(**changes)) == []


@pytest.mark.parametrize(
    "text", [{}, {"prompt": "sea"}, {"custom_prompt": "sea"}, {"prompt": "a", "custom_prompt": "b"}]
)
def test_outpainting_takes_either_text_or_none(text: dict[str, str]) -> None:
    assert problems({**smallest(OUTPAINTING, "base64_ratios"), **text}) == []


# --- what is refused, and in which words


@pytest.mark.parametrize(
    ("changes", "where", "rule"),
    [
        pytest.param({"seed": "7"}, "$.seed", "schema_type", id='"7" is not 7'),
        pytest.param({"seed": True}, "$.seed", "schema_type", id="true is not 1"),
        pytest.param({"seed": 7.5}, "$.seed", "schema_type", id="7.5 is not whole"),
        pytest.param({"seed": None}, "$.seed", "schema_type", id="null is not absent"),
        pytest.param({"seed": -2}, "$.seed", "schema_minimum", id="a seed below -1"),
        pytest.param({"scale": 0.99}, "$.scale", "schema_minimum", id="scale below 1"),
        pytest.param({"scale": 20.01}, "$.scale", "schema_maximum", id="scale above 20"),
        pytest.param({"strength": 1.01}, "$.strength", "schema_maximum", id="strength above 1"),
        pytest.param({"quality": "h"}, "$.quality", "schema_enum", id="quality in small letters"),
        pytest.param({"return_url": 1}, "$.return_url", "schema_type", id="1 is not true"),
        pytest.param({"logo_info": []}, "$.logo_info", "schema_type", id="a watermark that is a list"),
        pytest.param({"logo_info": {"opacity": 1.5}}, "$.logo_info.opacity", "schema_maximum", id="opacity above 1"),
        pytest.param({"logo_info": {"position": 4}}, "$.logo_info.position", "schema_enum", id="a fifth corner"),
        pytest.param({"logo_info": {"position": True}}, "$.logo_info.position", "schema_type", id="corner true"),
        pytest.param({"binary_data_base64": "text"}, "$.binary_data_base64", "schema_type", id="text for a list"),
        pytest.param(
            {"binary_data_base64": ["a", 7]}, "$.binary_data_base64[1]", "schema_type", id="a number for a picture"
        ),
        pytest.param({"image_urls": None}, "$.image_urls", "schema_type", id="null for a list"),
    ],
)
def test_removal_refuses(changes: dict[str, Any], where: str, rule: str) -> None:
    assert said(removal(**changes)) == [(where, rule)]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        pytest.param(
            removal(binary_data_base64=["a"]),
            "$.binary_data_base64: one picture, no mask; wanted two (the picture, then the mask). "
            "Send a list of two: the picture, then the mask. (rule schema_minItems; S3, Body参数)",
            id="the mask forgotten",
        ),
        pytest.param(
            {**smallest(SEEDEDIT, "base64"), "binary_data_base64": ["a", "b"]},
            "$.binary_data_base64: two pictures; wanted one (the picture). Send a list of one: the picture. "
            "(rule schema_maxItems; S0, 通用2.0Pro-指令编辑（SeedEdit）)",
            id="a mask for SeedEdit",
        ),
        pytest.param(
            removal(binary_data_base64=[None, "b"]),
            "$.binary_data_base64[0]: null; wanted text. Send text. (rule schema_type; S3, Body参数; S1, Body参数)",
            id="null among the pictures, which nobody can leave out",
        ),
        pytest.param(
            {**smallest(OUTPAINTING, "base64_ratios"), "binary_data_base64": ["a"], "top": {}, "prompt": "sea"},
            "$.top: an empty object; wanted a number. Send a number. (rule schema_type; S2, 请求示例代码)",
            id="an empty object for a number",
        ),
        pytest.param(
            {"req_key": REMOVAL},
            "$.binary_data_base64: no picture at all; wanted two (the picture, then the mask). Put the picture, then "
            "the mask into binary_data_base64, or their URLs into image_urls. (rule picture_missing; S3, Body参数)",
            id="no picture",
        ),
        pytest.param(
            {k: v for k, v in smallest(EDIT, "base64").items() if k != "custom_prompt"},
            '$.custom_prompt: it is missing; wanted text. Add "custom_prompt" to the body. '
            "(rule schema_required; S1, Body参数)",
            id="no prompt",
        ),
        pytest.param(
            removal(logo_info={"opacity": "0.3"}),
            '$.logo_info.opacity: text "0.3"; wanted a number. Send the number without quotes. '
            "(rule schema_type; S3, LogoInfo; S1, LogoInfo)",
            id="a number in quotes",
        ),
        pytest.param(
            removal(quality="h"),
            '$.quality: "h"; wanted one of "H", "M", "L". Did you mean "H"? (rule schema_enum; S3, Body参数)',
            id="small letters",
        ),
        pytest.param(
            removal(scale=30),
            "$.scale: 30; wanted from 1 to 20. Choose a value in the range. "
            "(rule schema_maximum; S3, Body参数; S1, Body参数)",
            id="out of range",
        ),
    ],
)
def test_a_problem_says_what_was_found_and_wanted_and_how_to_fix_it(body: dict[str, Any], sentence: str) -> None:
    assert only(body).sentence() == sentence


def test_a_note_on_a_clamped_number_is_short_whatever_its_digits() -> None:
    body, notes = contract.clamp(REMOVAL, "base64", removal(scale=10**4000))

    assert body["scale"] == 20
    assert len(notes[0]) < 150


def test_of_endless_unknown_members_the_first_hundred_are_named() -> None:
    """Looking for what each of half a million was meant to be took twenty seconds."""
    wrong = removal(**{f"member {number:06}": 1 for number in range(100_000)})

    found = problems({**wrong, "scale": 99}, "strict")

    assert found[0].where == "$.scale"
    assert [each.where for each in found[1:]] == [f'$["member {number:06}"]' for number in range(100)]


def test_problems_come_in_the_order_of_the_schema_whatever_the_order_of_the_body() -> None:
    wrong = {"logo_info": {"opacity": 2, "position": 9}, "seed": "7", "steps": None, "binary_data_base64": [1]}
    expected = [
        "$.binary_data_base64",
        "$.binary_data_base64[0]",
        "$.steps",
        "$.seed",
        "$.logo_info.position",
        "$.logo_info.opacity",
    ]

    for body in (removal(**wrong), dict(reversed(removal(**wrong).items()))):
        assert [each.where for each in problems(body)] == expected


def test_the_validator_s_own_text_is_never_shown() -> None:
    body = removal(seed="7", scale=99, quality="x", binary_data_base64=[])
    text = " ".join(each.sentence() for each in problems({**body, "image_urls": 7}))

    assert "is not of type" not in text
    assert "is greater than" not in text


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x" * 10_000_000, id="a long text"),
        pytest.param([0] * 100_000, id="a long list"),
        pytest.param({str(n): n for n in range(100_000)}, id="a large object"),
        pytest.param("\ud800" * 100, id="lone surrogates"),
        pytest.param("\x00\x1b[31m", id="control characters"),
        pytest.param(float("inf"), id="infinity"),
    ],
)
def test_what_is_shown_is_short_and_can_be_written(value: object) -> None:
    sentence = only(removal(seed=value)).sentence()

    assert len(sentence) < 300
    assert sentence.encode("utf-8")
    assert "\x00" not in sentence


@pytest.mark.parametrize(
    ("name", "where"),
    [
        pytest.param("sead", "$.sead", id="a word"),
        pytest.param("a b", '$["a b"]', id="a name with a space"),
        pytest.param("x" * 100_000, '$["' + "x" * 60 + '…"]', id="a long name"),
        pytest.param("\n", '$["\\n"]', id="a line break"),
    ],
)
def test_a_name_that_is_no_plain_word_stands_quoted_and_short(name: str, where: str) -> None:
    problem = only(removal(**{name: 1}), "strict")

    assert problem.where == where
    assert len(problem.sentence()) < 400


# --- cost


def test_no_long_text_reaches_the_validator() -> None:
    """So 0.1 MB and 7 MB cost the same; benchmarks/ measures it."""
    blob = "x" * 7_000_000
    body = removal(binary_data_base64=[blob, blob, 7], image_urls=[blob], prompt=blob, seed=blob, steps=7)

    slim = validation.slim(body)

    assert len(json.dumps(slim)) < 1000
    assert slim["binary_data_base64"] == [validation.STAND_IN, validation.STAND_IN, 7]
    assert slim["steps"] == 7
    assert set(slim) == set(body)
