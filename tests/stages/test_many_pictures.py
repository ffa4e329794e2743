"""A request with many pictures: what is read of those behind the first one."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from volcv_mock import contract, service
from volcv_mock.imaging import codecs, decode
from volcv_mock.journal.entries import Entry
from volcv_mock.model import Picture, RawRequest
from volcv_mock.world import World

SIDE = 64
HEADERS = (("Host", "mock"), ("Authorization", "Bearer sk-test"), ("Content-Type", "application/json"))


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where each picture was that was decoded, as often as it was."""
    places: list[str] = []
    original = decode.decode

    def counted(picture: Picture) -> Image.Image:
        places.append(picture.where)
        return original(picture)

    for module in (decode, codecs):
        monkeypatch.setattr(module, "decode", counted)
    return places


def sent(colours: tuple[str, ...], **changes: Any) -> tuple[int, Entry]:
    """The status and the journal entry of a request with a picture of each colour."""
    items = []
    for colour in colours:
        sink = io.BytesIO()
        Image.new("RGB", (SIDE, SIDE), colour).save(sink, "PNG")
        items.append(base64.b64encode(sink.getvalue()).decode())
    body: dict[str, Any] = {"req_key": "jimeng_t2i_v40", "prompt": "a kite", "size": 1024 * 1024, **changes}
    raw = RawRequest("proxy", "POST", "/volcv/v1", "Action=CVProcess&Version=2022-08-31", HEADERS,
                     json.dumps({**body, "binary_data_base64": items}).encode())  # fmt: skip
    world = World()
    reply = service.answer_blocking(raw, world)
    (call,) = world.journal.entries()
    return reply.status, call


def test_each_picture_is_decoded_once(decoded: list[str]) -> None:
    status, call = sent(("red", "green", "blue", "teal"))

    assert status == 200
    assert decoded == [f"$.binary_data_base64[{index}]" for index in range(4)]
    assert not [note for note in call.notes if "pixels" in note]


def test_pictures_behind_too_many_pixels_are_not_decoded(decoded: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Fourteen pictures of the largest size fit into a few kilobytes, and took 5 s of CPU time."""
    documented, few = contract.parameter, 2 * SIDE**2 / contract.limits().max_side ** 2
    monkeypatch.setattr(contract, "parameter", lambda name: few if name == "decoded_pictures" else documented(name))

    status, call = sent(("red", "green", "blue"))

    assert status == 200
    assert decoded == ["$.binary_data_base64[0]", "$.binary_data_base64[1]"]
    assert "$.binary_data_base64[2]: its pixels are not read: those before it have too many together" in call.notes


def test_surplus_pictures_are_refused_and_not_decoded(decoded: list[str]) -> None:
    """Forty masks of the largest size fit into 2 MB, and their pixels take 640."""
    status, call = sent(("red", *["black"] * 41), req_key="i2i_inpainting")

    assert status == 400
    assert decoded == ["$.binary_data_base64[0]"]
    assert [problem["rule"] for problem in call.problems] == ["schema_maxItems"]
