"""What all operations promise: the same job gives the same bytes, and each parameter shows."""

from __future__ import annotations

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from tests.imaging.scenes import NAMES, busyness, difference, mask_of, opened, picture, png, scene
from tests.operations.jobs import EDIT, EDIT_ZI2I, MASKED, OUTPAINTING, PROMPTS, REMOVAL, SEEDEDIT, files_for, job
from volcv_mock import contract, operations
from volcv_mock.imaging import codecs
from volcv_mock.imaging.codecs import MAX_JPEG_ERROR, MEAN_JPEG_ERROR
from volcv_mock.imaging.dilate import dilate
from volcv_mock.imaging.thumbnail import SIDE
from volcv_mock.operations import watermarking
from volcv_mock.operations.painters import PAINTERS

ALL = (REMOVAL, EDIT, EDIT_ZI2I, OUTPAINTING, SEEDEDIT)


def painted(*arguments, **parameters):
    return opened(operations.paint(job(*arguments, **parameters))).convert("RGB")


def test_every_req_key_has_a_painter():
    assert set(ALL) < set(contract.operations())
    used = {operations.painter(req_key).name for req_key in contract.operations()}
    assert used | {"echo", "file"} == {one.name for one in PAINTERS}  # these two are for a user's own keys


@pytest.mark.parametrize("req_key", ALL)
def test_the_same_job_gives_the_same_bytes_in_every_thread(req_key):
    wanted = operations.paint(job(req_key, logo_info={"add_logo": True}))

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: operations.paint(job(req_key, logo_info={"add_logo": True})), range(8)))

    assert {one.data for one in made} == {wanted.data}


@pytest.mark.parametrize("req_key", ALL)
def test_the_answer_is_a_jpeg_and_its_base64(req_key):
    made = operations.paint(job(req_key))

    assert base64.b64decode(made.base64, validate=True) == made.data
    assert opened(made).format == "JPEG"
    assert opened(made).size == (made.width, made.height)


@pytest.mark.parametrize("side", [SIDE - 1, SIDE, SIDE + 1, 1000])
def test_a_finished_picture_has_a_thumbnail_as_small_as_the_journal_shows(side):
    """A picture of that size is its own: encoding it again was a twenty-fifth of a 64 px edit."""
    made = operations.finished(Image.effect_noise((side, side), 40).convert("RGB"))

    with Image.open(io.BytesIO(made.thumbnail)) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (min(side, SIDE), min(side, SIDE)))
    assert (made.thumbnail == made.data) == (side <= SIDE)


@pytest.mark.parametrize("req_key", ALL)
@pytest.mark.parametrize("other", [8, 0, 2**31 - 1, 10**18], ids=str)
def test_another_seed_is_a_visibly_different_picture(req_key, other):
    """Clients show three or four for the user to choose from (S1, S3)."""
    one, two = painted(req_key, seed=7), painted(req_key, seed=other)
    where = ImageChops.difference(one, two).convert("L").point(lambda value: 255 if value > 3 else 0)

    assert difference(one, two, where=where)[0] > 4
    assert where.histogram()[255] > 0.004 * one.width * one.height


@pytest.mark.parametrize("req_key", PROMPTS)
def test_another_prompt_is_another_picture(req_key):
    name = PROMPTS[req_key]

    one, two = painted(req_key, **{name: "蓝色的海洋"}), painted(req_key, **{name: "a red rose"})

    assert difference(one, two)[1] > 40


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("req_key", MASKED)
def test_outside_the_mask_the_picture_stays_within_the_jpeg_error(req_key, name):
    mask = mask_of(name)
    radius = contract.defaults(REMOVAL, "base64")["dilate_size"] if req_key == REMOVAL else 0
    outside = ImageChops.invert(dilate(mask, radius))

    made = painted(req_key, *files_for(req_key, name))

    mean, largest = difference(made, scene(name), where=outside)
    assert largest <= MAX_JPEG_ERROR
    assert mean <= MEAN_JPEG_ERROR
    assert difference(made, scene(name), where=mask)[0] > 8


