"""Width and height as a pair, the shape that a request leaves open, and the body limit of segmentation."""

from __future__ import annotations

import base64
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.helpers.clients import KEY
from volcv_mock import VolcvMock, contract

CALL = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
SEGMENT = "/volcv/v1?Action=EntitySegment&Version=2022-08-31"
LEAST, MOST = 1_048_576, 16_777_216


@pytest.fixture(scope="module")
def client():
    return VolcvMock(seed=7, triggers=False).app.test_client()


def _answer(client, **fields):
    return client.post(CALL, json={"prompt": "a kite", "seed": 7, **fields}, headers=KEY)


def _size(answer):
    (text,) = answer.get_json()["data"]["binary_data_base64"]
    with Image.open(io.BytesIO(base64.b64decode(text))) as image:
        return image.size


def _rules(req_key, **fields):
    body = {"req_key": req_key, "prompt": "a", **fields}
    problems = contract.check(req_key, "text", body, "default")
    return [problem.rule for problem in problems or contract.check_extent(req_key, "text", body, "default")]


@pytest.mark.parametrize(
    ("req_key", "width", "height", "rules"),
    [
        ("jimeng_t2i_v40", 1024, 1024, []),
        ("jimeng_t2i_v40", 1024, 1023, ["schema_area"]),
        ("jimeng_t2i_v40", 4096, 4096, []),
        ("jimeng_t2i_v40", 4097, 4096, ["schema_area"]),
        ("jimeng_t2i_v40", 3000, 1000, []),
        ("jimeng_t2i_v40", 3001, 1000, ["schema_ratio"]),
        ("jimeng_seedream46_cvtob", 100, 100, ["schema_area"]),
        ("jimeng_t2i_v30", 512, 512, []),
        ("jimeng_t2i_v31", 511, 512, ["schema_area"]),
        ("jimeng_t2i_v31", 2048, 2049, ["schema_area"]),
        ("high_aes_general_v21_L", 64, 64, []),
    ],
)
def test_width_and_height_give_an_area_and_a_ratio_within_the_range(req_key, width, height, rules):
    assert _rules(req_key, width=width, height=height) == rules


ALONE = [{"width": 100}, {"width": "100", "height": 100}, {"min_ratio": 5}, {"max_ratio": 0.1}]


@pytest.mark.parametrize("fields", ALONE, ids=repr)
def test_one_of_a_pair_alone_breaks_no_pair(fields):
    """It counts only together with the other; and a default excludes nothing that was asked for."""
    assert not {"schema_area", "schema_ratio"} & set(_rules("jimeng_t2i_v40", **fields))


def test_the_ratios_of_the_request_replace_the_defaults():
    wide = {"width": 4096, "height": 1024}

    assert _rules("jimeng_t2i_v40", **wide) == ["schema_ratio"]
    assert _rules("jimeng_t2i_v40", **wide, max_ratio=4) == []
    assert _rules("jimeng_t2i_v40", width=1024, height=1024, min_ratio=2) == ["schema_ratio"]
    assert _rules("jimeng_t2i_v40", min_ratio=3, max_ratio=2) == ["schema_ratio"]


def test_a_refusal_names_the_members_and_the_page(client):
    answer = _answer(client, req_key="jimeng_t2i_v40", width=4096, height=1024)

    assert (answer.status_code, answer.get_json()["code"]) == (400, 50200)
    wanted = "width by height from 0.3333 to 3 (min_ratio, max_ratio)"
    assert f"$.width: 4096 x 1024, a ratio of 4; wanted {wanted}" in answer.headers["X-Volcv-Mock-Reason"]


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(least=st.floats(0.0625, 15), most=st.floats(0.0625, 15))
def test_what_a_pair_of_ratios_permits_is_in_order_whenever_it_is_accepted(least, most):
    values = {"min_ratio": least, "max_ratio": most}
    accepted = _rules("jimeng_t2i_v40", **values) == []
    low, high = contract.ratios("jimeng_t2i_v40", "text", values)

    assert accepted is (low <= high)


@pytest.mark.parametrize(("fields", "ratio"), [({}, 1), ({"min_ratio": 2.0}, 2), ({"max_ratio": 0.5}, 0.5)])
def test_a_size_alone_gives_the_shape_nearest_to_a_square_that_the_ratios_permit(client, fields, ratio):
    width, height = _size(_answer(client, req_key="jimeng_t2i_v40", size=LEAST, **fields))

    assert width / height == pytest.approx(ratio, rel=0.01)
    assert width * height == pytest.approx(LEAST, rel=0.01)


def test_a_lenient_mock_refuses_no_pair():
    lenient = VolcvMock(seed=7, triggers=False, profile="lenient").app.test_client()

    assert _answer(lenient, req_key="jimeng_t2i_v31", width=100, height=100).status_code == 200


def test_a_body_of_segmentation_has_at_most_ten_megabytes(client):
    """Public client code: 10 MB, then 50213; the endpoint itself takes more."""
    limit = contract.operation("entity_seg").max_body_bytes
    body = VolcvMock(seed=7).body("entity_seg")
    padding = limit - len(json.dumps({**body, "pad": ""}))

    def sent(more):
        raw = json.dumps({**body, "pad": "x" * (padding + more)})
        return client.post(SEGMENT, data=raw, headers={**KEY, "Content-Type": "application/json"})

    assert limit == 10 * 2**20
    assert sent(0).get_json()["code"] == 10000
    refused = sent(1)
    assert (refused.status_code, refused.get_json()["code"]) == (400, 50213)
    assert f"{limit + 1} bytes; wanted at most {limit} for entity_seg" in refused.headers["X-Volcv-Mock-Reason"]


def test_segment_then_remove_through_the_action_of_segmentation(client):
    """The pages of the removal recommend it: the mask of an area is sent on as it is."""
    picture = VolcvMock(seed=7).body("entity_seg")["binary_data_base64"]
    asked = {"req_key": "entity_seg", "binary_data_base64": picture, "return_format": 3, "max_entity": 4}

    data = client.post(SEGMENT, json=asked, headers=KEY).get_json()["data"]
    source, *masks = data["binary_data_base64"]
    removed = client.post(CALL, json={"req_key": "i2i_inpainting", "binary_data_base64": [source, masks[-1]]},
                          headers=KEY).get_json()  # fmt: skip

    assert len(masks) == data["entity_num"][0] >= 1
    assert removed["code"] == 10000
    assert removed["data"]["binary_data_base64"] != [source]
