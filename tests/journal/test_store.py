"""The picture store: signed links, their expiry, and pictures that leave early."""

from __future__ import annotations

import threading
from urllib.parse import parse_qsl, urlsplit

import pytest

from volcv_mock.journal.store import KEPT_BYTES, MAX_EVICTED, PictureStore

BASE = "http://127.0.0.1:8410"
NOW_S = 1_700_000_000.0
DAY_S = 86_400


def store_with(*pictures: bytes, budget_bytes: int = 1000) -> PictureStore:
    store = PictureStore(budget_bytes, mock_seed=7)
    for index, data in enumerate(pictures):
        store.put(f"{index:032x}", data, NOW_S + DAY_S)
    return store


def query_of(store: PictureStore, index: int = 0, expires_at_s: float = NOW_S + DAY_S) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(store.url(BASE, f"{index:032x}", expires_at_s)).query))


def test_a_link_leads_to_its_picture_until_its_second() -> None:
    store = store_with(b"jpeg")

    assert store.get(f"{0:032x}", query_of(store), NOW_S + DAY_S - 1).data == b"jpeg"
    late = store.get(f"{0:032x}", query_of(store), NOW_S + DAY_S)
    assert (late.verdict, late.status, late.data) == ("expired", 403, b"")


@pytest.mark.parametrize(
    "change",
    [{"x-expires": "9999999999"}, {"x-signature": "0" * 40}, {"x-signature": "é"}, {"x-expires": "１"}],
)
def test_a_link_that_was_changed_is_forbidden(change: dict[str, str]) -> None:
    store = store_with(b"jpeg")

    assert store.get(f"{0:032x}", query_of(store) | change, NOW_S).status == 403


def test_a_link_without_its_signature_is_forbidden_whether_the_picture_exists_or_not() -> None:
    store = store_with(b"jpeg")

    assert store.get(f"{0:032x}", {}, NOW_S).verdict == store.get("f" * 32, {}, NOW_S).verdict == "forbidden"


def test_another_mock_seed_signs_otherwise() -> None:
    other = PictureStore(1000, mock_seed=8)

    assert not other.is_signed(f"{0:032x}", query_of(store_with(b"jpeg")))


def test_the_oldest_picture_leaves_first_and_answers_410() -> None:
    store = store_with(b"a" * 600, b"b" * 600)

    assert store.get(f"{0:032x}", query_of(store, 0), NOW_S).status == 410
    assert store.get(f"{1:032x}", query_of(store, 1), NOW_S).status == 200
    assert store.held_bytes == 600 + KEPT_BYTES


def test_a_picture_larger_than_the_budget_answers_410() -> None:
    store = store_with(b"a" * 1001)

    assert store.get(f"{0:032x}", query_of(store), NOW_S).status == 410
    assert store.held_bytes == 0


def test_a_picture_never_given_answers_404() -> None:
    store = store_with()

    assert store.get(f"{0:032x}", query_of(store), NOW_S).status == 404


def test_bytes_shared_by_equal_answers_count_once() -> None:
    """The memo hands the same bytes to every repeat of a deterministic request."""
    shared = b"a" * 600
    store = store_with(shared, shared, shared, budget_bytes=2000)

    assert store.held_bytes == 600 + 3 * KEPT_BYTES
    assert all(store.get(f"{index:032x}", query_of(store, index), NOW_S).status == 200 for index in range(3))


def test_shared_bytes_leave_with_their_last_picture() -> None:
    shared = b"a" * 600
    store = store_with(shared, shared, b"b" * 600, budget_bytes=1500)

    assert [store.get(f"{index:032x}", query_of(store, index), NOW_S).status for index in range(3)] == [410, 410, 200]
    assert store.held_bytes == 600 + KEPT_BYTES


def test_links_to_one_picture_are_bounded_too() -> None:
    """A million answers with a URL of the same picture must not grow without end."""
    shared = b"a" * 600
    store = store_with(*[shared] * 100, budget_bytes=10_000)

    assert store.held_bytes <= 10_000
    assert store.get(f"{0:032x}", query_of(store, 0), NOW_S).status == 410
    assert store.get(f"{99:032x}", query_of(store, 99), NOW_S).status == 200


def test_ids_of_evicted_pictures_are_remembered_in_a_bounded_way() -> None:
    store = store_with(*(b"%d" % index for index in range(MAX_EVICTED + 2)), budget_bytes=0)

    assert store.get(f"{0:032x}", query_of(store, 0), NOW_S).status == 404
    assert store.get(f"{9:032x}", query_of(store, 9), NOW_S).status == 410


def test_a_picture_put_again_replaces_the_former() -> None:
    store = store_with(b"a" * 600)
    store.put(f"{0:032x}", b"bb", NOW_S + DAY_S)

    assert store.get(f"{0:032x}", query_of(store), NOW_S).data == b"bb"
    assert store.held_bytes == 2 + KEPT_BYTES


def test_reads_are_counted() -> None:
    store = store_with(b"a")
    for _ in range(3):
        store.get(f"{0:032x}", query_of(store), NOW_S)

    assert (store.reads(f"{0:032x}"), store.reads("f" * 32)) == (3, 0)


def test_clearing_a_scope_leaves_the_others() -> None:
    store = PictureStore(1000)
    store.put("0a", b"mine", NOW_S + DAY_S, "mine")
    store.put("0b", b"yours", NOW_S + DAY_S, "yours")

    store.clear("mine")

    assert (store.scope_of("0a"), store.scope_of("0b"), store.held_bytes) == (None, "yours", 5 + KEPT_BYTES)


@pytest.mark.parametrize(
    ("base", "own_hosts", "expected"),
    [
        (BASE, ("127.0.0.1:8410",), b"jpeg"),
        (BASE, (), b"jpeg"),
        ("https://visual.volcengineapi.com", (), b"jpeg"),
        ("http://mock.test/prefix", (), b"jpeg"),
    ],
)
def test_a_link_of_ours_is_resolved_whatever_host_the_client_used(
    base: str, own_hosts: tuple[str, ...], expected: bytes
) -> None:
    store = store_with(b"jpeg")

    assert store.resolve(store.url(base, f"{0:032x}", NOW_S + DAY_S), own_hosts, lambda _: NOW_S) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8410/_mock/images/ff.jpeg", b""),
        ("http://127.0.0.1:8410/photo.png", b""),
        ("http://127.0.0.1:9999/photo.png", None),
        ("http://127.0.0.1:9999/_mock/images/ff.jpeg", None),
        ("http://[::1", None),
    ],
)
def test_a_link_that_is_not_good_is_told_from_anothers(url: str, expected: bytes | None) -> None:
    """b"" means ours, and not to be fetched: the mock would wait for itself."""
    assert store_with(b"jpeg").resolve(url, ("127.0.0.1:8410",), lambda _: NOW_S) == expected


def test_an_expired_link_of_ours_is_still_ours() -> None:
    store = store_with(b"jpeg")

    assert store.resolve(store.url(BASE, f"{0:032x}", NOW_S - 1), (), lambda _: NOW_S) == b""


def test_threads_keep_the_account_right() -> None:
    store = PictureStore(5_000)

    def fill(name: int) -> None:
        for index in range(200):
            store.put(f"{name:04x}{index:04x}", b"x" * (index + 1), NOW_S + DAY_S)

    threads = [threading.Thread(target=fill, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 0 < store.held_bytes <= 5_000
    store.clear()
    assert store.held_bytes == 0
