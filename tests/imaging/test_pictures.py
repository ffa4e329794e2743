"""Input pictures: what is refused, with which message, and the facts of a valid one."""

from __future__ import annotations

import base64
import contextlib
import io
import struct
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageFile

from tests.imaging import plain_png
from volcv_mock import border_set, contract
from volcv_mock.border_set import border_pictures
from volcv_mock.imaging.masks import check_mask
from volcv_mock.imaging.pictures import Undecodable, check_picture, decode, decode_base64, picture_notes
from volcv_mock.model import Picture

WHERE = "$.binary_data_base64[0]"
SMALL = [specimen.data for specimen in border_set.specimens() if 0 < len(specimen.data) < 20_000]


def saved(image, format="JPEG", **options):
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def rules(data):
    return [problem.rule for problem in check_picture(data, WHERE)[1]]


def decoded(data):
    facts, problems = check_picture(data, WHERE)
    assert not problems
    return decode(Picture(WHERE, data, facts))


def largest_difference(one, other):
    return max(high for _, high in ImageChops.difference(one, other).getextrema())


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no bytes at all"),
        (b"\0\1\2\3", "they begin 00 01 02 03"),
        (b"<html>", "HTML, not a picture"),
        (base64.b64encode(plain_png.flat(64, 64)), "encoded twice"),
        (saved(Image.new("L", (64, 64)), "GIF"), "a GIF file; wanted JPEG or PNG"),
    ],
    ids=["empty", "unknown", "html", "base64 twice", "gif"],
)
def test_another_format_is_refused_by_its_name(data, words):
    _, [problem] = check_picture(data, WHERE)

    assert problem.rule == "picture_format"
    assert words in problem.sentence()


def test_all_problems_are_listed_in_the_order_of_the_documents():
    tiny = plain_png.file(plain_png.chunks(lambda x, y: (0,), 63, 10, bits=16, before=[(b"acTL", bytes(8))])[:-1])

    assert rules(tiny) == ["picture_min_side", "picture_bits", "picture_is_still", "picture_complete"]


def test_the_limits_shown_are_those_of_the_contract():
    limits = contract.limits()
    _, [small] = check_picture(plain_png.flat(limits.min_side - 1, limits.min_side), WHERE)
    _, [large] = check_picture(plain_png.flat(limits.max_side + 1, limits.min_side), WHERE)

    assert str(limits.min_side) in small.wanted
    assert str(limits.max_side) in large.wanted
    assert "S1" in small.source


def test_a_12_bit_jpeg_is_refused_for_its_depth():
    data = bytearray(saved(Image.new("RGB", (64, 64))))
    data[data.index(b"\xff\xc0") + 4] = 12

    assert rules(bytes(data)) == ["picture_bits"]


def test_a_refused_picture_has_facts_too():
    facts, problems = check_picture(plain_png.flat(20, 30), WHERE)

    assert problems
    assert (facts.width, facts.height, facts.format, facts.size_bytes) == (20, 30, "PNG", len(plain_png.flat(20, 30)))


# --- what comes out -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_picture_is_measured_and_decoded_as_shown(format, orientation):
    """The eight files show the same scene; three of four viewers and one mask editor turn them all."""
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    scene = border_pictures.scene(96, 64)
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    stored = scene.transpose(turns[orientation]) if orientation in turns else scene
    data = saved(stored, format, exif=exif, **({"quality": 98, "subsampling": 0} if format == "JPEG" else {}))

    facts, problems = check_picture(data, WHERE)
    image = decoded(data)

    assert not problems
    assert image.size == (facts.width, facts.height) == (96, 64)
    assert largest_difference(image, scene) <= (12 if format == "JPEG" else 0)
    assert image.tobytes() == ImageOps.exif_transpose(Image.open(io.BytesIO(data))).tobytes()
    assert not check_mask(plain_png.flat(96, 64), "$[1]", facts, "default").problems


