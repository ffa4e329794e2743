"""What a call holds while it waits for the upstream: its thumbnails, and neither body nor pictures."""

from __future__ import annotations

import base64
import hashlib
import json
import random
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from tests.upstream.front import KEY
from volcv_mock import VolcvMock, service
from volcv_mock.delivery import Delivered, Forward, Incoming
from volcv_mock.model import RawRequest
from volcv_mock.server.request_reader import Slot
from volcv_mock.upstream.spool import LARGE_BYTES, chunks

ANSWER = b'{"code":10000,"data":{"binary_data_base64":[],"image_urls":[]},"message":"Success"}'


def raw_of(document: Any) -> RawRequest:
    headers = (("Host", "front"), ("Content-Type", "application/json"), ("Authorization", f"Bearer {KEY}"))
    query = "Action=CVProcess&Version=2022-08-31"
    return RawRequest("proxy", "POST", "/volcv/v1", query, headers, json.dumps(document).encode())


@pytest.fixture
def mock() -> VolcvMock:
    return VolcvMock(upstream="http://127.0.0.1:9", mode="pass", api_keys=[KEY])


def large(document: dict[str, Any]) -> dict[str, Any]:
    """The same request with a megabyte behind the end of its picture."""
    picture, mask = document["binary_data_base64"]
    longer = base64.b64decode(picture) + random.Random(7).randbytes(LARGE_BYTES)
    return {**document, "binary_data_base64": [base64.b64encode(longer).decode(), mask]}


def forwarded(mock: VolcvMock, raw: RawRequest) -> Forward:
    found = service.answer(raw, mock.world)
    assert isinstance(found, Forward)
    return found


def test_a_large_body_waits_for_its_upload_in_a_file(mock: VolcvMock) -> None:
    raw = raw_of(large(mock.body()))
    forward = forwarded(mock, raw)

    assert not isinstance(forward.request.body, bytes)
    assert b"".join(chunks(forward.request.take_body())) == raw.body
    assert forward.request.body_bytes == len(raw.body)


def test_a_body_stays_in_memory_where_no_file_can_be_written(mock: VolcvMock, monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> BinaryIO:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    raw = raw_of(large(mock.body()))

    assert forwarded(mock, raw).request.take_body() == raw.body


def test_a_large_body_that_is_recorded_waits_in_a_file_too(tmp_path: Path) -> None:
    recorder = VolcvMock(upstream="http://127.0.0.1:9", mode="record", recordings=str(tmp_path), api_keys=[KEY])
    raw = raw_of(large(recorder.body()))
    forward = forwarded(recorder, raw)
    assert not isinstance(forward.request.body, bytes)
    forward.request.take_body()

    service.finish(forward, Incoming(200, (), ANSWER, 0.1), raw_of({}), recorder.world)

    (exchange,) = (tmp_path / "exchanges").glob("*.json")
    for sent in json.loads(raw.body)["binary_data_base64"]:
        assert hashlib.sha256(base64.b64decode(sent)).hexdigest() in exchange.read_text()


@pytest.mark.parametrize(("mode", "keeps"), [("pass", False), ("diff", True)])
def test_only_what_is_compared_keeps_its_pictures_and_so_its_place(mode: str, keeps: bool) -> None:
    """The server admits four large bodies at a time that keep them (server/timeouts.py)."""
    front = VolcvMock(upstream="http://127.0.0.1:9", mode=mode, api_keys=[KEY])

    assert forwarded(front, raw_of(front.body())).keeps_pictures is keeps


def test_the_journal_has_the_thumbnails_and_the_size_of_a_body_that_is_gone(mock: VolcvMock) -> None:
    raw = raw_of(mock.body())
    forward = forwarded(mock, raw)

    reply = service.finish(forward, Incoming(200, (), ANSWER, 0.1), raw_of({}), mock.world)
    mock.world.delivered(reply, Delivered(0.0, "read_all", len(ANSWER)))

    entry = mock.calls.last.entry
    assert entry.thumbnails == ["picture", "mask"]
    assert entry.body_bytes == len(raw.body)


def test_an_abandoned_call_lets_its_thumbnails_go(mock: VolcvMock) -> None:
    journal = mock.world.journal
    forward = forwarded(mock, raw_of(mock.body()))
    held = journal.held_bytes

    forward.abandon()
    journal._thumbnail_cache.shrink(0)

    assert held > 0
    assert journal.held_bytes == 0


def test_a_large_body_needs_both_places_and_gives_both_back() -> None:
    class Places:
        def __init__(self, free: int) -> None:
            self.free = free

        def acquire(self) -> None:
            self.free -= 1

        def release(self) -> None:
            self.free += 1

    usual, rare = Places(16), Places(1)
    slot = Slot(usual, rare)

    slot.take()
    assert (usual.free, rare.free) == (15, 1)
    slot.give_back()
    slot.is_large = True
    slot.take()
    slot.take()
    assert (usual.free, rare.free) == (15, 0)
    slot.give_back()
    slot.give_back()
    assert (usual.free, rare.free) == (16, 1)
