"""The journal's pictures: roles by position in the request, thumbnails of refused pictures, masks that mark nothing."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from tests.helpers.calls import entry, mask, opened, picture, scene
from volcv_mock import pipeline
from volcv_mock.journal import Entry, Journal
from volcv_mock.model import RawRequest
from volcv_mock.world import World

HEADERS = (("Host", "mock"), ("Authorization", "Bearer sk-test"), ("Content-Type", "application/json"))
SIZE = (96, 80)


def encoded(image: Image.Image, format: str = "PNG") -> str:
    sink = io.BytesIO()
    image.save(sink, format)
    return base64.b64encode(sink.getvalue()).decode()


def grey(value: int = 0) -> Image.Image:
    image = Image.new("L", SIZE)
    image.paste(value, (8, 8, 40, 40))
    return image


PICTURE, MASK = encoded(Image.new("RGB", SIZE, "teal")), encoded(grey(255))


def sent(*pictures: str) -> tuple[World, Entry]:
    """The journal's entry of a request with these pictures."""
    world = World()
    body = json.dumps({"req_key": "i2i_inpainting", "seed": 3, "binary_data_base64": pictures}).encode()
    query = "Action=CVProcess&Version=2022-08-31"
    pipeline.handle(RawRequest("proxy", "POST", "/volcv/v1", query, HEADERS, body), world)
    (found,) = world.journal.entries()
    return world, found


def roles(call: Entry) -> list[str]:
    return [each["role"] for each in call.pictures]


BROKEN = {
    "no base64": ("***", ["mask"]),
    "no picture": (base64.b64encode(b"not a picture at all").decode(), ["picture", "mask"]),
    "cut off": (PICTURE[: len(PICTURE) // 2 // 4 * 4], ["picture", "mask"]),
}


@pytest.mark.parametrize(("first", "expected"), BROKEN.values(), ids=BROKEN)
def test_a_broken_picture_leaves_the_mask_a_mask(first: str, expected: list[str]) -> None:
    world, call = sent(first, MASK)

    assert call.problems
    assert roles(call) == expected
    assert call.thumbnails == ["mask"]
    assert world.journal.thumbnail(call.id, "picture") is None


REFUSED_MASKS = {
    "a JPEG": encoded(grey(255), "JPEG"),
    "another size": encoded(grey(255).resize((48, 40))),
    "16 bits": encoded(Image.new("I;16", SIZE, 65535)),
    "a GIF": encoded(grey(255), "GIF"),
    "colours": encoded(Image.new("RGB", SIZE, (9, 99, 255))),
}


@pytest.mark.parametrize("refused", REFUSED_MASKS.values(), ids=REFUSED_MASKS)
def test_refused_pictures_that_decode_keep_a_thumbnail(refused: str) -> None:
    world, call = sent(PICTURE, refused)

    assert call.problems
    assert roles(call) == ["picture", "mask"]
    assert sorted(call.thumbnails) == ["mask", "picture"]
    shown = Image.open(io.BytesIO(world.journal.thumbnail(call.id, "mask") or b""))
    assert shown.size == SIZE


def test_a_refused_picture_of_another_format_keeps_a_thumbnail() -> None:
    _, call = sent(encoded(Image.new("RGB", SIZE, "teal"), "BMP"), MASK)

    assert call.problems
    assert sorted(call.thumbnails) == ["mask", "picture"]


def test_a_picture_with_more_pixels_than_the_limit_is_not_decoded_for_a_thumbnail() -> None:
    """A small file may hold more pixels than memory."""
    _, call = sent(encoded(Image.new("L", (5000, 4000))), MASK)

    assert call.problems
    assert "picture" not in call.thumbnails


def test_a_refused_format_with_more_pixels_than_the_limit_is_not_decoded() -> None:
    """Its header is not read before: a GIF of 200 KB would take 700 MB."""
    _, call = sent(encoded(Image.new("P", (16_384, 1100)), "GIF"), MASK)

    assert call.problems
    assert "picture" not in call.thumbnails


@pytest.mark.parametrize("lightest", [0, 1, 127])
def test_a_mask_that_marks_nothing_has_a_note(journal: Journal, lightest: int) -> None:
    """Masks saved as 0 and 1 instead of 0 and 255 look black."""
    opened(journal, entry(pictures=(scene(64), picture(_square(lightest), "$.binary_data_base64[1]"))))

    (call,) = journal.entries()

    assert call.notes == [f"mask marks nothing: its lightest value is {lightest}, and values from 128 count as white"]


def test_a_mask_with_one_light_pixel_has_no_note(journal: Journal) -> None:
    image = Image.new("L", (64, 64))
    image.putpixel((63, 63), 128)
    opened(journal, entry(pictures=(scene(64), picture(image, "$.binary_data_base64[1]"))))

    assert journal.entries()[0].notes == []


def test_the_note_is_repeated_for_a_mask_that_is_in_the_cache(journal: Journal) -> None:
    black: Any = mask(64, None, digest="black")
    opened(journal, entry(1, pictures=(scene(64), black)), entry(2, pictures=(scene(64), black)))

    assert [len(each.notes) for each in journal.entries()] == [1, 1]


def _square(value: int) -> Image.Image:
    image = Image.new("L", (64, 64))
    image.paste(value, (8, 8, 24, 24))
    return image


def claiming(width: int, height: int) -> str:
    """A PNG of a few bytes whose header claims a size."""
    data = bytearray(base64.b64decode(PICTURE))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return base64.b64encode(data).decode()


def test_a_mask_is_never_enlarged_to_a_size_that_a_header_only_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """60000x60000 would take 3.6 GB and minutes for the thumbnail of a refused request."""
    sizes: list[tuple[int, int]] = []
    resize = Image.Image.resize

    def noted(image: Image.Image, size: tuple[int, int], *rest: Any, **more: Any) -> Image.Image:
        sizes.append(size)
        assert size[0] * size[1] <= 4096 * 4096
        return resize(image, size, *rest, **more)

    monkeypatch.setattr(Image.Image, "resize", noted)

    _, call = sent(claiming(60_000, 60_000), MASK)

    assert call.row == "50205"
    assert all(size[0] <= 4096 for size in sizes)
