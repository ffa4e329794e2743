"""Faults of the picture, looked at pixel by pixel."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image, ImageChops, ImageStat

from volcv_mock.faults import by_name
from volcv_mock.imaging import codecs
from volcv_mock.model import Call, Job, Painted, Picture, PictureFacts, RawRequest, Visit

SIZE = (97, 64)
BOX = (20, 10, 60, 40)


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def picture(image: Image.Image) -> Picture:
    data = png(image)
    return Picture("$", data, PictureFacts("PNG", image.width, image.height, image.mode, 8, len(data), "x"))


def source() -> Image.Image:
    return Image.linear_gradient("L").resize(SIZE).convert("RGB")


def mask() -> Image.Image:
    made = Image.new("L", SIZE)
    made.paste(255, BOX)
    return made


def job(*images: Image.Image) -> Job:
    call = Call(RawRequest("proxy", "POST", "/", "", (), b""), Visit("id", "default", 1, "d", 0, 0.0), "", "")
    return Job(call, "i2i_inpainting", "base64", {}, tuple(map(picture, images)), seed=1, is_repeatable=True)


def painted() -> Painted:
    image = source()
    image.paste((200, 30, 30), BOX)
    data = codecs.encode_jpeg(image)
    return Painted(data, codecs.to_base64(data), *SIZE)


def applied(name: str, the_job: Job | None = None) -> Painted:
    after: Painted = by_name(name).apply(painted(), the_job or job(source(), mask()))
    return after


def pixels(result: Painted) -> Image.Image:
    return Image.open(io.BytesIO(result.data)).convert("RGB")


def difference(one: Image.Image, other: Image.Image, box: tuple[int, int, int, int] | None = None) -> float:
    """The mean absolute difference of a channel, inside a box."""
    apart = ImageChops.difference(one, other)
    return max(ImageStat.Stat(apart.crop(box) if box else apart).mean)


NAMES = ["unchanged", "black", "wrong_size", "outside_mask", "png_instead_of_jpeg", "corrupt_jpeg"]


@pytest.mark.parametrize("name", NAMES)
def test_the_base64_is_that_of_the_data_and_the_fault_repeats_exactly(name: str) -> None:
    result = applied(name)

    assert base64.b64decode(result.base64, validate=True) == result.data
    assert result == applied(name)
    assert result.data != painted().data


@pytest.mark.parametrize("name", ["unchanged", "black", "wrong_size", "outside_mask"])
def test_a_wrong_picture_is_still_a_sound_jpeg_of_the_size_it_says(name: str) -> None:
    result = applied(name)
    opened = Image.open(io.BytesIO(result.data))
    opened.load()

    assert (opened.format, opened.size) == ("JPEG", (result.width, result.height))


def test_unchanged_gives_back_the_input() -> None:
    assert difference(pixels(applied("unchanged")), source()) < 3


def test_black_is_black_and_of_the_right_size() -> None:
    result = applied("black")

    assert (result.width, result.height) == SIZE
    assert pixels(result).getextrema() == ((0, 0), (0, 0), (0, 0))


def test_wrong_size_halves_both_sides() -> None:
    result = applied("wrong_size")

    assert (result.width, result.height) == (49, 32)
    assert pixels(result).size == (49, 32)


def test_outside_mask_changes_what_the_mask_protects_and_keeps_the_rest() -> None:
    before, after = pixels(painted()), pixels(applied("outside_mask"))
    inner = (BOX[0] + 8, BOX[1] + 8, BOX[2] - 8, BOX[3] - 8)

    assert difference(before, after, inner) < 6
    assert difference(before, after, (0, 0, SIZE[0], BOX[1])) > 100
    assert difference(before, after, (0, BOX[3], SIZE[0], SIZE[1])) > 100


def test_outside_mask_changes_nothing_without_a_mask() -> None:
    before = painted()

    assert by_name("outside_mask").apply(before, job(source())) == before
    assert by_name("outside_mask").needs == "mask"


def test_png_instead_of_jpeg_is_the_same_picture_as_a_png() -> None:
    result = applied("png_instead_of_jpeg")

    assert result.data.startswith(b"\x89PNG")
    assert difference(pixels(result), pixels(painted())) == 0


def test_a_corrupt_jpeg_has_sound_headers_and_does_not_decode() -> None:
    data = applied("corrupt_jpeg").data
    opened = Image.open(io.BytesIO(data))

    assert (opened.format, opened.size) == ("JPEG", SIZE)
    with pytest.raises(OSError, match=r"truncated|broken"):
        opened.load()


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("side", [64, 512])
def test_even_a_flat_picture_becomes_a_corrupt_jpeg(level: int, side: int) -> None:
    data = codecs.encode_jpeg(Image.new("RGB", (side, side), (level, level, level)))
    broken: Painted = by_name("corrupt_jpeg").apply(Painted(data, b"", side, side), job(source()))

    with pytest.raises(OSError, match=r"truncated|broken"):
        Image.open(io.BytesIO(broken.data)).load()
