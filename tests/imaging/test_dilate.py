"""Growing a mask is exact: the same as looking at every pixel within the radius."""

from __future__ import annotations

import pytest
from PIL import Image, ImageFilter

from volcv_mock.imaging.dilate import dilate, marked
from volcv_mock.simulation import draws


def speckled(width, height, name, one_in=40):
    mask = Image.new("L", (width, height))
    for x in range(width):
        for y in range(height):
            if draws.integer(one_in, name, x, y) == 0:
                mask.putpixel((x, y), 255)
    return mask


def grown_slowly(mask, radius):
    """Pillow's MaxFilter on a black margin: slow, and right."""
    padded = Image.new("L", (mask.width + 2 * radius, mask.height + 2 * radius))
    padded.paste(mask, (radius, radius))
    grown = padded.filter(ImageFilter.MaxFilter(2 * radius + 1))
    return grown.crop((radius, radius, radius + mask.width, radius + mask.height))


@pytest.mark.parametrize("radius", [1, 2, 3, 7, 8, 15])
@pytest.mark.parametrize("size", [(64, 40), (33, 65), (5, 90)], ids=str)
def test_dilation_is_an_exact_square(size, radius):
    mask = speckled(*size, "square", one_in=60)

    assert dilate(mask, radius).tobytes() == grown_slowly(mask, radius).tobytes()


@pytest.mark.parametrize("corner", [(0, 0), (63, 0), (0, 47), (63, 47)], ids=str)
def test_a_mark_in_a_corner_grows_inwards_only(corner):
    mask = Image.new("L", (64, 48))
    mask.putpixel(corner, 255)

    box = dilate(mask, 5).getbbox()

    assert box == (max(0, corner[0] - 5), max(0, corner[1] - 5), min(64, corner[0] + 6), min(48, corner[1] + 6))


@pytest.mark.parametrize("radius", [64, 4096, 10**9], ids=str)
def test_a_radius_beyond_the_picture_marks_all_of_it(radius):
    mask = Image.new("L", (64, 48))
    mask.putpixel((3, 3), 255)

    assert dilate(mask, radius).getextrema() == (255, 255)


@pytest.mark.parametrize("radius", [0, -1, -(10**9)], ids=str)
def test_a_radius_of_zero_or_less_leaves_the_mask_as_it_is(radius):
    """No document bounds dilate_size; growing never shrinks."""
    mask = speckled(20, 20, "zero")

    assert dilate(mask, radius).tobytes() == mask.tobytes()


def test_an_empty_mask_stays_empty():
    assert dilate(Image.new("L", (64, 64)), 15).getbbox() is None


def test_a_mask_is_never_changed_in_place():
    mask = speckled(30, 30, "kept")
    before = mask.tobytes()

    dilate(mask, 4)

    assert mask.tobytes() == before


def test_grey_counts_as_marked_from_the_threshold_on():
    ramp = Image.frombytes("L", (4, 1), bytes([0, 127, 128, 255]))

    assert marked(ramp, 128).tobytes() == bytes([0, 0, 255, 255])
