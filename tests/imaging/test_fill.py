"""A hole is filled from what is around it, smoothly, and with texture the seed chooses."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from tests.imaging.scenes import NAMES, busyness, difference, mask_of, scene
from volcv_mock.imaging.boxes import marked_slices
from volcv_mock.imaging.dilate import dilate
from volcv_mock.imaging.fill import CACHED_PIXELS, fill, smooth
from volcv_mock.imaging.mirror import Mirrored
from volcv_mock.imaging.texture import Detail, Texture


def filled(rgb, hole, reduction=4, seed=1, detail=1.0):
    made = rgb.copy()
    for patch, place in fill(rgb, hole, hole.getbbox(), reduction, Texture(seed, detail)):
        made.paste(patch, place[:2], hole.crop(place))
    return made


def disc(size, share=0.3):
    hole = Image.new("L", size)
    x, y, r = size[0] / 2, size[1] / 2, min(size) * share
    ImageDraw.Draw(hole).ellipse((x - r, y - r, x + r, y + r), fill=255)
    return hole


def test_a_thing_on_a_plain_ground_vanishes():
    plain = Image.new("RGB", (200, 160), (90, 120, 150))
    hole = disc(plain.size)
    damaged = plain.copy()
    damaged.paste((255, 0, 0), (0, 0), hole)

    made = filled(damaged, hole)

    mean, largest = difference(made, plain)
    assert mean < 8
    assert largest < 40


def test_a_gradient_goes_on_through_the_hole():
    ramp = Image.linear_gradient("L").resize((256, 200))
    slope = Image.merge("RGB", (ramp, ramp, ramp))
    hole = disc(slope.size)
    damaged = slope.copy()
    damaged.paste((0, 255, 0), (0, 0), hole)

    made = filled(damaged, hole)

    assert difference(made, slope, where=hole)[0] < 24


@pytest.mark.parametrize("side", [64, 99, 115, 127])
def test_a_donor_without_detail_adds_nothing_whatever_the_size_of_its_box(side):
    ramp = Image.linear_gradient("L").resize((side, side))
    rgb = Image.merge("RGB", (ramp, ramp.transpose(Image.Transpose.ROTATE_90), ramp))
    base, coarse = Image.new("RGB", (side, side), (120, 130, 140)), side // 6
    detail = Detail(Mirrored(rgb, (0, 0, side, side), (side, side)), (side, side), 1, rgb.reduce(coarse), coarse)

    laid = detail.on(detail.beneath(base), (0, 0))

    inner = laid.crop(
        (coarse, coarse, side - coarse, side - coarse)
    )  # at its edge the blurred copy has one neighbour only
    assert difference(inner, base.crop((0, 0, *inner.size)))[1] <= 3


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("reduction", [2, 4, 8])
def test_nothing_of_the_object_shines_through(name, reduction):
    """The object's pixels are replaced before anything is computed: they cannot matter."""
    rgb, hole = scene(name), dilate(mask_of(name), 15)
    other = rgb.copy()
    other.paste((255, 0, 255), (0, 0), hole)

    assert filled(rgb, hole, reduction).tobytes() == filled(other, hole, reduction).tobytes()


@pytest.mark.parametrize("name", ["seaside", "meadow", "wall-turned"])
def test_texture_of_the_surroundings_is_borrowed(name):
    rgb, mask = scene(name), mask_of(name)
    hole = dilate(mask, 15)

    rough = busyness(filled(rgb, hole), mask)
    bare = busyness(filled(rgb, hole, detail=0.05), mask)

    assert rough > 1.5 * bare


def test_another_seed_is_visibly_another_filling():
    rgb, hole = scene("meadow"), dilate(mask_of("meadow"), 15)

    assert difference(filled(rgb, hole, seed=1), filled(rgb, hole, seed=2), where=hole)[0] > 4


def test_another_seed_shows_on_a_plain_ground_too():
    plain, hole = Image.new("RGB", (128, 128), (128, 128, 128)), disc((128, 128))

    assert difference(filled(plain, hole, seed=1), filled(plain, hole, seed=2), where=hole)[0] > 2


@pytest.mark.parametrize("size", [(64, 64), (65, 97), (64, 300)], ids=str)
@pytest.mark.parametrize("reduction", [2, 4, 8])
def test_a_hole_as_large_as_the_picture_is_filled_from_its_own_blurred_colours(size, reduction):
    rgb = scene("seaside").resize(size)

    made = filled(rgb, Image.new("L", size, 255), reduction)

    assert made.size == size
    assert busyness(made) < busyness(rgb)


@pytest.mark.parametrize(("is_whole", "size"), [(True, (40, 30)), (False, (160, 120))], ids=["whole", "but one pixel"])
def test_a_finer_size_is_tried_only_where_it_shows_a_known_pixel(is_whole, size):
    """A hole over all of a picture of the largest size took 260 MB for a blur that has nine colours."""
    rgb, hole = Image.new("RGB", (160, 120), "teal"), Image.new("L", (160, 120), 255)
    if not is_whole:
        hole.putpixel((80, 60), 0)

    assert smooth(rgb, hole, hole.getbbox(), 4).small.size == size


@pytest.mark.parametrize("spot", [(0, 0), (63, 63), (31, 5)], ids=str)
def test_a_hole_of_one_pixel_is_filled(spot):
    plain = Image.new("RGB", (64, 64), (200, 30, 90))
    hole = Image.new("L", plain.size)
    hole.putpixel(spot, 255)
    damaged = plain.copy()
    damaged.putpixel(spot, (0, 0, 0))

    assert difference(filled(damaged, hole), plain)[1] < 40


def test_the_slices_cover_the_hole_and_little_more():
    hole = Image.new("L", (600, 500))
    pen = ImageDraw.Draw(hole)
    pen.line((0, 20, 599, 60), fill=255, width=5)
    pen.ellipse((250, 250, 330, 330), fill=255)

    covered = Image.new("L", hole.size)
    for part in marked_slices(hole, hole.getbbox(), CACHED_PIXELS):
        covered.paste(255, part)

    assert Image.composite(Image.new("L", hole.size), hole, covered).getbbox() is None
    assert covered.histogram()[255] < 0.25 * 600 * 500


def test_the_surroundings_are_never_changed_in_place():
    rgb, hole = scene("seaside"), dilate(mask_of("seaside"), 15)
    before = rgb.tobytes(), hole.tobytes()

    filled(rgb, hole)

    assert (rgb.tobytes(), hole.tobytes()) == before


def test_the_base_is_smooth_without_a_seed():
    rgb, hole = scene("meadow"), dilate(mask_of("meadow"), 15)
    box = hole.getbbox()

    assert busyness(smooth(rgb, hole, box, 4).part(box)) < 0.2 * busyness(rgb.crop(box))
