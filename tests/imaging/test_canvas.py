"""A picture grows: sizes first, whatever the ratios, then pixels."""

from __future__ import annotations

import math

import pytest
from PIL import Image

from tests.imaging.scenes import difference, scene
from volcv_mock.imaging.boxes import marked_slices
from volcv_mock.imaging.canvas import Appearance, Plan, Sides, capped, continued, extend, plan
from volcv_mock.imaging.pattern import PatternStyle

ROOMY = (4096, 4096)
APPEARANCE = Appearance(PatternStyle("蓝色的海洋", 5, 0.5), strength=0.8, influence=0.6)


@pytest.mark.parametrize(
    ("sides", "size", "original"),
    [
        (Sides(0.1, 0.1, 0.1, 0.1), (480, 240), (40, 20, 440, 220)),
        (Sides(0, 0, 1, 1), (1200, 200), (400, 0, 800, 200)),
        (Sides(0.5, 0, 0, 0.25), (500, 300), (0, 100, 400, 300)),
        (Sides(0, 0, 0, 0), (400, 200), (0, 0, 400, 200)),
        (Sides(-0.4, -7, -1, -1e300), (400, 200), (0, 0, 400, 200)),
    ],
    ids=["the defaults", "the document's left and right", "two sides", "none", "negative counts as none"],
)
def test_ratios_add_shares_of_the_source_side(sides, size, original):
    assert plan((400, 200), sides, ROOMY) == Plan(size, original)


@pytest.mark.parametrize(
    ("size", "sides", "cap", "wanted"),
    [
        ((2000, 1000), Sides(0.1, 0.1, 0.1, 0.1), (1920, 1920), (1920, 960)),
        ((1000, 2000), Sides(0, 0, 1, 1), (1920, 1920), (1920, 1280)),
        ((1000, 2000), Sides(1, 1, 0, 0), (1920, 600), (100, 600)),
        ((300, 300), Sides(0, 0, 0, 0), (100, 1920), (100, 100)),
    ],
    ids=["width decides", "width decides when enlarged sideways", "height decides", "a cap below the source"],
)
def test_the_cap_keeps_the_proportions(size, sides, cap, wanted):
    assert plan(size, sides, cap).size == wanted


HUGE = (1e9, 1e300, 10**30)


@pytest.mark.parametrize("ratio", HUGE, ids=str)
@pytest.mark.parametrize("cap", [(1920, 1920), (0, 0), (-5, 10), (1, 1)], ids=str)
def test_no_ratio_exceeds_the_cap(ratio, cap):
    for sides in (
        Sides(ratio, ratio, ratio, ratio),
        Sides(ratio, 0, 0, 0),
        Sides(0, 0, 0, ratio),
        Sides(-ratio, 0, ratio, 0),
    ):
        made = plan((4096, 64), sides, cap)

        left, top, right, bottom = made.original
        assert 1 <= made.size[0] <= max(1, cap[0])
        assert 1 <= made.size[1] <= max(1, cap[1])
        assert 0 <= left < right <= made.size[0]
        assert 0 <= top < bottom <= made.size[1]


@pytest.mark.parametrize("ratio", HUGE, ids=str)
def test_an_absurd_ratio_still_gives_a_picture(ratio):
    made = extend(scene("seaside"), plan((512, 384), Sides(ratio, 0, 0, ratio), (300, 300)), APPEARANCE)

    assert max(made.size) == 300


def test_the_original_stays_pixel_by_pixel():
    source = scene("seaside")
    to = plan(source.size, Sides(0.2, 0.1, 0.3, 0.4), ROOMY)

    made = extend(source, to, APPEARANCE)

    assert made.crop(to.original).tobytes() == source.tobytes()


def test_a_capped_original_is_the_source_made_smaller():
    source = scene("meadow")
    to = plan(source.size, Sides(0, 0, 1, 1), (640, 640))

    made = extend(source, to, APPEARANCE)

    left, top, right, bottom = to.original
    assert difference(
        made.crop(to.original), source.resize((right - left, bottom - top), Image.Resampling.BICUBIC)
    ) == (0, 0)


def test_no_seam_shows_at_the_originals_edge():
    """The new area starts as a mirror image, so both sides of the edge are similar."""
    source = scene("wall-turned")
    to = plan(source.size, Sides(0, 0, 0.5, 0), ROOMY)
    edge = to.original[0]

    made = extend(source, to, APPEARANCE)

    beyond, within = made.crop((edge - 1, 0, edge, made.height)), made.crop((edge, 0, edge + 1, made.height))
    assert difference(beyond, within)[0] < 2


def test_a_canvas_is_continued_as_its_original_is_extended():
    source = scene("seaside")
    to = plan(source.size, Sides(0.2, 0.1, 0.3, 0.4), ROOMY)
    canvas = Image.new("RGB", to.size)
    canvas.paste(source, to.original[:2])
    marks = Image.new("L", to.size, 255)
    marks.paste(0, to.original)

    for patch, place in continued(canvas, to.original, APPEARANCE, marked_slices(marks, (0, 0, *to.size), 2**14)):
        canvas.paste(patch, place[:2], marks.crop(place))  # what is read is not changed by it

    _, most = difference(canvas, extend(source, to, APPEARANCE))
    assert most <= 1  # a resize in other slices is rounded otherwise


@pytest.mark.parametrize(
    "appearance",
    [
        Appearance(PatternStyle("蓝色的海洋", 6, 0.5), 0.8, 0.6),
        Appearance(PatternStyle("a red rose", 5, 0.5), 0.8, 0.6),
        Appearance(PatternStyle("蓝色的海洋", 5, 0.5), 0.3, 0.6),
        Appearance(PatternStyle("蓝色的海洋", 5, 0.5), 0.8, 0.2),
        Appearance(PatternStyle("蓝色的海洋", 5, 0.0), 0.8, 0.6),
    ],
    ids=["seed", "prompt", "strength", "influence", "detail"],
)
def test_each_parameter_changes_the_new_area(appearance):
    source = scene("seaside")
    to = plan(source.size, Sides(0.3, 0.3, 0.3, 0.3), ROOMY)
    new = Image.new("L", to.size, 255)
    new.paste(0, to.original)

    assert difference(extend(source, to, APPEARANCE), extend(source, to, appearance), where=new)[0] > 0.8


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (7, 15), (4096, 1)], ids=str)
def test_a_picture_of_any_size_grows(size):
    to = plan(size, Sides(1, 1, 1, 1), (500, 500))

    made = extend(Image.new("RGB", size, (10, 200, 30)), to, APPEARANCE)

    assert made.size == to.size


@pytest.mark.parametrize(("mode", "values"), [("RGB", None), ("L", {0, 255})], ids=["picture", "mask"])
def test_capping_keeps_proportions_and_a_masks_two_values(mode, values):
    image = scene("rocket").convert("L").point(lambda v: 255 * (v > 90)) if mode == "L" else scene("rocket")

    made = capped(image, (200, 200))

    assert made.size == (200, 133)
    assert values is None or {value for _, value in made.getcolors()} == values


def test_a_plan_is_finite():
    assert all(math.isfinite(edge) for edge in plan((64, 64), Sides(1e308, 1e308, 1e308, 1e308), ROOMY).original)
