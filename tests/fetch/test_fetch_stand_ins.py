"""Pictures that are not fetched: stand-ins for those of hosts that are left alone, and our own from the store."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from tests.fetch.picture_site import PICTURE, SLOW, never_asked, one
from volcv_mock.fetch import Fetcher, stand_ins

# --- stand-ins ---


@pytest.mark.parametrize(
    ("policy", "url"),
    [
        ("loopback", "https://example.com/a.jpg"),
        ("loopback", "http://10.0.0.1/a.jpg"),
        ("loopback", "http://169.254.169.254/latest"),
        ("stand-in", "https://example.com/a.jpg"),
        ("stand-in", "http://127.0.0.1/a.jpg"),
    ],
)
def test_a_host_that_is_not_fetched_gets_a_stand_in_and_a_note(policy, url):
    got = one(Fetcher(policy, resolver=never_asked), url)

    assert got.is_stand_in
    assert "is not fetched" in got.notes[0]
    assert Image.open(io.BytesIO(got.data)).size == stand_ins.SIZE


def test_a_stand_in_depends_on_its_url_alone():
    first, second = (one(Fetcher(), url).data for url in ("http://example.com/a.jpg", "http://example.com/b.jpg"))

    assert first != second
    assert first == one(Fetcher("stand-in"), "http://example.com/a.jpg").data


def test_the_second_stand_in_is_a_mask_of_the_first_one_s_size():
    urls = ["http://example.com/a.jpg", "http://example.com/m.png"]

    mask = Image.open(io.BytesIO(Fetcher().fetch(urls)[urls[1]].data))

    assert (mask.format, mask.mode, mask.size) == ("PNG", "L", stand_ins.SIZE)
    assert set(mask.tobytes()) == {0, 255}


@pytest.mark.parametrize(
    ("path", "size"),
    [("/a.jpg", (96, 80)), ("/tall.jpg", (100, 200)), ("/bomb", stand_ins.SIZE), ("/404", stand_ins.SIZE)],
    ids=["plain", "turned by EXIF", "of an absurd size", "that failed"],
)
def test_a_stand_in_mask_has_the_size_of_the_fetched_picture(site, path, size):
    urls = [site.url(path), "http://example.com/m.png"]

    mask = Image.open(io.BytesIO(Fetcher(limits=SLOW).fetch(urls)[urls[1]].data))

    assert mask.size == size


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (64, 4096)])
def test_a_stand_in_mask_of_any_size_marks_something(size):
    mask = Image.open(io.BytesIO(stand_ins.mask("http://example.com/m.png", size)))

    assert mask.size == size
    assert mask.getextrema()[1] == 255


# --- our own pictures ---


def test_our_own_pictures_come_from_the_store_under_every_policy():
    url = "http://127.0.0.1:8410/_mock/images/1.jpeg"

    for policy in ("loopback", "any", "stand-in"):
        assert one(Fetcher(policy, own={url: PICTURE}.get, resolver=never_asked), url).data == PICTURE


def test_a_link_of_ours_that_expired_is_not_fetched_from_ourselves():
    """Two such calls in a pool of two would wait for each other for ever."""
    fetcher = Fetcher(own=lambda url: b"", resolver=never_asked)

    problem = one(fetcher, "http://127.0.0.1:8410/_mock/images/1.jpeg").problem

    assert problem is not None
    assert problem.rule == "url_status"


def test_a_redirect_to_our_own_picture_comes_from_the_store(site):
    own = {"http://mock/_mock/images/1.jpeg": PICTURE}.get

    assert one(Fetcher(own=own, limits=SLOW), site.url("/to-own")).data == PICTURE
