"""Outpainting: sizes, the original at its place, and the two modes."""

from __future__ import annotations

from itertools import combinations

import pytest
from PIL import Image

from tests.imaging.scenes import data_of, difference, opened, png, scene
from tests.operations.jobs import OUTPAINTING, job
from volcv_mock import operations
from volcv_mock.imaging.codecs import MAX_JPEG_ERROR


def painted(*files, **parameters):
    return opened(operations.paint(job(OUTPAINTING, *files, **parameters))).convert("RGB")


def padded(name, left=60, top=50, right=40, bottom=30):
    """A client's canvas: the picture on white, and a mask that marks the white."""
    source = scene(name)
    canvas = Image.new("RGB", (source.width + left + right, source.height + top + bottom), "white")
    canvas.paste(source, (left, top))
    mask = Image.new("L", canvas.size, 255)
    mask.paste(0, (left, top, left + source.width, top + source.height))
    return canvas, mask, (left, top, left + source.width, top + source.height)


@pytest.mark.parametrize(
    ("sides", "size"),
    [
        ({}, (614, 461)),
        ({"top": 0.1, "bottom": 0.1, "left": 1, "right": 1}, (1536, 461)),
        ({"top": 0, "bottom": 0, "left": 0, "right": 0}, (512, 384)),
        ({"left": 4, "right": 4, "top": 0, "bottom": 0}, (1920, 160)),
        ({"max_width": 100}, (100, 75)),
        ({"max_width": 1, "max_height": 1}, (1, 1)),
    ],
    ids=["defaults", "the document's example", "nothing", "capped", "small cap", "a pixel"],
)
def test_ratios_give_the_documented_size(sides, size):
    assert painted(data_of("seaside"), **sides).size == size


def test_the_original_is_found_at_its_place():
    made = painted(data_of("seaside"), top=0.25, bottom=0, left=0.5, right=0)

    assert difference(made.crop((256, 96, 768, 480)), scene("seaside"))[1] <= MAX_JPEG_ERROR


@pytest.mark.parametrize("name", ["seaside", "wall-turned"])
def test_a_canvas_keeps_its_size_and_what_is_not_marked(name):
    canvas, mask, box = padded(name)

    made = painted(png(canvas), png(mask))

    assert made.size == canvas.size
    assert difference(made.crop(box), scene(name))[1] <= MAX_JPEG_ERROR


def test_the_white_of_a_canvas_is_painted_over():
    canvas, mask, _ = padded("seaside")

    made = painted(png(canvas), png(mask))

    assert difference(made, canvas, where=mask)[0] > 60


def test_the_padding_colour_of_a_canvas_does_not_show():
    canvas, mask, box = padded("seaside")
    pink = Image.new("RGB", canvas.size, (255, 0, 255))
    pink.paste(canvas.crop(box), box)

    assert difference(painted(png(canvas), png(mask), strength=1), painted(png(pink), png(mask), strength=1)) == (0, 0)


def test_the_padding_of_a_canvas_that_is_made_smaller_is_no_line_around_the_original():
    canvas, mask, box = padded("seaside")
    pink = Image.new("RGB", canvas.size, (255, 0, 255))
    pink.paste(canvas.crop(box), box)
    small = {"strength": 1, "max_width": 300, "max_height": 300}

    assert difference(painted(png(canvas), png(mask), **small), painted(png(pink), png(mask), **small)) == (0, 0)


def test_ratios_are_not_read_in_canvas_mode():
    canvas, mask, _ = padded("seaside")

    assert painted(png(canvas), png(mask), top=3, left=2).size == canvas.size


def test_a_canvas_with_strength_zero_is_the_canvas():
    canvas, mask, _ = padded("seaside")

    assert difference(painted(png(canvas), png(mask), strength=0), canvas)[1] <= MAX_JPEG_ERROR


@pytest.mark.parametrize("strength", [0.2, 0.8])
def test_a_canvas_mask_of_any_shape_is_painted(strength):
    canvas, mask, _ = padded("meadow")
    mask.paste(255, (200, 200, 260, 240))
    kept = mask.point(lambda value: 255 - value)

    made = painted(png(canvas), png(mask), strength=strength)

    assert difference(made, canvas, where=kept)[1] <= MAX_JPEG_ERROR
    assert difference(made, canvas, where=mask)[0] > 20


def test_a_canvas_keeps_to_the_cap():
    canvas, mask, _ = padded("seaside")

    assert painted(png(canvas), png(mask), max_width=306).size == (306, 232)


def test_custom_prompt_is_read_as_the_prompt():
    """Some SDKs call it so; it wins when both are given."""
    one = operations.paint(job(OUTPAINTING, prompt="x", custom_prompt="蓝色的海洋"))

    assert one.data == operations.paint(job(OUTPAINTING, prompt="蓝色的海洋")).data


def test_without_a_prompt_the_picture_goes_on_all_the_same():
    assert painted(data_of("seaside"), prompt="").size == (614, 461)


@pytest.mark.parametrize("prompt", ["", "一片草原"], ids=["no prompt", "a prompt"])
@pytest.mark.parametrize("name", ["seaside", "rocket", "meadow"])
def test_four_seeds_in_a_row_paint_the_margin_visibly_differently(name, prompt):
    """Clients show them side by side; at the default ratios the margin is all there is to tell them apart."""
    made = [painted(data_of(name), prompt=prompt, seed=seed) for seed in range(1, 5)]
    margin = Image.new("L", made[0].size, 255)
    margin.paste(0, (margin.width // 12, margin.height // 12, margin.width * 11 // 12, margin.height * 11 // 12))

    assert min(difference(one, other, where=margin)[0] for one, other in combinations(made, 2)) > 5.5
