"""HTTP as clients send it: chunked bodies, connections that are kept alive, two large pictures in one body."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from .. import contract
from ..generate import plain_request
from ..model import SUCCESS, Expect, Request
from ..pictures import Mask, Photo, Rect
from ..pictures.classes import SOUND_MASK
from ..runner.session import Session
from ..targets import Target
from .plugin import assert_conform

QUERY = {"Action": "CVProcess", "Version": "2022-08-31"}
pytestmark = pytest.mark.generated


@pytest.mark.needs("control")
def test_the_largest_picture_is_answered(session: Session) -> None:
    """4096 x 4096 (S3, S1)."""
    pictures = (Photo(4096, 4096, "PNG"), Mask(4096, 4096, marked=Rect(64, 64, 256, 256)))

    session.ask(Request("i2i_inpainting", {"seed": 7}, pictures), SUCCESS)

    assert_conform(session.take_findings())


@pytest.mark.needs("socket")
def test_a_body_in_chunks_is_read(target: Target) -> None:
    """The Go SDK always sends chunks."""
    body = json.dumps(plain_request("i2i_inpainting", seed=7).body()).encode()

    def chunks() -> Iterator[bytes]:
        for at in range(0, len(body), 1000):
            yield body[at : at + 1000]

    headers = {"Content-Type": "application/json", **target.credentials}
    answer = target.client.post(target.path, params=QUERY, content=chunks(), headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (200, 10000)


@pytest.mark.needs("socket")
def test_a_connection_lives_on_after_refusals(session: Session) -> None:
    for seed in range(1, 6):
        refused = Expect(success=False, row=contract.row_for_rule("schema_type").id)
        session.ask(plain_request("i2i_inpainting", seed="no number"), refused)
        session.ask(plain_request("i2i_inpainting", seed=seed), SUCCESS)

    assert_conform(session.take_findings())


@pytest.mark.needs("control")
def test_two_pictures_of_five_megabytes_travel_in_one_body(session: Session) -> None:
    """Some 13 MB of JSON: the picture is sound, the mask is refused for what it is, not for the body's size."""
    jpeg = Photo(96, 96, pad_to=5 * 2**20)

    session.ask(Request("i2i_inpainting", {"seed": 7}, (jpeg, SOUND_MASK)), SUCCESS)
    session.ask(Request("i2i_inpainting", {"seed": 7}, (jpeg, jpeg)), Expect(success=False, row="50215"))

    assert_conform(session.take_findings())
