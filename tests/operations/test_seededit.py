"""SeedEdit's answer tells how the picture was made, with the request's own values."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.operations.jobs import EDIT, OUTPAINTING, REMOVAL, SEEDEDIT, job
from volcv_mock import operations
from volcv_mock._util.paths import shelf
from volcv_mock.operations.identity import Identity
from volcv_mock.operations.infer_ctx import rfc3339

IDENTITY = Identity("202504241731056AE80EBE54A94EAE89AC", "a0" * 32, 1745487065.042, 10.618578556)


def example():
    """The answer as S0 shows it."""
    file = shelf("fixtures") / "examples" / SEEDEDIT / "document_answer.json"
    return json.loads(file.read_text(encoding="utf-8"))["json"]["data"]


def extra(**parameters):
    made = job(SEEDEDIT, **parameters)
    return operations.extra(made, operations.paint(made), IDENTITY)


def test_the_members_are_those_of_the_documents_answer():
    data, made = example(), extra()

    assert set(made) == set(data) - {"algorithm_base_resp", "binary_data_base64", "image_urls", "request_id"}
    assert set(made["infer_ctx"]) == set(data["infer_ctx"])
    assert set(made["infer_ctx"]["params"]) == set(data["infer_ctx"]["params"])
    assert {key: type(value) for key, value in made["infer_ctx"]["params"].items()} == {
        key: type(value) for key, value in data["infer_ctx"]["params"].items()
    }


def test_the_requests_own_values_are_repeated():
    made = extra(prompt="修改成红色衣服", negative_prompt="blurry", scale=0.7, seed=99)

    params = made["infer_ctx"]["params"]
    assert (params["ori_prompt"], params["negative_prompt"], params["scale"], params["seed"]) == (
        "修改成红色衣服",
        "blurry",
        0.7,
        99,
    )
    assert params["vlm_edit"] == "Instruction: 修改成红色衣服"
    assert "修改成红色衣服" in made["vlm_result"]
    assert made["vlm_result"] == params["vlm_output"]


def test_a_prompt_of_megabytes_is_repeated_once():
    prompt = "明" * 1_000_000

    params = extra(prompt=prompt)["infer_ctx"]["params"]

    assert params["ori_prompt"] == prompt
    assert len(params["vlm_edit"] + params["vlm_output"]) < 1000


def test_the_sizes_are_those_of_the_picture():
    params = extra()["infer_ctx"]["params"]

    assert [params[name] for name in ("width", "height", "output_width", "output_height")] == [512, 384, 512, 384]


def test_a_random_seed_is_repeated_as_it_was_asked_for():
    made = job(SEEDEDIT, seed=-1)
    made = replace(made, seed=123456)

    assert operations.extra(made, None, IDENTITY)["infer_ctx"]["params"]["seed"] == -1


def test_ids_and_times_agree_with_the_rest_of_the_answer():
    """S0: log_id is the request id, time_stamp and created_at the moment the work was done."""
    context = extra()["infer_ctx"]

    assert context["log_id"] == IDENTITY.request_id
    assert context["request_id"] == IDENTITY.data_request_id
    assert context["time_stamp"] == "1745487075"
    assert context["created_at"].startswith("2025-04-24T17:31:15.66")
    assert context["created_at"].endswith("+08:00")


@pytest.mark.parametrize(
    ("at_s", "wanted"),
    [(0.0, "1970-01-01T08:00:00.000000000+08:00"), (1745487075.9999999, "2025-04-24T17:31:16.000000000+08:00")],
    ids=["epoch", "rounded up"],
)
def test_times_are_written_with_nanoseconds(at_s, wanted):
    assert rfc3339(at_s) == wanted


def test_a_scale_of_zero_leaves_the_picture_nearly_as_it_was():
    from tests.imaging.scenes import difference, opened, scene
    from volcv_mock.imaging.codecs import MAX_JPEG_ERROR

    assert difference(opened(operations.paint(job(SEEDEDIT, scale=0))), scene("seaside"))[1] <= MAX_JPEG_ERROR


@pytest.mark.parametrize("req_key", [REMOVAL, EDIT, OUTPAINTING])
def test_the_other_operations_add_nothing(req_key):
    assert operations.extra(job(req_key), None, IDENTITY) == {}


def test_what_does_not_repeat_the_request_is_as_the_document_shows_it():
    own = {"ori_prompt", "vlm_edit", "vlm_input", "vlm_output", "width", "height", "output_width", "output_height"}
    own |= {"seed", "scale", "negative_prompt"}
    shown, made = example()["infer_ctx"], extra()["infer_ctx"]

    assert {k: v for k, v in made["params"].items() if k not in own} == {
        k: v for k, v in shown["params"].items() if k not in own
    }
    assert (made["algorithm_key"], made["app_key"]) == (shown["algorithm_key"], shown["app_key"])
