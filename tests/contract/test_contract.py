"""The contract as Python sees it: code table, catalog, figures, provenance."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
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


# --- codes


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


# --- catalog


DOCUMENTED = ("i2i_inpainting", "i2i_inpainting_edit", "img2img_inpainting_edit_zi2i", "i2i_outpainting",
              "byteedit_v2.0")  # fmt: skip
"""The req_keys of S0 to S4."""


def test_the_documents_req_keys_come_first_and_their_neighbours_after_them() -> None:
    assert tuple(contract.operations())[:5] == DOCUMENTED
    assert {"jimeng_t2i_v40", "seededit_v3.0", "entity_seg"} <= set(contract.operations())


@pytest.mark.parametrize(
    ("req_key", "expected"),
    [
        pytest.param(
            "i2i_inpainting",
            {"steps": 30, "strength": 0.8, "scale": 7, "seed": 0, "dilate_size": 15, "quality": "M"},
            id="removal",
        ),
        pytest.param("i2i_inpainting_edit", {"steps": 25, "scale": 5, "seed": -1}, id="edit of the reseller"),
        pytest.param("img2img_inpainting_edit_zi2i", {"steps": 25, "scale": 5, "seed": -1}, id="edit of the vendor"),
        pytest.param(
            "i2i_outpainting",
            {
                "steps": 30,
                "strength": 0.8,
                "scale": 7,
                "seed": -1,
                "top": 0.1,
                "bottom": 0.1,
                "left": 0.1,
                "right": 0.1,
                "max_height": 1920,
                "max_width": 1920,
            },
            id="outpainting",
        ),
        pytest.param("byteedit_v2.0", {"seed": -1, "scale": 0.5, "negative_prompt": ""}, id="SeedEdit"),
    ],
)
def test_defaults_are_those_printed_for_the_operation(req_key: str, expected: dict[str, object]) -> None:
    logo = {"add_logo": False, "position": 0, "language": 0, "opacity": 0.3}
    mode = contract.operation(req_key).modes[0]

    assert contract.defaults(req_key, mode) == {**expected, "return_url": False, "logo_info": logo}


def test_a_canvas_has_no_default_ratios() -> None:
    """S2: the padding decides; a ratio beside it is ignored."""
    assert not {"top", "bottom", "left", "right"} & set(contract.defaults("i2i_outpainting", "base64_canvas"))


def test_defaults_satisfy_their_own_schema() -> None:
    for req_key, operation in contract.operations().items():
        for mode in operation.modes:
            count = len(contract.item_roles(req_key, mode))
            pictures = {contract.picture_field(mode): ["x"] * count} if count else {}
            needed = {"req_key": req_key, **pictures}
            prompt = {operation.prompt_field: "a puppy"} if operation.prompt_field else {}
            body = {**contract.defaults(req_key, mode), **needed, **prompt}

            assert contract.check(req_key, mode, body, "strict") == []


def test_limits_and_mask_demands_are_those_of_the_documents() -> None:
    limits, mask = contract.limits(), contract.mask_demands()

    assert (limits.formats, limits.max_bytes, limits.min_side, limits.max_side) == (("JPEG", "PNG"), 5 << 20, 64, 4096)
    assert (mask.format, mask.bits, mask.modes, mask.alpha) == ("PNG", 8, ("L", "RGB", "RGBA"), 255)
    assert (mask.icc_profile, mask.same_size, mask.marked_from) == (False, True, 128)


def test_two_pictures_of_the_largest_size_fit_into_a_body() -> None:
    as_base64 = 2 * (contract.limits().max_bytes + 2) // 3 * 4

    assert contract.parameter("body_limit_bytes") > as_base64 + 64 * 1024


def test_the_actions_by_step_and_version() -> None:
    assert contract.version() == "2022-08-31"
    assert {name: (action.step, action.versions) for name, action in contract.actions().items()} == {
        "CVProcess": ("sync", ("2022-08-31",)),
        "Img2ImgInpainting": ("sync", ("2022-08-31", "2024-06-06")),
        "Img2ImgInpaintingEdit": ("sync", ("2022-08-31", "2024-06-06")),
        "Img2ImgOutpainting": ("sync", ("2022-08-31", "2024-06-06")),
        "EntitySegment": ("sync", ("2022-08-31", "2024-06-06")),
        "CVSync2AsyncSubmitTask": ("submit", ("2022-08-31", "2024-06-06")),
        "CVSync2AsyncGetResult": ("result", ("2022-08-31", "2024-06-06")),
        "CVSubmitTask": ("submit", ("2022-08-31", "2024-06-06")),
        "CVGetResult": ("result", ("2022-08-31", "2024-06-06")),
        "CVCancelTask": ("cancel", ("2024-06-06",)),
    }


@pytest.mark.parametrize(
    ("name", "version", "step"),
    [
        ("JimengT2IV31SubmitTask", "2024-06-06", "submit"),
        ("Img2ImgInpaintingGetResult", "2024-06-06", "result"),
        ("Img2ImgInpaintingGetResult", "2022-08-31", None),
        ("img2imgSubmitTask", "2024-06-06", None),
        ("SubmitTask", "2024-06-06", None),
        ("CVProcess", "2024-06-06", None),
    ],
)
def test_an_action_of_one_product_is_served_by_its_pattern(name: str, version: str, step: str | None) -> None:
    """The vendor has one Action per product; req_key still decides."""
    action = contract.action_of(name, version)

    assert (action.step if action else None) == step


@pytest.mark.parametrize("req_key", DOCUMENTED)
def test_the_length_of_the_algorithm_s_id_is_that_of_the_sample(req_key: str) -> None:
    """24 digits for removal (S3), 64 for the others."""
    sample = json.loads(
        (PACKAGE.parent / "fixtures" / "examples" / req_key / "document_answer.json").read_text("utf-8")
    )

    assert contract.operation(req_key).data_request_id_length == len(sample["json"]["data"]["request_id"])


def test_every_operation_s_older_action_names_it() -> None:
    for req_key, operation in contract.operations().items():
        if operation.legacy_action:
            row = next(row for row in document("catalog.json")["actions"] if row["name"] == operation.legacy_action)
            assert req_key in row["req_keys"]


# --- timing


@pytest.mark.parametrize(
    ("req_key", "anchor_s"),
    [("i2i_inpainting", 3.94), ("i2i_inpainting_edit", 2.17), ("i2i_outpainting", 3.94), ("byteedit_v2.0", 10.6)],
)
def test_the_anchor_of_a_timing_is_the_sample_s_time_elapsed(req_key: str, anchor_s: float) -> None:
    timing = contract.operation(req_key).timing

    assert timing.expected_s() == pytest.approx(anchor_s)
    assert timing.expected_s(timing.steps, timing.pixels, "M") == pytest.approx(anchor_s)


def test_time_grows_with_steps_pixels_and_quality() -> None:
    timing = contract.operation("i2i_inpainting").timing

    assert timing.expected_s(steps=30) < timing.expected_s(steps=60)
    assert timing.expected_s(pixels=64 * 64) < timing.expected_s(pixels=2048 * 2048)
    assert timing.expected_s(quality="L") < timing.expected_s(quality="M") < timing.expected_s(quality="H")


@pytest.mark.parametrize("steps", [-5, 0, 10**9, 10**400, 1e308], ids=["negative", "zero", "huge", "10^400", "1e308"])
def test_steps_without_a_range_never_take_for_ever(steps: float) -> None:
    timing = contract.operation("i2i_inpainting").timing

    assert 0 < timing.expected_s(steps=steps) <= timing.max_s


# --- provenance


def test_everything_assumed_is_listed() -> None:
    """A guess must never look proven: rows, figures, keywords and readings are all there."""
    listed = {fact["where"] for fact in contract.assumptions()}

    for row in contract.codes():
        if row.grade == "assumed":
            assert f"schemas/codes.json {row.id}" in listed
    for name, raw in document("catalog.json")["parameters"].items():
        assert (f"schemas/catalog.json {name}" in listed) == (raw["grade"] == "assumed")
    for reading in contract.divergences():
        assert (f"schemas/divergences.json {reading['id']}" in listed) == (reading["grade"] == "assumed")
    assert "schemas/requests/byteedit_v2.0.schema.json#/$defs/scale" in listed
    assert "schemas/common/mask.schema.json#/x-mask" in listed


def test_an_assumption_says_what_its_value_is_and_where_it_stands() -> None:
    for fact in contract.assumptions():
        assert set(fact) == {"what", "value", "where", "source", "grade"}
        assert all(fact.values()), fact
        assert (PACKAGE.parent / fact["where"].split("#")[0].split()[0]).is_file()


def test_every_parameter_and_action_is_graded_and_sourced() -> None:
    catalog = document("catalog.json")
    for row in (*catalog["parameters"].values(), *catalog["actions"]):
        assert row["grade"] in GRADES
        assert set(row["source"]) <= set(sources())


def test_every_figure_of_the_timing_model_is_graded_and_sourced() -> None:
    catalog = document("catalog.json")
    for timing in (catalog["timing_model"], *(row["timing"] for row in catalog["operations"])):
        figures = {key for key in timing if not key.startswith("x-") and key != "description"}
        assert set(timing["x-source"]) == set(timing["x-grade"]) == figures
        assert all(set(names) <= set(sources()) for names in timing["x-source"].values())


def test_a_divergence_says_who_disagrees_what_is_served_and_why() -> None:
    ids = [row["id"] for row in contract.divergences()]

    assert len(ids) == len(set(ids))
    for row in contract.divergences():
        assert set(row) - {"alternatives", "probe", "no_probe", "rule"} == {
            "id", "ledger", "discrepancy", "where", "reading", "why", "switch", "grade", "source",
        }  # fmt: skip
        assert row["grade"] in GRADES
        assert set(row["where"]) <= {"S0", "S1", "S2", "S3", "S4"}
        assert set(row["source"]) <= set(sources())


def test_every_row_of_the_ledger_is_among_the_divergences() -> None:
    assert {row["ledger"] for row in contract.divergences()} >= set(range(1, 31))


def test_a_citation_names_document_and_section_once() -> None:
    assert contract.cite(["S3-seed", "S3-seed-repeat", "S1-seed"]) == "S3, Body参数; S1, Body参数"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        pytest.param("i2i_inpaint", "i2i_inpainting", id="cut short"),
        pytest.param("I2I_OUTPAINTING", "i2i_outpainting", id="capitals"),
        pytest.param("zzz", None, id="nothing near"),
        pytest.param("", None, id="empty"),
        pytest.param("x" * 100_000, None, id="very long"),
    ],
)
def test_a_slip_of_the_pen_finds_what_was_meant(word: str, meant: str | None) -> None:
    assert contract.nearest(word, contract.operations()) == meant


def test_importing_the_contract_does_not_import_jsonschema() -> None:
    """`volcv-mock --help` must not pay for it."""
    code = "import sys; from volcv_mock import contract; contract.codes(); print('jsonschema' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)

    assert run.stdout.strip() == "False"


def test_the_catalog_names_files_that_exist() -> None:
    for operation in contract.operations().values():
        for name in (operation.request_schema, operation.response_schema):
            assert json.loads((PACKAGE.parent / "schemas" / name).read_text(encoding="utf-8"))["$id"]
