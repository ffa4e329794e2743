"""What goes on the wire: a plain JPEG with a stated error, and nothing of the source's baggage."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from tests.imaging.scenes import IMAGES, NAMES, data_of, difference, mask_data_of, picture, png, scene
from volcv_mock.imaging.codecs import MAX_JPEG_ERROR, MEAN_JPEG_ERROR, encode_jpeg, open_mask, open_rgb, to_base64


@pytest.mark.parametrize("name", NAMES)
def test_the_jpeg_error_of_real_pictures_is_as_measured(name):
    """Well under the stated bound, which is there for pictures noisier than these."""
    source = scene(name)

    mean, largest = difference(Image.open(io.BytesIO(encode_jpeg(source))), source)

    assert mean <= MEAN_JPEG_ERROR / 4
    assert largest <= MAX_JPEG_ERROR * 2 / 3


def test_even_pure_noise_keeps_the_stated_bound():
    from volcv_mock.imaging.noise import stream

    noise = Image.frombytes("RGB", (128, 128), stream(128 * 128 * 3, "worst"))

    mean, largest = difference(Image.open(io.BytesIO(encode_jpeg(noise))), noise)

    assert mean <= MEAN_JPEG_ERROR
    assert largest <= MAX_JPEG_ERROR


def test_the_answer_is_a_baseline_jpeg_in_full_colour_resolution():
    made = Image.open(io.BytesIO(encode_jpeg(scene("seaside"))))

    assert made.format == "JPEG"
    assert made.mode == "RGB"
    assert "progressive" not in made.info
    assert [layer[1:3] for layer in made.layer] == [(1, 1), (1, 1), (1, 1)]


@pytest.mark.parametrize("name", NAMES)
def test_no_metadata_of_the_source_is_kept(name):
    """EXIF tells a place, a comment a tool; neither belongs to the answer."""
    source = Image.open(IMAGES / f"{name}.jpg")
    source.info["icc_profile"] = b"a profile"

    made = Image.open(io.BytesIO(encode_jpeg(source)))

    assert not made.getexif()
    assert not {"exif", "comment", "icc_profile", "xmp"} & set(made.info)


def test_base64_is_one_line_of_the_standard_alphabet():
    data = bytes(range(256)) * 9

    assert to_base64(data) == base64.standard_b64encode(data)
    assert b"\n" not in to_base64(data)


def test_a_turned_picture_is_opened_as_a_viewer_shows_it():
    opened = open_rgb(picture(data_of("wall-turned")))

    assert opened.size == (384, 512)
    assert difference(opened, scene("wall-turned")) == (0, 0)


def test_a_decoded_picture_is_not_decoded_again():
    from dataclasses import replace

    decoded = Image.new("RGB", (64, 64))

    assert open_rgb(replace(picture(data_of("seaside")), decoded=decoded)) is decoded


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_a_mask_of_any_allowed_shape_is_one_channel(mode):
    grey = Image.open(io.BytesIO(mask_data_of("seaside")))

    opened = open_mask(picture(png(grey.convert(mode))), grey.size)

    assert opened.mode == "L"
    assert opened.tobytes() == grey.convert("L").tobytes()


def test_a_mask_of_another_size_is_fitted():
    assert open_mask(picture(mask_data_of("seaside")), (100, 75)).size == (100, 75)


@pytest.mark.parametrize("name", NAMES)
def test_each_scene_is_small_and_has_a_mask_of_its_size(name):
    assert len(data_of(name)) < 200_000
    assert Image.open(io.BytesIO(mask_data_of(name))).mode == "L"
    assert Image.open(io.BytesIO(mask_data_of(name))).size == scene(name).size


def test_the_scenes_look_like_a_cameras():
    tags = Image.open(IMAGES / "wall-turned.jpg")

    assert tags.getexif()[0x0112] == 6
    assert tags.layer[0][1:3] == (2, 2)