def test_the_notes_name_what_was_accepted_without_a_document():
    exif = Image.Exif()
    exif[0x0112] = 6
    facts, _ = check_picture(saved(Image.new("L", (96, 70)), exif=exif), WHERE)

    grey, turned = picture_notes(facts, WHERE)

    assert "L channels is read as RGB" in grey
    assert "stored as 96x70, shown as 70x96 (EXIF orientation 6)" in turned
    assert not picture_notes(check_picture(saved(Image.new("RGB", (64, 64))), WHERE)[0], WHERE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_any_png_of_8_bits_or_fewer_is_read_as_rgb(mode):
    source = border_pictures.scene().convert(mode)

    image = decoded(saved(source, "PNG"))

    assert image.mode == "RGB"
    assert image.tobytes() == source.convert("RGB").tobytes()


def test_the_alpha_of_a_photo_is_ignored_not_laid_on_a_colour():
    clear = Image.new("RGBA", (64, 64), (10, 200, 30, 0))

    assert decoded(saved(clear, "PNG")).getpixel((5, 5)) == (10, 200, 30)


@pytest.mark.parametrize("block", [b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"Exif\0\0garbage", b"MPF\0"])
def test_damaged_metadata_causes_no_error_and_no_warning(block):
    """Phones write broken EXIF; a test suite that turns warnings into errors must not stumble over it."""
    data = saved(Image.new("RGB", (64, 64)), exif=block)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decoded(data).size == (64, 64)


def test_a_palette_with_transparency_does_not_warn():
    data = saved(border_pictures.scene().quantize(8), "PNG", transparency=b"\0\x80\xff")

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert decoded(data).mode == "RGB"


def test_a_text_chunk_that_unpacks_to_gigabytes_is_never_unpacked():
    import zlib

    bomb = (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(80_000_000), 9))
    parts = plain_png.chunks(lambda x, y: (1, 2, 3), 64, 64, "RGB")

    assert decoded(plain_png.file([parts[0], bomb, *parts[1:]])).getpixel((0, 0)) == (1, 2, 3)


def test_pixels_that_cannot_be_read_are_a_problem_with_a_place():
    data = plain_png.file([plain_png.head(64, 64, "RGB"), (b"IDAT", b"noise"), (b"IEND", b"")])
    facts, problems = check_picture(data, WHERE)
    assert not problems

    with pytest.raises(Undecodable) as caught:
        decode(Picture(WHERE, data, facts))

    assert caught.value.problem.rule == "picture_decodes"
    assert caught.value.problem.where == WHERE


@pytest.mark.parametrize("truncated", [False, True], ids=["strict", "LOAD_TRUNCATED_IMAGES set"])
def test_a_header_taller_than_its_pixels_is_found_on_decoding(monkeypatch, truncated):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", truncated)
    parts = plain_png.chunks(lambda x, y: (1, 2, 3), 64, 64, "RGB")
    data = plain_png.file([plain_png.head(64, 65, "RGB"), *parts[1:]])
    facts, problems = check_picture(data, WHERE)
    assert not problems

    with pytest.raises(Undecodable, match="193 bytes of pixels are missing"):
        decode(Picture(WHERE, data, facts))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SMALL), st.data())
def test_a_mutated_file_is_a_picture_a_problem_or_undecodable_never_an_error(data, draw):
    mutated = bytearray(data)
    for _ in range(draw.draw(st.integers(0, 3))):
        mutated[draw.draw(st.integers(0, len(mutated) - 1))] ^= draw.draw(st.integers(1, 255))
    mutated = bytes(mutated)

    facts, problems = check_picture(mutated, WHERE)
    check_mask(mutated, WHERE, facts, "lenient")
    if not problems:
        with contextlib.suppress(Undecodable):
            assert decode(Picture(WHERE, mutated, facts)).size == (facts.width, facts.height)


# --- base64 ---------------------------------------------------------------------------------------------------------

