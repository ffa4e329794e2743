"""Strategies for parts of responses: ids, durations, and the two picture lists."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from volcv_mock import contract
from volcv_mock._util.durations import go_duration
from volcv_mock.strategies.tiny import FILES

MOST = 3
"""Pictures of a drawn answer, where an operation gives several."""
Pictures = tuple[list[str] | None, list[str] | None]

_EARLIEST, _LATEST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


def request_ids() -> st.SearchStrategy[str]:
    """14 digits of local time, 20 hex digits in upper case."""
    moments = st.datetimes(_EARLIEST.replace(tzinfo=None), _LATEST.replace(tzinfo=None))
    return st.builds(lambda at, tail: f"{at:%Y%m%d%H%M%S}{tail:020X}", moments, st.integers(0, 16**20 - 1))


def numbered_request_id(number: int) -> str:
    """An id that follows from a number, as far from its neighbours' as a drawn one."""
    tail = hashlib.sha256(str(number).encode()).hexdigest()[:20].upper()
    return f"{_EARLIEST + timedelta(hours=7919 * number % 52_000):%Y%m%d%H%M%S}{tail}"


def numbered_duration(number: int) -> str:
    """A duration that follows from a number, from microseconds to minutes."""
    return go_duration(129_115 * 10 ** (number % 7) / 10**9)


def data_request_ids(req_key: str) -> st.SearchStrategy[str]:
    """Ids of the algorithm, of the length that this operation shows."""
    length = contract.operation(req_key).data_request_id_length
    return st.integers(0, 16**length - 1).map(lambda number: f"{number:0{length}x}")


def durations() -> st.SearchStrategy[str]:
    """Durations as Go writes them, from microseconds to minutes."""
    nanoseconds = st.one_of(
        st.integers(1_000, 999_999), st.integers(10**6, 10**9 - 1), st.integers(10**9, 10**11), st.just(129_115)
    )
    return nanoseconds.map(lambda number: go_duration(number / 10**9))


def pictures(kind: str = "JPEG", most: int = 1) -> st.SearchStrategy[Pictures]:
    """(binary_data_base64, image_urls): one of them filled and the other [] or null, or both filled.

    `kind` is "JPEG" or "PNG"; at most `most` pictures, and never more than three.
    """
    counts = st.integers(1, min(most, MOST))
    texts = st.tuples(st.sampled_from(FILES[kind]), counts).map(lambda drawn: [_text(drawn[0])] * drawn[1])
    links = st.tuples(urls(kind), counts).map(lambda drawn: drawn[0] * drawn[1])
    nothing: st.SearchStrategy[Any] = st.one_of(st.just([]), st.none())
    return st.one_of(st.tuples(texts, nothing), st.tuples(nothing, links), st.tuples(texts, links))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def no_pictures() -> st.SearchStrategy[Pictures]:
    """Both picture lists empty or null."""
    nothing: st.SearchStrategy[Any] = st.one_of(st.just([]), st.none())
    return st.tuples(nothing, nothing)


def urls(kind: str = "JPEG") -> st.SearchStrategy[list[str]]:
    """A signed URL; Go's encoder writes its & as \\u0026."""
    names = st.integers(0, 16**32 - 1).map(lambda number: f"{number:032x}")
    query = "x-expires=1795263260&x-signature=4f%3D"
    return names.map(lambda name: [f"https://pictures.example.com/{name}.{kind.lower()}?{query}"])
