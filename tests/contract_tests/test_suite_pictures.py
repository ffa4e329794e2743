"""The suite's own picture writer and reader, held against Pillow."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from contract_tests.pictures import Mask, Photo, Rect, jpeg, read_facts, render
from contract_tests.pictures.classes import all_classes
from volcv_mock.recording.redact import SecretFound, assert_clean, headers, spellings, url

SOUND = [
    Photo(),
    Photo(100, 70),
    Photo(100, 70, progressive=True),
    Photo(mode="L"),
    Photo(mode="CMYK"),
    Photo(96, 64, "PNG"),
    Photo(orientation=6),
    Photo(4096, 64),
    Photo(pad_to=5 * 2**20 + 1),
    Photo(format="PNG", pad_to=2**20),
    Mask(),
    Mask(mode="RGB"),
    Mask(mode="RGBA"),
    Mask(mode="LA"),
    Mask(flaw="interlaced"),
    Mask(flaw="jpeg"),
]


@pytest.mark.parametrize("picture", SOUND, ids=repr)
def test_pillow_and_our_reader_agree_on_what_our_writer_wrote(picture):
    data = render(picture)

    with Image.open(io.BytesIO(data)) as opened:
        opened.load()
        facts = read_facts(data)

        assert facts.size == opened.size == (picture.width, picture.height)
        assert (facts.format, facts.mode, facts.problem) == (opened.format, opened.mode, "")


@pytest.mark.parametrize("progressive", [False, True])
def test_a_gradient_survives_our_jpeg_within_one_level(progressive):
    plane = [[100 + x * y // 60 for x in range(64)] for y in range(64)]

    with Image.open(io.BytesIO(jpeg.write([plane], 64, 64, progressive=progressive))) as opened:
        assert max(abs(opened.getpixel((x, y)) - plane[y][x]) for x in range(64) for y in range(64)) <= 1


def test_a_padded_picture_has_exactly_the_size_asked_for():
    assert len(render(Photo(pad_to=5 * 2**20))) == 5 * 2**20


@pytest.mark.parametrize("kind", all_classes(), ids=lambda kind: f"{kind.item}: {kind.name}")
def test_every_class_draws_and_prints_in_a_line(kind):
    assert len(repr(kind.pictures())) < 200


def test_a_mask_marks_what_it_says():
    with Image.open(io.BytesIO(render(Mask(64, 64, marked=Rect(3, 5, 40, 20))))) as opened:
        assert opened.getbbox() == (3, 5, 43, 25)


def test_a_secret_is_found_in_every_spelling():
    secret = "sk-live/abc+def==0123"
    for prefix in (b"", b"x", b"xy"):
        with pytest.raises(SecretFound):
            assert_clean(b"body " + base64.b64encode(prefix + secret.encode() + b" tail"), [secret], "exchange")
    assert all(len(spelling) >= 8 for spelling in spellings(secret))


def test_credentials_are_masked_by_their_place_and_req_key_stays():
    assert headers([("Authorization", "Bearer sk-1"), ("Accept", "*/*")]) == [
        ["Authorization", "Bearer ***"],
        ["Accept", "*/*"],
    ]
    assert url("http://h/a?x-expires=5&x-signature=abc") == "http://h/a?x-expires=5&x-signature=***"
