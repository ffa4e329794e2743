"""A folder of recordings is checked as a whole when it is read: no answer of it can fail later."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from volcv_mock.delivery import Incoming
from volcv_mock.model import RawRequest
from volcv_mock.recording.library import BadRecordings, Library
from volcv_mock.upstream.record import recordable, recorder, save

BODY = {"req_key": "i2i_inpainting", "seed": 5, "binary_data_base64": ["A" * 100]}
ANSWER = {"code": 10000, "data": {"binary_data_base64": ["B" * 100], "image_urls": []}}
DAMAGE: dict[str, tuple[tuple[str | int, ...], Any]] = {
    "an answer that is no JSON": (("answer", "body", "$json"), "{"),
    "NaN in an answer": (("answer", "body", "$json"), '{"code": NaN}'),
    "a number that is too large": (("answer", "body", "$json"), '{"code": 1e400}'),
    "an answer nested too deeply": (("answer", "body", "$json"), "[" * 100_000),
    "an answer that is no text": (("answer", "body", "$json"), 5),
    "two answers": (("answer", "body", "$text"), "x"),
    "an unknown form": (("answer", "body"), {"$yaml": "x"}),
    "a strange digest in an answer": (("answer", "body", "$json"), '{"data": {"$blob": "sha256:../x"}}'),
    "a strange digest behind a link": (("picture",), {"$blob": "sha256:../x"}),
    "a picture that is no object": (("picture",), 5),
    "a number in the query": (("request", "query"), [["Action", 5]]),
    "further links that are no list": (("linked",), 5),
    "a line end in a header": (("answer", "headers"), [["Content-Type", "a\r\nSet-Cookie: b"]]),
    "a header that no response can have": (("answer", "headers"), [["Content-Type", "\u4e2d"]]),
    "a name that no header has": (("answer", "headers"), [["Content Type", "a"]]),
    "a status that does not exist": (("answer", "status"), 5),
    "true as the status": (("answer", "status"), True),
    "a negative time": (("answer", "elapsed_s"), -1),
    "an endless time": (("answer", "elapsed_s"), float("inf")),
    "a text as the time": (("answer", "elapsed_s"), "3s"),
}  # fmt: skip
"""The member that is changed, and its value."""


def exchange_in(folder: Path, body: Any = BODY, answer: bytes = json.dumps(ANSWER).encode()) -> Path:
    query = "Action=CVProcess&Version=2022-08-31"
    raw = RawRequest("proxy", "POST", "/volcv/v1", query, (), json.dumps(body).encode())
    incoming = Incoming(200, (("Content-Type", "application/json"),), answer, 1.5)
    return folder / "exchanges" / save(recorder(str(folder)), recordable(raw, incoming, (), 0.0))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recordings")
    exchange_in(folder)
    return folder


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_exchange_is_refused_with_its_file(sound: Path, name: str) -> None:
    file = next(sound.glob("exchanges/*.json"))
    text = file.read_text(encoding="utf-8")
    record = copy.deepcopy(json.loads(text))
    (*way, last), value = DAMAGE[name]
    place = record
    for step in way:
        place = place[step]
    place[last] = value
    file.write_text(json.dumps(record), encoding="utf-8")

    try:
        with pytest.raises(BadRecordings) as found:
            Library(sound)
    finally:
        file.write_text(text, encoding="utf-8")

    assert str(file) in str(found.value)
    assert len(Library(sound)) == 1


@pytest.mark.parametrize("answer", [b'{"code": NaN}', b'{"code": 1e400}', b"[" * 100_000, b"<html>", b"\xff"])
def test_an_answer_that_is_no_json_is_kept_as_it_was(tmp_path: Path, answer: bytes) -> None:
    exchange_in(tmp_path, answer=answer)

    (recorded,) = Library(tmp_path)

    assert recorded.document() is None


def test_a_request_nested_deeply_has_no_recording(sound: Path) -> None:
    """Python cannot write it as JSON, so no file has it."""
    nested: Any = 1
    for _ in range(600):
        nested = [nested]

    found = Library(sound).find("nested", "CVProcess", "2022-08-31", "", lambda: {**BODY, "deep": nested})

    assert found == ()
