"""What an entry tells of pictures and masks, and their thumbnails."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from PIL import Image

from tests.helpers.calls import BUDGET, PROBLEM, entry, mask, opened, painted, picture, scene
from volcv_mock.journal import Journal


def size_of(jpeg: bytes | None) -> tuple[int, int]:
    assert jpeg is not None
    return Image.open(io.BytesIO(jpeg)).size


def test_pictures_are_told_by_their_facts_and_never_stored(journal: Journal) -> None:
    opened(journal, entry(pictures=(scene(), mask()), body={"binary_data_base64": ["A" * 9999], "image_urls": []}))

    told = journal.last()

    assert told is not None
    assert "AAAA" not in json.dumps(told.to_dict())
    assert [(each["role"], each["format"], each["width"], each["mode"]) for each in told.pictures] == [
        ("picture", "PNG", 64, "RGB"),
        ("mask", "PNG", 64, "L"),
    ]


def test_picture_urls_are_told_without_user_and_query(journal: Journal) -> None:
    opened(journal, entry(body={"image_urls": ["https://me:secret@cdn.test/a.png?X-Signature=secret", 7]}))

    assert journal.entries()[0].image_urls == ["https://cdn.test/a.png"]


def test_a_mask_is_told_by_its_marked_area_and_box(journal: Journal) -> None:
    opened(journal, entry(pictures=(scene(), mask(64, (8, 8, 24, 40)))))

    told = journal.entries()[0]

    assert (told.pictures[1]["area"], told.pictures[1]["box"]) == (0.125, [8, 8, 24, 40])
    assert told.notes == []


def test_greys_of_a_mask_count_from_the_documented_threshold(journal: Journal) -> None:
    image = Image.new("L", (64, 64), 127)
    image.paste(128, (0, 0, 32, 64))
    opened(journal, entry(pictures=(scene(), picture(image, "$.binary_data_base64[1]"))))

    told = journal.entries()[0].pictures[1]

    assert (told["area"], told["box"]) == (0.5, [0, 0, 32, 64])


def test_a_black_mask_has_no_box(journal: Journal) -> None:
    opened(journal, entry(pictures=(scene(), mask(64, None))))

    assert (journal.entries()[0].pictures[1]["area"], journal.entries()[0].pictures[1]["box"]) == (0.0, None)


def test_a_mask_more_than_half_white_is_noted_as_perhaps_inverted(journal: Journal) -> None:
    opened(journal, entry(pictures=(scene(), mask(64, (0, 0, 64, 33)))))

    assert journal.entries()[0].notes == [
        "mask perhaps inverted: 52% of it is white, and white is what gets edited",
    ]


@pytest.mark.parametrize(
    ("opaque", "white", "is_noted"),
    [
        ((8, 8, 24, 24), (8, 8, 24, 24), True),
        ((8, 8, 24, 24), (8, 8, 24, 25), False),
        ((0, 0, 64, 64), (0, 0, 64, 64), False),
    ],
    ids=["equal", "one row apart", "opaque throughout"],
)
@pytest.mark.parametrize("is_decoded", [True, False], ids=["decoded", "not decoded"])
def test_a_mask_equal_to_the_alpha_channel_is_noted_as_perhaps_inverted(
    journal: Journal,
    opaque: tuple[int, int, int, int],
    white: tuple[int, int, int, int],
    is_noted: bool,
    is_decoded: bool,
) -> None:
    image = Image.new("RGBA", (64, 64), (9, 9, 9, 0))
    image.paste((9, 9, 9, 255), opaque)
    opened(journal, entry(pictures=(picture(image, is_decoded=is_decoded), mask(64, white))))

    assert any("alpha channel" in note for note in journal.entries()[0].notes) is is_noted


def test_picture_mask_and_result_have_small_thumbnails(journal: Journal) -> None:
    opened(journal, entry(pictures=(scene(640), mask(640)), result=painted(1000)))

    sizes = [size_of(journal.thumbnail("default-call-1", role)) for role in ("picture", "mask", "result")]

    assert sizes == [(96, 96)] * 3
    assert journal.entries()[0].result == {
        "width": 1000, "height": 1000, "size_bytes": len(painted(1000).data),
        "digest": journal.entries()[0].result["digest"],  # type: ignore[index]
    }  # fmt: skip


def test_a_thumbnail_shows_the_picture_in_its_proportions(journal: Journal) -> None:
    image = Image.new("RGB", (400, 100), "white")
    image.paste("red", (0, 0, 200, 100))
    opened(journal, entry(pictures=(picture(image),)))

    shown = Image.open(io.BytesIO(journal.thumbnail("default-call-1", "picture") or b""))

    assert shown.size == (96, 24)
    left, right = shown.getpixel((20, 12)), shown.getpixel((76, 12))
    assert left[1] < 60 < 200 < right[1]  # type: ignore[index, operator]


def test_a_result_that_is_no_picture_has_no_thumbnail(journal: Journal) -> None:
    """The fault corrupt_jpeg answers with such."""
    opened(journal, entry(result=replace(painted(), data=painted().data[:100])))

    assert journal.thumbnail("default-call-1", "result") is None


def test_what_is_unknown_has_no_thumbnail(journal: Journal) -> None:
    opened(journal, entry(problems=(PROBLEM,)))

    assert journal.thumbnail("default-call-1", "picture") is None
    assert journal.thumbnail("unknown", "picture") is None


def test_a_picture_seen_before_is_not_decoded_again(journal: Journal) -> None:
    """A memo hit brings no decoded pixels, and none are needed."""
    opened(journal, entry(1, pictures=(scene(digest="p"),)))
    repeated = replace(scene(digest="p"), data=b"not even a picture", decoded=None)

    opened(journal, entry(2, pictures=(repeated,)))

    assert journal.thumbnail("default-call-2", "picture") == journal.thumbnail("default-call-1", "picture") is not None


def test_a_picture_seen_before_a_reset_is_not_decoded_again(journal: Journal) -> None:
    opened(journal, entry(1, pictures=(scene(digest="p"),)))
    journal.clear()

    opened(journal, entry(2, pictures=(replace(scene(digest="p"), data=b"", decoded=None),)))

    assert journal.thumbnail("default-call-2", "picture") is not None


def test_thumbnails_are_made_where_pixels_are_worked_on_and_once_for_each_picture() -> None:
    entered: list[str] = []

    @contextmanager
    def pixels() -> Iterator[None]:
        entered.append("pixels")
        yield

    journal = opened(Journal(BUDGET, pixels), entry(1, pictures=(scene(),)))
    assert entered == ["pixels"]

    opened(journal, entry(2, pictures=(scene(),)), entry(3))
    assert entered == ["pixels"]
