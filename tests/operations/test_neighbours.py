"""The newer req_keys: how many pictures, of which format and size, and what their parameters do."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from functools import cache

import pytest
from PIL import Image

from tests.imaging.scenes import data_of, difference, mask_of, opened, scene
from tests.operations.jobs import job
from volcv_mock import contract, operations
from volcv_mock.operations.identity import Identity
from volcv_mock.operations.sizes import new_size

DREAM, T2I, SEEDREAM, SEGMENT = (
    "jimeng_image2image_dream_inpaint", "jimeng_t2i_v40", "jimeng_seedream46_cvtob", "entity_seg",
)  # fmt: skip
FROM_TEXT = [key for key, each in contract.operations().items() if each.modes[0] == "text"]
NEWER = [key for key, each in contract.operations().items() if not each.page.startswith("S")]
SMALL = {"width": 128, "height": 128}
WHO = Identity("r", "d", 0.0, 1.0)


def text_job(req_key, **parameters):
    """A job without pictures; small where the default would be large."""
    made = job(req_key, mode="text", **parameters)
    small = {"size": 128 * 128} if "size" in made.parameters else SMALL
    return replace(made, parameters={**made.parameters, **small, **parameters})


def pictures_of(made):
    return [Image.open(io.BytesIO(each.data)) for each in made.pictures]


@pytest.mark.parametrize("req_key", NEWER)
def test_a_result_has_the_format_of_its_req_key(req_key):
    operation = contract.operation(req_key)
    made = operations.paint(text_job(req_key) if operation.modes[0] == "text" else job(req_key))

    assert {each.format for each in pictures_of(made)} == {operation.output.format}


@pytest.mark.parametrize("req_key", FROM_TEXT)
def test_a_picture_from_text_depends_on_prompt_seed_and_size(req_key):
    plain = operations.paint(text_job(req_key, prompt="a kite"))
    sizes = {"width": 256, "height": 512}

    assert operations.paint(text_job(req_key, prompt="a kite")).data == plain.data
    assert operations.paint(text_job(req_key, prompt="a rose")).data != plain.data
    assert operations.paint(text_job(req_key, prompt="a kite", seed=8)).data != plain.data
    other = operations.paint(text_job(req_key, prompt="a kite", **sizes))
    assert (other.width, other.height) == (256, 512)


@pytest.mark.parametrize(
    ("prompt", "options", "inputs", "count"),
    [
        pytest.param("a kite", {}, 0, 1, id="no number"),
        pytest.param("3 images of a kite", {}, 0, 3, id="a number"),
        pytest.param("四张图片", {}, 0, 4, id="a Chinese number"),
        pytest.param("99 photos", {}, 0, 15, id="more than the most"),
        pytest.param("99 photos", {}, 3, 12, id="less the pictures in"),
        pytest.param("3 images", {"force_single": True}, 0, 1, id="force_single"),
        pytest.param("a house for 3 cats", {}, 0, 1, id="a number of something else"),
    ],
)
def test_the_prompt_says_how_many_pictures_are_made(prompt, options, inputs, count):
    files = [data_of("seaside")] * inputs
    made = job(T2I, *files, mode="base64" if files else "text", prompt=prompt, **options)
    made = replace(made, parameters={**made.parameters, "size": 4096})

    pictures = operations.paint(made).pictures

    assert len(pictures) == len({each.digest for each in pictures}) == count


def test_pictures_in_are_seen_in_the_result():
    bare = job(T2I, mode="text", size=65536)
    tiled = job(T2I, data_of("seaside"), mode="base64", size=65536)

    assert difference(opened(operations.paint(bare)), opened(operations.paint(tiled)))[0] > 1


@pytest.mark.parametrize(
    ("width", "height", "size"),
    [(1000, 512, (1008, 512)), (2016, 864, (1536, 864)), (512, 512, (512, 512)), (519.9, 520, (512, 528))],
)
def test_a_side_is_the_nearest_multiple_of_sixteen_within_its_range(width, height, size):
    made = operations.paint(job("jimeng_i2i_v30", width=width, height=height))

    assert (made.width, made.height) == size


@pytest.mark.parametrize("sides", [(1e9, 1e9), (16384, 8), (1, 1), (-5, 10**400)], ids=str)
def test_no_size_costs_more_than_the_greatest_area(sides):
    size = new_size(text_job(SEEDREAM, width=sides[0], height=sides[1]))

    assert min(size) >= 1
    assert size[0] * size[1] <= 1.01 * contract.operation(SEEDREAM).output.max_area


def test_the_word_for_delete_removes_and_another_one_paints():
    removed = opened(operations.paint(job(DREAM, prompt="删除")))
    painted = opened(operations.paint(job(DREAM, prompt="a red rose")))

    inside = mask_of("seaside")
    assert difference(removed, scene("seaside"), where=inside)[0] > 8
    assert difference(removed, painted, where=inside)[0] > 8


def test_segmentation_answers_with_a_label_map_layers_or_masks():
    maps, layers, masks = (operations.paint(job(SEGMENT, return_format=each)) for each in (0, 1, 3))
    figures = operations.extra(job(SEGMENT), maps, WHO)

    (labels,) = pictures_of(maps)
    count = figures["entity_num"][0]
    assert labels.mode == "L"
    assert labels.size == scene("seaside").size
    assert set(labels.tobytes()) <= set(range(count + 1))
    assert len(layers.pictures) == count == len(masks.pictures) - 1 == len(figures["seg_score"])
    assert figures["ori_width"] == [labels.width]
    assert figures["ori_height"] == [labels.height]
    assert pictures_of(masks)[0].convert("RGB").tobytes() == scene("seaside").tobytes()
    assert all(set(each.tobytes()) == {0, 255} for each in pictures_of(masks)[1:])
    assert all(0 < score < 1 for score in figures["seg_score"])


@pytest.mark.parametrize("most", [1, 3, 100])
def test_segmentation_finds_at_most_as_many_areas_as_asked(most):
    made = operations.paint(job(SEGMENT, return_format=3, max_entity=most))

    assert 2 <= len(made.pictures) <= most + 1


@pytest.mark.parametrize("form", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [(1, 1), (200, 150), (640, 480)])
def test_a_picture_without_a_large_area_has_one_segment_all_the_same(form, size):
    """In noise no area is large; the layers were none, and the answer a 500."""
    stream = io.BytesIO()
    Image.frombytes("RGB", size, random.Random(7).randbytes(3 * size[0] * size[1])).save(stream, "PNG")

    made = operations.paint(job(SEGMENT, stream.getvalue(), return_format=form))

    assert len(made.pictures) >= (2 if form == 3 else 1)


def test_the_removal_accepts_every_mask_of_a_segmentation():
    """The removal page recommends it: segment, then remove."""
    from volcv_mock.imaging.masks import check_mask
    from volcv_mock.imaging.pictures import check_picture

    facts, _ = check_picture(data_of("seaside"), "$[0]")
    made = operations.paint(job(SEGMENT, return_format=3))

    for mask in made.pictures[1:]:
        assert check_mask(mask.data, "$[1]", facts, "strict").problems == ()
        assert operations.paint(job("i2i_inpainting", data_of("seaside"), mask.data)).data


def test_only_req_keys_of_which_it_was_seen_say_how_a_picture_was_made():
    explaining = {key for key in contract.operations() if "infer_ctx" in contract.data_members(key)}

    assert explaining == {"byteedit_v2.0", "high_aes_general_v21_L", "jimeng_high_aes_general_v21_L"}
    for key in explaining - {"byteedit_v2.0"}:
        made = text_job(key)
        assert set(operations.extra(made, operations.paint(made), WHO)) >= {"infer_ctx", "llm_result", "vlm_result"}


@pytest.mark.parametrize("value", [None, "30", True], ids=["null", "text", "true"])
@pytest.mark.parametrize("req_key", sorted(contract.operations()))
def test_a_number_that_the_schema_does_not_declare_changes_nothing(req_key, value):
    """Unknown members are accepted and not validated: clients send members of the older keys to the newer ones."""
    mode = contract.operation(req_key).modes[0]
    names = {"steps", "scale", "strength", "dilate_size", "max_entity", "top", "bottom", "left", "right"}
    undeclared = names - set(contract.defaults(req_key, mode))

    asked = operations.paint(_plain_job(req_key, **dict.fromkeys(undeclared, value)))

    assert [each.data for each in asked.pictures] == [each.data for each in _plainly_painted(req_key).pictures]


def _plain_job(req_key, **parameters):
    make = text_job if contract.operation(req_key).modes[0] == "text" else job
    return make(req_key, **parameters)


@cache
def _plainly_painted(req_key):
    return operations.paint(_plain_job(req_key))