@pytest.mark.parametrize("req_key", MASKED)
@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_a_watermark_changes_its_corner_and_nothing_else(req_key, position):
    bare = painted(req_key)

    marked = painted(req_key, logo_info={"add_logo": True, "position": position, "opacity": 1.0})

    left, top = position in (1, 2), position in (2, 3)
    corner = Image.new("L", bare.size)
    x, y = (0 if left else bare.width // 2), (0 if top else bare.height // 2)
    corner.paste(255, (x, y, x + bare.width // 2, y + bare.height // 2))
    assert difference(bare, marked, where=ImageChops.invert(corner))[1] <= 2 * MAX_JPEG_ERROR
    assert difference(bare, marked, where=corner)[1] > 100


@pytest.mark.parametrize("req_key", ALL)
@pytest.mark.parametrize("is_untouched", [False, True], ids=["painted", "answered as it came"])
def test_no_input_picture_is_changed(req_key, is_untouched):
    """It is shared: the journal shows it, and another call may bear the same. An operation may answer with it."""
    made = job(req_key, logo_info={"add_logo": True})
    decoded = replace(made.pictures[0], decoded=codecs.open_rgb(made.pictures[0]))
    before = decoded.decoded.tobytes()

    if is_untouched:
        watermarking.watermarked(decoded.decoded, replace(made, pictures=(decoded, *made.pictures[1:])))
    else:
        operations.paint(replace(made, pictures=(decoded, *made.pictures[1:])))

    assert decoded.decoded.tobytes() == before


@pytest.mark.parametrize(
    ("logo_info", "is_marked"),
    [
        ({"add_logo": True}, True),
        ({"add_logo": True, "logo_text_content": "\0\n"}, True),
        ({"add_logo": False, "logo_text_content": "明水印"}, False),
        ({"logo_text_content": "明水印"}, False),
        ({"add_logo": True, "opacity": 0}, False),
        ({}, False),
    ],
    ids=["asked", "text that shows nothing", "refused", "text alone", "transparent", "empty"],
)
def test_a_watermark_is_added_only_when_asked_for(logo_info, is_marked):
    bare, made = operations.paint(job(REMOVAL)), operations.paint(job(REMOVAL, logo_info=logo_info))

    assert (bare.data != made.data) == is_marked


def test_the_two_languages_have_their_own_label():
    labels = [
        operations.watermarking.wanted({"language": language, "position": 0, "opacity": 0.3}).text
        for language in (0, 1)
    ]

    assert labels == ["AI生成", "Generated by AI"]


@pytest.mark.parametrize("req_key", MASKED)
def test_an_empty_mask_changes_nothing(req_key):
    source = scene("seaside")

    made = painted(req_key, png(source), png(Image.new("L", source.size)))

    assert difference(made, source)[1] <= MAX_JPEG_ERROR


@pytest.mark.parametrize("req_key", [*MASKED, OUTPAINTING])
@pytest.mark.parametrize("size", [(64, 64), (64, 1000), (333, 65)], ids=str)
def test_a_mask_that_marks_everything_is_painted(req_key, size):
    files = (png(scene("meadow").resize(size)), png(Image.new("L", size, 255)))

    assert painted(req_key, *files).size == size


@pytest.mark.parametrize("req_key", MASKED)
@pytest.mark.parametrize(("grey", "counts"), [(127, False), (128, True)], ids=["below", "from"])
def test_grey_counts_from_the_documented_choice_on(req_key, grey, counts):
    source = scene("wall-turned")
    mask = Image.new("L", source.size)
    mask.paste(grey, (100, 200, 180, 300))

    made = painted(req_key, png(source), png(mask))

    assert (difference(made, source)[1] > MAX_JPEG_ERROR) == counts


@pytest.mark.parametrize("req_key", MASKED)
def test_one_marked_pixel_is_painted(req_key):
    source = Image.new("RGB", (64, 64), (20, 200, 40))
    mask = Image.new("L", (64, 64))
    mask.putpixel((40, 9), 255)

    assert (
        operations.paint(job(req_key, png(source), png(mask))).data
        != operations.paint(job(req_key, png(source), png(Image.new("L", (64, 64))))).data
    )


@pytest.mark.parametrize("req_key", MASKED)
def test_decoded_pictures_are_used_and_never_changed(req_key):
    source, mask = scene("seaside"), mask_of("seaside")
    plain = job(req_key)
    pictures = tuple(replace(one, decoded=image) for one, image in zip(plain.pictures, (source, mask), strict=True))
    before = source.tobytes(), mask.tobytes()

    made = operations.paint(replace(plain, pictures=pictures))

    assert made.data == operations.paint(plain).data
    assert (source.tobytes(), mask.tobytes()) == before


NUMBERS = {
    "steps": (-5, 0, 7.0, 10**400),
    "dilate_size": (-3, 0, 7.0, 10**400),
    "strength": (0, 0.05, 1, 1.0),
    "scale": (1, 20.0),
    "max_width": (-1, 0, 64.0, 10**400),
    "max_height": (-1, 0, 10**400),
    "top": (-9, 1e300, 10**400),
    "left": (0, 1e9),
}
EACH_NUMBER = [
    pytest.param(name, value, id=f"{name} {str(value)[:8]}") for name, values in NUMBERS.items() for value in values
]


@pytest.mark.parametrize(("name", "value"), EACH_NUMBER)
def test_no_number_the_schema_lets_pass_stops_a_painter(name, value):
    """No document bounds steps, dilate_size, the ratios or the caps."""
    for req_key in ALL:
        if name in contract.defaults(req_key, "base64_ratios" if req_key == OUTPAINTING else "base64"):
            made = operations.paint(job(req_key, **{name: value}))
            assert made.width <= contract.limits().max_side
            assert made.height <= contract.limits().max_side


@pytest.mark.parametrize(
    "prompt", ["", "\0", "\ud800", "明" * 50_000, "🐶"], ids=["empty", "NUL", "surrogate", "long", "emoji"]
)
@pytest.mark.parametrize("req_key", PROMPTS)
def test_any_prompt_paints(req_key, prompt):
    assert operations.paint(job(req_key, **{PROMPTS[req_key]: prompt})).data


@pytest.mark.parametrize("req_key", PROMPTS)
def test_the_end_of_a_long_prompt_counts_too(req_key):
    name, long = PROMPTS[req_key], "明" * 100_000

    assert (
        operations.paint(job(req_key, **{name: long})).data != operations.paint(job(req_key, **{name: long + "x"})).data
    )


def test_removal_with_strength_zero_is_the_original():
    """S3, strength: 0 gives the original."""
    assert difference(painted(REMOVAL, strength=0), scene("seaside"))[1] <= MAX_JPEG_ERROR


def test_a_smaller_strength_stays_nearer_the_original():
    apart = [
        difference(painted(REMOVAL, strength=strength), scene("seaside"), where=mask_of("seaside"))[0]
        for strength in (0, 0.1, 0.3, 0.8)
    ]

    assert apart == sorted(apart)
    assert apart[-1] > 4 * apart[0]


@pytest.mark.parametrize("name", ["seaside", "meadow", "wall-turned"])
def test_more_steps_give_a_finer_removal(name):
    rough = [
        busyness(painted(REMOVAL, *files_for(REMOVAL, name), steps=steps), mask_of(name)) for steps in (0, 2, 10, 60)
    ]

    assert rough == sorted(rough)


def test_each_quality_of_a_removal_is_another_picture():
    made = {quality: operations.paint(job(REMOVAL, quality=quality)).data for quality in "HML"}

    assert len(set(made.values())) == 3


def test_a_larger_dilate_size_removes_more():
    sizes = []
    for radius in (0, 5, 15, 40):
        made = painted(REMOVAL, dilate_size=radius)
        sizes.append(
            ImageChops.difference(made, scene("seaside")).convert("L").point(lambda v: 255 * (v > 15)).histogram()[255]
        )

    assert sizes == sorted(sizes)
    assert sizes[-1] > 1.5 * sizes[0]


@pytest.mark.parametrize("req_key", [EDIT, EDIT_ZI2I])
def test_more_scale_makes_the_pattern_stronger(req_key):
    mask = mask_of("wall-turned")
    files = files_for(req_key, "wall-turned")
    plain = painted(req_key, *files, scale=1)

    apart = [difference(painted(req_key, *files, scale=scale), plain, where=mask)[0] for scale in (1, 2, 5, 20)]

    assert apart == sorted(set(apart))


@pytest.mark.parametrize("req_key", [EDIT, EDIT_ZI2I])
def test_more_steps_give_an_edit_more_shapes(req_key):
    files, mask = files_for(req_key, "wall-turned"), mask_of("wall-turned")

    busy = [busyness(painted(req_key, *files, steps=steps), mask) for steps in (0, 25, 300)]

    assert busy == sorted(busy)


def test_the_two_edit_keys_paint_alike():
    assert operations.paint(job(EDIT)).data == operations.paint(job(EDIT_ZI2I)).data


def test_a_turned_picture_comes_back_upright():
    """EXIF orientation is honoured: the answer is as a viewer shows the source, and carries no EXIF."""
    made = painted(REMOVAL, *files_for(REMOVAL, "wall-turned"))

    assert made.size == (384, 512)
    assert picture(files_for(REMOVAL, "wall-turned")[0]).facts.orientation == 6
