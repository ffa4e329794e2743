"""Masks: every case of fixtures/masks/cases.json, and properties that cases cannot express."""

from __future__ import annotations

import re
import zlib
from functools import partial

import pytest
from PIL import Image, ImageFile

from tests.helpers.counting import lines_run
from tests.imaging import plain_png, recipes
from volcv_mock import contract
from volcv_mock.contract.readings import chosen_text, table_of
from volcv_mock.imaging.masks import HEADER_RULES, check_mask
from volcv_mock.model import PictureFacts

WHERE = "$.binary_data_base64[1]"
CASES = recipes.cases()


def picture(width=96, height=64, orientation=1):
    return PictureFacts("JPEG", width, height, "RGB", 8, 1000, "digest", orientation=orientation)


def check(data, profile="default", beside=None):
    return check_mask(data, WHERE, beside or picture(), profile)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_mask_gets_the_verdict_its_recipe_states(case):
    data, beside = recipes.draw(case), picture(**case["picture"])

    verdict = check(data, beside=beside)

    assert [problem.rule for problem in verdict.problems] == case.get("rules", [])
    assert (verdict.image is not None) == (case["verdict"] == "accept")
    if case["verdict"] == "refuse":
        assert case["says"] in verdict.problems[0].sentence()


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_lenient_refuses_the_same_except_another_size(case):
    data, beside = recipes.draw(case), picture(**case["picture"])

    verdict = check(data, "lenient", beside)

    expected = case.get("lenient", case["verdict"])
    assert ("refuse" if verdict.problems else "accept") == expected
    if expected == "accept":
        assert verdict.image.size == (beside.width, beside.height)
        assert bool(verdict.notes) == (case["verdict"] == "refuse")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_verdict_cites_sources_that_exist(case):
    assert contract.cite(case["source"])


def test_every_header_rule_has_a_case_that_it_refuses():
    spoken = {rule for case in CASES for rule in case.get("rules", [])}

    assert len(spoken) >= len(HEADER_RULES)
    assert all(contract.row_for_rule(rule).http_status == 400 for rule in spoken)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("interlaced", [False, True], ids=["plain", "interlaced"])
def test_a_sound_mask_comes_back_as_its_one_channel(mode, interlaced):
    def pixel(x, y):
        grey = (x * 5 + y * 3) % 256
        return {"L": (grey,), "RGB": (grey,) * 3, "RGBA": (grey, grey, grey, 255)}[mode]

    verdict = check(plain_png.file(plain_png.chunks(pixel, 96, 64, mode, interlaced=interlaced)))

    assert verdict.image.mode == "L"
    assert verdict.image.tobytes() == bytes((x * 5 + y * 3) % 256 for y in range(64) for x in range(96))


@pytest.mark.parametrize("height", [1, 2, 3, 8, 9, 64])
@pytest.mark.parametrize("interlaced", [False, True], ids=["plain", "interlaced"])
@pytest.mark.parametrize("grey", [0, 0xA7, 255])
def test_one_missing_byte_of_pixels_is_found_whatever_the_last_row_shows(height, interlaced, grey):
    """Pillow leaves missing rows black, or as they were; 0xA7 is the colour we look for afterwards."""
    whole = plain_png.rows(lambda x, y: (grey,), 5, height, interlaced=interlaced)
    parts = [plain_png.head(5, height, interlaced=interlaced), (b"IDAT", b""), (b"IEND", b"")]

    def verdict(raw):
        parts[1] = (b"IDAT", zlib.compress(raw))
        return check(plain_png.file(parts), beside=picture(5, height))

    assert not verdict(whole).problems
    assert [problem.rule for problem in verdict(whole[:-1]).problems] == ["mask_decodes"]


def test_the_size_is_not_checked_against_an_unreadable_picture():
    unread = PictureFacts("GIF", 0, 0, "", 0, 100, "digest")

    assert not check(plain_png.flat(70, 70), beside=unread).problems
    assert not check_mask(plain_png.flat(70, 70), WHERE, None, "default").problems


def test_a_lenient_resize_keeps_hard_edges_and_says_so():
    half = plain_png.file(plain_png.chunks(lambda x, y: (255 if x < 24 else 0,), 48, 32))

    verdict = check(half, "lenient")

    assert verdict.image.size == (96, 64)
    assert set(verdict.image.tobytes()) == {0, 255}
    assert verdict.notes == (f"{WHERE}: resized from 48x32 to the picture's 96x64",)
    assert (verdict.facts.width, verdict.facts.height) == (48, 32)


def test_an_interlaced_mask_is_refused_by_its_reading_where_a_mask_may_be_no_png():
    table = table_of("default", "", [dict(map(chosen_text, ("mask-jpeg=accept", "mask-interlaced-and-gamma=refuse")))])

    mask = plain_png.file(plain_png.chunks(lambda x, y: (0,), 96, 64, interlaced=True))
    with contract.playing(table):
        rules = [problem.rule for problem in check(mask).problems]

    assert rules == ["mask_is_png"]


def test_no_mask_grows_to_the_size_of_a_picture_that_is_too_large():
    """A header of 30000 x 30000 px would otherwise cost a gigabyte before the picture is refused."""
    mask = plain_png.flat(48, 32)

    verdict = check(mask, "lenient", beside=picture(width=30_000, height=30_000))

    assert verdict.image.size == (48, 32)
    assert verdict.notes == ()


def test_a_problem_says_where_what_and_how_to_fix_it():
    [problem] = check(plain_png.flat(96, 64, bits=4)).problems

    assert re.match(
        r"\$\.binary_data_base64\[1\]: a 4-bit PNG; wanted 8 bits per channel\. Save it", problem.sentence()
    )
    assert "S1" in problem.source


def test_no_loop_over_the_pixels_of_a_mask_runs_in_python():
    """4096x4096 RGBA whose last pixel is wrong: fewer lines of Python run than the mask has rows."""
    side = contract.limits().max_side
    row = b"\0" + b"\x11\x11\x11\xff" * side
    right, wrong = row * side, row * (side - 1) + row[:-4] + b"\x11\x11\x12\xfe"

    masks, beside = [_rgba(raw, side) for raw in (right, wrong)], picture(side, side)
    verdict = check(masks[1], beside=beside)
    lines = [lines_run(partial(check, mask, beside=beside)) for mask in masks]

    assert [problem.rule for problem in verdict.problems] == ["mask_rgb_is_equal", "mask_alpha_is_opaque"]
    assert f"at ({side - 1}, {side - 1}) r=17 g=17 b=18; 1 of" in verdict.problems[0].found
    assert max(lines) < side


def _rgba(raw, side):
    return plain_png.file([plain_png.head(side, side, "RGBA"), (b"IDAT", zlib.compress(raw, 1)), (b"IEND", b"")])


def test_what_the_process_set_in_pillow_neither_loosens_nor_changes(monkeypatch):
    """We run inside the user's test process, where both are common settings."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)

    for case in CASES:
        verdict = check(recipes.draw(case), beside=picture(**case["picture"]))
        assert [problem.rule for problem in verdict.problems] == case.get("rules", []), case["id"]
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True
    assert Image.MAX_IMAGE_PIXELS == 10
