"""Header detection: never raises, never decodes, and is correct for real files."""

from __future__ import annotations

import io
import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.helpers.counting import lines_run
from tests.imaging import plain_png
from volcv_mock import border_set
from volcv_mock.imaging import jpeg_header, png_header
from volcv_mock.imaging.decode import Unreadable, pixels_of
from volcv_mock.imaging.probe import facts_of, read_header

SPECIMENS = [specimen.data for specimen in border_set.specimens() if 0 < len(specimen.data) < 20_000]
SIGNATURES = [
    png_header.SIGNATURE,
    jpeg_header.SIGNATURE,
    b"\xff\xd8\xff\xe1\x00\x20Exif\0\0II*\0",
    b"GIF89a",
    b"BM",
    b"",
]


def saved(format, mode="RGB", size=(90, 70), **options):
    file = io.BytesIO()
    Image.new(mode, size).save(file, format, **options)
    return file.getvalue()


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block


@given(st.sampled_from(SIGNATURES), st.binary(max_size=300))
def test_random_bytes_behind_any_signature_never_raise(signature, rest):
    look_at(signature + rest)


@given(st.sampled_from(SPECIMENS), st.data())
def test_real_files_mutated_anywhere_never_raise(data, draw):
    mutated = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 4))):
        at = draw.draw(st.integers(0, len(mutated) - 1))
        mutated[at] = draw.draw(st.integers(0, 255))
    look_at(bytes(mutated[: draw.draw(st.integers(0, len(mutated)))]))


def look_at(data):
    header = read_header(data)
    facts_of(data, header)
    if header.format == "PNG":
        png_header.first_bad_checksum(data)
        png_header.pixels_only(data)
    if header.format == "JPEG":
        jpeg_header.pixels_only(data)


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (b"", "empty"),
        (b"hello", "unknown"),
        (b"\x89PNG\n\x1a\n", "unknown"),
        (saved("PNG"), "PNG"),
        (saved("JPEG"), "JPEG"),
        (saved("GIF"), "GIF"),
        (saved("BMP"), "BMP"),
        (saved("TIFF"), "TIFF"),
        (saved("ICO"), "ICO"),
        (b"RIFF\x1a\0\0\0WEBPVP8L", "WEBP"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "AVIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg/>", "SVG"),
        (b"\n<!doctype HTML><p>404", "HTML"),
        (b"%PDF-1.7", "PDF"),
        (b"iVBORw0KGgoAAAA", "base64 text"),
        (b"/9j/4AAQSkZJRg", "base64 text"),
        (b"data:image/png;base64,iVBO", "data URI text"),
    ],
    ids=lambda value: value if isinstance(value, str) else "bytes",
)
def test_a_format_is_told_by_its_first_bytes(data, format):
    assert read_header(data).format == format


@pytest.mark.parametrize(
    ("mode", "bits"),
    [("L", 1), ("L", 2), ("L", 4), ("L", 8), ("L", 16), ("LA", 8), ("LA", 16), ("RGB", 8), ("RGB", 16), ("RGBA", 8),
     ("RGBA", 16), ("P", 1), ("P", 8)],
)  # fmt: skip
def test_png_channels_and_depth_are_as_stored(mode, bits):
    """Pillow would call a 16-bit RGB picture "RGB"."""
    header = read_header(plain_png.flat(20, 10, mode, bits=bits))

    assert (header.mode, header.bits, header.width, header.height) == (mode, bits, 20, 10)
    assert not header.flaw
    assert not header.gap


@pytest.mark.parametrize(
    ("chunk", "member", "value"),
    [
        ((b"iCCP", b"x\0\0"), "has_icc_profile", True),
        ((b"sRGB", b"\0"), "has_icc_profile", False),
        ((b"gAMA", b"\0\0\xb1\x8f"), "has_icc_profile", False),
        ((b"acTL", bytes(8)), "is_animated", True),
        ((b"eXIf", exif(6).tobytes().removeprefix(b"Exif\0\0")), "orientation", 6),
    ],
    ids=["iCCP", "sRGB", "gAMA", "acTL", "eXIf"],
)
def test_png_chunks_before_the_pixels_are_noticed(chunk, member, value):
    parts = plain_png.chunks(lambda x, y: (9,), 8, 8, before=[chunk])

    assert getattr(read_header(plain_png.file(parts)), member) == value


def test_a_profile_behind_the_pixels_counts_for_nothing():
    parts = plain_png.chunks(lambda x, y: (9,), 8, 8)
    parts.insert(-1, (b"iCCP", b"x\0\0"))

    assert not read_header(plain_png.file(parts)).has_icc_profile


