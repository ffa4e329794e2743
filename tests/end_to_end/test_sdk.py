"""The official Python SDK, unchanged, signs and sends for real and gets a real picture back."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from volcengine.visual.VisualService import VisualService

from volcv_mock import VolcvMock
from volcv_mock.imaging.codecs import MAX_JPEG_ERROR

IMAGES = Path(__file__).resolve().parents[2] / "fixtures" / "images"
ACCESS_KEY, SECRET_KEY = "AKLTtestaccesskey", "c2VjcmV0LW9mLXRoZS10ZXN0cw=="
DILATION = 15


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with VolcvMock(access_keys={ACCESS_KEY: SECRET_KEY}).serve() as server:
        yield server.base_url.removeprefix("http://")


@pytest.fixture
def sdk(host: str) -> VisualService:
    service = VisualService()
    service.set_scheme("http")
    service.set_host(host)
    service.set_ak(ACCESS_KEY)
    service.set_sk(SECRET_KEY)
    return service


def text(name: str) -> str:
    return base64.b64encode((IMAGES / name).read_bytes()).decode()


def picture(answer: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(answer["data"]["binary_data_base64"][0])))


def test_a_removal_changes_only_the_masked_area(sdk: VisualService) -> None:
    body = {"req_key": "i2i_inpainting", "binary_data_base64": [text("seaside.jpg"), text("masks/seaside.png")]}

    answer = sdk.cv_process(body)

    result, source = picture(answer), Image.open(IMAGES / "seaside.jpg").convert("RGB")
    assert (answer["code"], result.format, result.size) == (10000, "JPEG", source.size)
    difference = ImageChops.difference(source, result.convert("RGB"))
    mask = Image.open(IMAGES / "masks" / "seaside.png").convert("L")
    assert difference.crop(mask.getbbox()).getextrema() != ((0, 0),) * 3
    difference.paste((0, 0, 0), grown(mask.getbbox(), DILATION))
    assert max(high for _, high in difference.getextrema()) <= MAX_JPEG_ERROR


def grown(box: tuple[int, int, int, int], by: int) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    return (max(0, left - by), max(0, top - by), right + by, bottom + by)


@pytest.mark.parametrize("call", ["img2img_inpainting", "cv_process"])
def test_the_legacy_action_and_cvprocess_answer_alike(sdk: VisualService, call: str) -> None:
    body = {
        "req_key": "i2i_inpainting",
        "binary_data_base64": [text("seaside.jpg"), text("masks/seaside.png")],
        "seed": 3,
    }

    assert getattr(sdk, call)(body)["message"] == "Success"


def test_a_refusal_reaches_the_caller_as_the_sdk_hands_it_on(sdk: VisualService) -> None:
    """The SDK raises Exception(str(bytes)): the raw body with escapes is all that an app gets."""
    body = {
        "req_key": "i2i_inpainting",
        "binary_data_base64": [text("seaside.jpg"), text("masks/seaside.png")],
        "seed": 50411,
    }

    with pytest.raises(Exception, match=r"b'\{.*50411") as caught:
        sdk.cv_process(body)

    assert '"data":null' in str(caught.value)


def test_a_wrong_secret_is_refused_with_the_gateways_code(sdk: VisualService) -> None:
    sdk.set_sk("another")

    with pytest.raises(Exception, match="SignatureDoesNotMatch") as caught:
        sdk.cv_process({"req_key": "i2i_inpainting"})

    error = json.loads(str(caught.value)[2:-1])["ResponseMetadata"]["Error"]
    assert (error["Code"], error["CodeN"]) == ("SignatureDoesNotMatch", 100010)


def test_nothing_but_scheme_and_host_need_be_set() -> None:
    """With no key given to the mock, any well-formed signature passes."""
    with VolcvMock().serve() as server:
        service = VisualService()
        service.set_scheme("http")
        service.set_host(server.base_url.removeprefix("http://"))
        service.set_ak("AKLTanybody")
        service.set_sk("anything")

        answer = service.cv_process(
            {"req_key": "i2i_outpainting", "binary_data_base64": [text("seaside.jpg")], "image_urls": []}
        )

    assert answer["code"] == 10000
