"""The catalog as Python sees it: operations, defaults, limits, Actions, and how long a picture takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from volcv_mock import contract
from volcv_mock.contract.documents import document

PACKAGE = Path(contract.__file__).resolve().parent.parent


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


def test_the_catalog_names_files_that_exist() -> None:
    for operation in contract.operations().values():
        for name in (operation.request_schema, operation.response_schema):
            assert json.loads((PACKAGE.parent / "schemas" / name).read_text(encoding="utf-8"))["$id"]