def test_bytes_behind_the_end_are_counted():
    assert read_header(plain_png.flat(8, 8) + b"12345").trailing_bytes == 5
    assert read_header(saved("JPEG") + b"12345").trailing_bytes == 5


@pytest.mark.parametrize("kept", range(60))
def test_a_png_cut_anywhere_has_a_gap(kept):
    whole = plain_png.flat(8, 8)

    header = read_header(whole[: 8 + kept])

    assert 8 + kept >= len(whole) or header.gap


@pytest.mark.parametrize(
    ("data", "mode", "progressive"),
    [
        (saved("JPEG"), "RGB", False),
        (saved("JPEG", "L"), "L", False),
        (saved("JPEG", "CMYK"), "CMYK", False),
        (saved("JPEG", progressive=True), "RGB", True),
    ],
    ids=["baseline", "grey", "cmyk", "progressive"],
)
def test_jpeg_frames_are_read(data, mode, progressive):
    header = read_header(data)

    assert (header.width, header.height, header.bits, header.mode) == (90, 70, 8, mode)
    assert header.is_progressive == progressive
    assert not header.flaw
    assert not header.gap


def test_jpeg_metadata_is_read():
    header = read_header(saved("JPEG", exif=exif(8), icc_profile=bytes(70_000), comment=b"\xff\xd9"))

    assert header.orientation == 8
    assert header.has_icc_profile
    assert header.shown_size == (70, 90)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_upright(value):
    assert read_header(saved("JPEG", exif=exif(value))).orientation == 1


def test_a_broken_exif_block_is_upright():
    for block in (b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff"):
        assert read_header(saved("JPEG", exif=block)).orientation == 1


def test_a_jpeg_without_its_end_has_a_gap_even_if_a_thumbnail_had_one():
    thumbnail = b"Exif\0\0" + saved("JPEG", size=(8, 8))

    assert not read_header(saved("JPEG", exif=thumbnail)).gap
    assert read_header(saved("JPEG", exif=thumbnail)[:-2]).gap


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"optimize": True, "quality": 1}])
@pytest.mark.parametrize("size", [(64, 64), (4096, 64), (1023, 777), (4096, 4096)])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_smallest_valid_jpeg_is_accepted(mode, size, options):
    """Optimised tables on one colour are the fewest bits a picture can have."""
    assert not read_header(saved("JPEG", mode, size, **options)).flaw


def test_a_claim_of_a_hundred_thousand_pixels_a_side_costs_what_a_small_picture_costs():
    small, bomb = (plain_png.file([plain_png.head(side, side, "RGB"), (b"IDAT", bytes(20)), (b"IEND", b"")])
                   for side in (8, 100_000))  # fmt: skip
    tracemalloc.start()
    header = read_header(bomb)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (header.width, header.height) == (100_000, 100_000)
    assert peak_bytes < 100_000
    assert lines_run(lambda: read_header(bomb)) == lines_run(lambda: read_header(small))


def test_a_flood_of_empty_chunks_is_walked_only_so_far():
    flood = (
        plain_png.START + plain_png.file([plain_png.head(8, 8)])[8:] + plain_png.file([(b"teXt", b"")])[8:] * 400_000
    )

    assert "10000" in read_header(flood).gap
    assert len(png_header.pixels_only(flood)) < 1000


def test_a_flood_of_empty_segments_is_walked_only_so_far():
    flood = b"\xff\xd8" + struct.pack(">BBH", 0xFF, 0xFE, 2) * 1_000_000

    assert read_header(flood).flaw
    with pytest.raises(Unreadable, match="no image data among the first 2000 segments"):
        pixels_of(flood, "JPEG")


def progressive(size, more_scans):
    """A progressive JPEG of one colour whose last scan is repeated."""
    whole = saved("JPEG", "L", size, progressive=True)
    last = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + last * more_scans + whole[-2:]


@pytest.mark.parametrize(
    ("size", "more_scans", "is_flawed"), [((90, 70), 80, False), ((90, 70), 100, True), ((4096, 4096), 16, True)]
)
def test_a_jpeg_of_many_scans_is_not_decoded(size, more_scans, is_flawed):
    """Each scan of a few bytes makes libjpeg walk through all pixels: 5 MB of them took minutes."""
    flawed = progressive(size, more_scans)

    assert ("scans, more than" in read_header(flawed).flaw) == is_flawed
    if is_flawed:
        with pytest.raises(Unreadable, match="scans, more than"):
            pixels_of(flawed, "JPEG")