SOUND = base64.b64encode(bytes(range(256)) * 3).decode()


def test_sound_base64_gives_its_bytes():
    assert decode_base64(SOUND, WHERE) == (bytes(range(256)) * 3, [])


@pytest.mark.parametrize(
    ("text", "rule", "words"),
    [
        ("", "base64_empty", "an empty text"),
        ("data:image/png;base64," + SOUND, "base64_is_not_data_uri", "what follows the comma"),
        ("DATA:," + SOUND, "base64_is_not_data_uri", "what follows the comma"),
        (base64.urlsafe_b64encode(b"\xfb\xff" * 30).decode(), "base64_is_not_base64url", "not urlsafe_b64encode"),
        (SOUND[:76] + "\n" + SOUND[76:], "base64_has_no_whitespace", "'\\n' at position 76"),
        (SOUND + "\r\n", "base64_has_no_whitespace", "without line breaks"),
        (" " + SOUND, "base64_has_no_whitespace", "position 0"),
        (SOUND[:-1], "base64_padding", "multiple of 4"),
        (SOUND + "=", "base64_padding", "multiple of 4"),
        ("QUJD====", "base64_padding", "multiple of 4"),
        ("QQ==QUJD", "base64_padding", "only at the end"),
        ("=", "base64_padding", "multiple of 4"),
        ("A", "base64_padding", "incorrect length"),
        ("https://example.com/a.jpg", "base64_alphabet", "belongs in image_urls"),
        ("QUJD*UJD", "base64_alphabet", "'*' at position 4"),
        ("QUJD图片==", "base64_alphabet", "'图' at position 4"),
        ("QUJD\ud800", "base64_alphabet", "'\\ud800' at position 4"),
        ("\ud800", "base64_alphabet", "'\\ud800' at position 0"),
        ("QUJ\0", "base64_alphabet", "'\\x00' at position 3"),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_base64_is_refused_for_its_own_reason(text, rule, words):
    data, [problem] = decode_base64(text, WHERE)

    assert data is None
    assert problem.rule == rule
    assert words in problem.sentence()
    assert problem.sentence().encode("utf-8")


def test_a_file_one_byte_over_the_limit_is_refused_undecoded():
    limit = contract.limits().max_bytes
    exact, over = base64.b64encode(bytes(limit)).decode(), base64.b64encode(bytes(limit + 1)).decode()

    data, problems = decode_base64(exact, WHERE)
    refused, [problem] = decode_base64(over, WHERE)

    assert (len(data), problems) == (limit, [])
    assert refused is None
    assert problem.rule == "picture_size_bytes"
    assert str(limit + 1) in problem.found


@pytest.mark.parametrize("damage", ["\n", "!", "图", "\ud800"], ids=["newline", "stranger", "chinese", "surrogate"])
def test_a_problem_shows_little_of_a_large_text(damage):
    text = "A" * 5_000_000 + damage + "A" * 999

    _, [problem] = decode_base64(text, WHERE)

    assert "A" * 41 not in problem.sentence()
    assert len(problem.sentence()) < 500


@given(st.one_of(st.text(max_size=60), st.text(alphabet="QUJD+/-_= \n", max_size=20)))
def test_any_text_gives_bytes_or_exactly_one_problem(text):
    data, problems = decode_base64(text, WHERE)

    assert (data is None) == (len(problems) == 1)
    assert data is None or base64.b64decode(text) == data


@given(st.binary(min_size=1, max_size=200))
def test_whatever_was_encoded_comes_back(data):
    assert decode_base64(base64.b64encode(data).decode(), WHERE) == (data, [])


def test_a_jpeg_claim_that_its_bytes_cannot_hold_is_refused_undecoded():
    data = bytearray(saved(Image.new("RGB", (64, 64))))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", 4000, 4000)

    _, [problem] = check_picture(bytes(data), WHERE)

    assert problem.rule == "picture_decodes"
    assert "claims 16000000 pixels" in problem.found
