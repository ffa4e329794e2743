"""The code table: each row is graded, each rule has a row, and a row is found by its number."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from volcv_mock import contract
from volcv_mock.contract.documents import document
from volcv_mock.contract.provenance import sources

PACKAGE = Path(contract.__file__).resolve().parent.parent
GRADES = {"stated", "prose", "example", "seen", "inferred", "assumed"}
RULES = [
    "http_syntax", "http_framing", "http_version", "http_timeout", "http_target_too_long", "http_expectation",
    "http_head_too_large",
    "body_too_large", "media_type", "method_not_allowed", "route_unknown", "json_syntax", "json_not_object",
    "json_number_range", "json_nesting", "json_values", "json_encoding", "action_missing", "version_missing",
    "operation_unknown",
    "proxy_key_missing", "proxy_key_invalid", "req_key_missing", "req_key_unknown", "base64_alphabet",
    "base64_padding", "base64_is_not_data_uri", "base64_empty",
    "base64_has_no_whitespace", "base64_is_not_base64url", "picture_format", "picture_size_bytes",
    "picture_min_side", "picture_max_side", "picture_decodes", "picture_complete", "picture_crc", "picture_mode",
    "picture_bits", "picture_is_still", "mask_is_png", "mask_is_8_bit", "mask_channels", "mask_rgb_is_equal",
    "mask_alpha_is_opaque", "mask_has_no_icc_profile", "mask_size_matches", "mask_is_still", "mask_decodes",
    "url_scheme", "url_host_refused", "url_address_refused", "url_unreachable", "url_too_large", "url_too_slow",
    "url_redirects", "url_status", "url_not_a_picture",
]  # fmt: skip


def test_row_ids_are_unique() -> None:
    ids = [row.id for row in contract.codes()]

    assert len(ids) == len(set(ids))


def test_a_rule_is_answered_by_one_row_only() -> None:
    rules = [rule for row in contract.codes() for rule in row.rules]

    assert len(rules) == len(set(rules))


def test_every_row_is_graded_and_cites_listed_sources() -> None:
    for raw in document("codes.json")["rows"]:
        assert raw["grade"] in GRADES
        assert set(raw.get("grades", {}).values()) <= GRADES
        assert raw["source"], raw["id"]
        assert set(raw["source"]) <= set(sources()), raw["id"]
        assert set(raw.get("grades", {})) <= set(raw), raw["id"]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_row(rule: str) -> None:
    assert rule in contract.row_for_rule(rule).rules


def test_every_rule_named_in_the_package_has_a_row() -> None:
    named = {rule for path in PACKAGE.rglob("*.py") for rule in rules_in(path)}

    assert named
    for rule in named:
        contract.row_for_rule(rule)


def rules_in(path: Path) -> set[str]:
    """Every rule="..." and every sixth-but-one argument of a Problem, where they are plain text."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        values = [word.value for word in node.keywords if word.arg == "rule"]
        is_problem = isinstance(node.func, ast.Name) and node.func.id == "Problem" and len(node.args) > 4
        values += [node.args[4]] if is_problem else []
        found |= {each.value for each in values if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return found


def test_a_rule_of_no_family_is_our_own_mistake() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        contract.row_for_rule("nonsense")


@pytest.mark.parametrize(
    ("asked", "code", "status", "envelope"),
    [
        pytest.param(50411, 50411, 400, "service", id="a number"),
        pytest.param("50411", 50411, 400, "service", id="a number as text"),
        pytest.param("SignatureDoesNotMatch", 100010, 401, "gateway", id="a gateway name"),
        pytest.param(100010, 100010, 401, "gateway", id="a gateway number"),
        pytest.param(50200, 50200, 400, "service", id="a number that several rows share"),
        pytest.param("bad_json", 50200, 400, "service", id="a row of ours"),
        pytest.param("route_unknown", None, 404, "proxy", id="a row without a number"),
    ],
)
def test_a_row_is_found_by_id_or_number(asked: str | int, code: int | None, status: int, envelope: str) -> None:
    row = contract.row(asked)

    assert (row.code, row.http_status, row.envelope) == (code, status, envelope)
    assert contract.knows(asked)


def test_the_id_of_a_number_is_that_number() -> None:
    assert contract.row(50200).id == "50200"
    assert contract.row(201304).id == "201304"
    assert not contract.knows("50999")


def test_the_message_of_50413_is_that_of_50512() -> None:
    """S1 and S3 print it so, and it was seen in a real answer: compare codes, never messages."""
    assert contract.row(50413).message == contract.row(50512).message


@pytest.mark.parametrize("number", [50411, 50412, 50413, 50511, 50512])
def test_the_five_risk_codes_are_stated_and_answered_400(number: int) -> None:
    row = contract.row(number)

    assert (row.http_status, row.grade) == (400, "stated")
    assert row.phase == ("after" if number in (50511, 50512) else "gate")


def test_201304_has_two_placements_and_both_are_guesses() -> None:
    inside, outside = contract.placement("ghost_face"), contract.placement("ghost_face_top_level")

    assert (inside["code"], inside["algorithm_status"], inside["http_status"]) == (10000, 201304, 200)
    assert (outside["code"], outside["algorithm_status"]) == (201304, None)
    assert inside["grade"] == outside["grade"] == "assumed"
    assert contract.row(inside["row"]).message == inside["algorithm_message"]


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        pytest.param("MissingParameter", ("Action",), "The request is missing Action parameter.", id="one"),
        pytest.param(
            "InvalidActionOrVersion", ("A", "B"), "Could not find operation A for version B.", id="two of two"
        ),
        pytest.param("InvalidActionOrVersion", ("A",), "Could not find operation A for version .", id="one of two"),
        pytest.param("50411", (), "Pre Img Risk Not Pass", id="none"),
        pytest.param("MissingParameter", ("%s",), "The request is missing %s parameter.", id="a value with %s"),
    ],
)
def test_a_message_template_is_filled_in_turn(name: str, values: tuple[str, ...], message: str) -> None:
    assert contract.message_of(contract.row(name), *values) == message
