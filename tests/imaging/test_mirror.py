"""Mirrored: a part of the plane equals the same part of the whole plane, however it is cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from volcv_mock.imaging.mirror import Mirrored

PICTURE = Image.frombytes("RGB", (7, 5), bytes(range(105)))
EDGES = st.integers(-25, 25)


def expected(place: tuple[int, int, int, int], x: int, y: int) -> tuple[int, ...]:
    """The pixel of the plane, counted by hand: from 0 to the end of the box, and back."""
    width, height = place[2] - place[0], place[3] - place[1]
    across, down = x % (2 * width), y % (2 * height)
    at = (min(across, 2 * width - 1 - across), min(down, 2 * height - 1 - down))
    pixel = PICTURE.getpixel((place[0] + at[0], place[1] + at[1]))
    assert isinstance(pixel, tuple)
    return pixel


@given(
    place=st.sampled_from([(0, 0, 7, 5), (2, 1, 6, 3), (6, 4, 7, 5)]),
    left=EDGES,
    top=EDGES,
    width=st.integers(1, 30),
    height=st.integers(1, 30),
)
def test_each_pixel_of_a_part_is_the_mirrored_one(place, left, top, width, height):
    mirrored = Mirrored(PICTURE, place, (place[2] - place[0], place[3] - place[1]))

    part = mirrored.part((left, top, left + width, top + height))

    assert part.size == (width, height)
    pixels = {(x, y): part.getpixel((x, y)) for x in range(width) for y in range(height)}
    assert pixels == {(x, y): expected(place, left + x, top + y) for x, y in pixels}


@given(left=EDGES, top=EDGES, width=st.integers(1, 40), height=st.integers(1, 40))
def test_a_scaled_tile_is_the_scaled_picture(left, top, width, height):
    """Cutting and scaling at once may round one grey level away from scaling the whole and cutting."""
    whole = PICTURE.resize((11, 9), Image.Resampling.BICUBIC)
    box = (left, top, left + width, top + height)

    made = Mirrored(PICTURE, (0, 0, *PICTURE.size), whole.size).part(box)
    wanted = Mirrored(whole, (0, 0, *whole.size), whole.size).part(box)

    assert max(abs(one - other) for one, other in zip(made.tobytes(), wanted.tobytes(), strict=True)) <= 1
