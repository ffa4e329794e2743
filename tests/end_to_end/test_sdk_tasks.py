"""The official Python SDK, unchanged, submits tasks and asks for their results through every pair of methods."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from PIL import Image
from volcengine.ApiInfo import ApiInfo
from volcengine.visual.VisualService import VisualService

from tests.helpers.deadlines import DEADLINE_S
from volcv_mock import VolcvMock, contract

ACCESS_KEY, SECRET_KEY = "AKLTtestaccesskey", "c2VjcmV0LW9mLXRoZS10ZXN0cw=="
PAIRS = [("cv_sync2async_submit_task", "cv_sync2async_get_result"), ("cv_submit_task", "cv_get_result")]


@pytest.fixture(scope="module")
def mock() -> Iterator[Any]:
    with VolcvMock(access_keys={ACCESS_KEY: SECRET_KEY}).serve() as server:
        yield server


@pytest.fixture
def sdk(mock: Any) -> VisualService:
    mock.reset()
    service = VisualService()
    service.set_scheme("http")
    service.set_host(mock.base_url.removeprefix("http://"))
    service.set_ak(ACCESS_KEY)
    service.set_sk(SECRET_KEY)
    return service


@pytest.mark.parametrize(("submit", "get"), PAIRS)
def test_a_pair_of_methods_gives_the_picture(mock: Any, sdk: VisualService, submit: str, get: str) -> None:
    mock.task_times(queue_s=60)

    task_id = getattr(sdk, submit)(mock.body())["data"]["task_id"]
    asked = {"req_key": "i2i_inpainting", "task_id": task_id}
    waiting = getattr(sdk, get)(asked)
    mock.finish(task_id)
    done = getattr(sdk, get)(asked)

    assert (waiting["data"]["status"], done["data"]["status"]) == ("in_queue", "done")
    assert Image.open(io.BytesIO(base64.b64decode(done["data"]["binary_data_base64"][0]))).format == "JPEG"


@pytest.mark.parametrize("req_key", list(contract.operations()))
def test_every_req_key_is_served_by_submit_and_result(mock: Any, sdk: VisualService, req_key: str) -> None:
    task_id = sdk.cv_sync2async_submit_task(mock.body(req_key))["data"]["task_id"]

    done = sdk.cv_sync2async_get_result({"req_key": req_key, "task_id": task_id, "req_json": '{"return_url": true}'})

    assert done["data"]["status"] == "done"
    assert done["data"]["image_urls"]


def test_a_failed_task_reaches_the_caller_as_the_sdk_hands_it_on(mock: Any, sdk: VisualService) -> None:
    task_id = sdk.cv_sync2async_submit_task(mock.body(seed=50511))["data"]["task_id"]

    with pytest.raises(Exception, match=r"b'\{.*50511"):
        sdk.cv_sync2async_get_result({"req_key": "i2i_inpainting", "task_id": task_id})


def test_the_other_actions_go_through_the_common_handler(mock: Any, sdk: VisualService) -> None:
    """The SDK has no method for CVCancelTask and for the Actions of one product."""
    for action in ("CVCancelTask", "Img2ImgInpaintingSubmitTask", "Img2ImgInpaintingGetResult"):
        sdk.api_info[action] = ApiInfo("POST", "/", {"Action": action, "Version": "2024-06-06"}, {}, {})
    mock.task_times(queue_s=60)

    submitted = sdk.common_json_handler("Img2ImgInpaintingSubmitTask", mock.body())
    asked = {"req_key": "i2i_inpainting", "task_id": submitted["Result"]["data"]["task_id"]}
    cancelled = sdk.common_json_handler("CVCancelTask", asked)
    gone = sdk.common_json_handler("Img2ImgInpaintingGetResult", asked)

    assert (cancelled["Result"]["code"], gone["Result"]["data"]["status"]) == (10000, "not_found")
    assert json.loads(json.dumps(gone["ResponseMetadata"]))["Action"] == "Img2ImgInpaintingGetResult"


def test_credentials_of_another_region_are_accepted(mock: Any, sdk: VisualService) -> None:
    """The Actions of one product are called with cn-beijing."""
    sdk.service_info.credentials.region = "cn-beijing"

    assert sdk.cv_submit_task(mock.body())["code"] == 10000


SIGNED_URLS = [
    ("CVSync2AsyncSubmitTask", "CVSync2AsyncGetResult", "2022-08-31"),
    ("CVSubmitTask", "CVGetResult", "2022-08-31"),
    ("JimengT2IV31SubmitTask", "JimengT2IV31GetResult", "2024-06-06"),
]


@pytest.mark.parametrize(("submit", "get", "version"), SIGNED_URLS)
def test_a_signature_in_the_query_serves_every_step(
    mock: Any, sdk: VisualService, submit: str, get: str, version: str
) -> None:
    """`get_sign_url` of the SDK signs the query, not the body: for callers that cannot add a header."""

    def post(action: str, version: str, body: Any) -> Any:
        sdk.api_info[action] = ApiInfo("POST", "/", {"Action": action, "Version": version}, {}, {})
        answer = httpx.post(
            f"{mock.base_url}/?{sdk.get_sign_url(action, {})}", json=body, trust_env=False, timeout=DEADLINE_S
        ).json()
        return answer.get("Result", answer)

    task_id = post(submit, version, mock.body())["data"]["task_id"]
    asked = {"req_key": "i2i_inpainting", "task_id": task_id}

    assert post(get, version, asked)["data"]["status"] == "done"
    assert post("CVCancelTask", "2024-06-06", asked)["code"] == 10000
    assert post(get, version, asked)["data"]["status"] in ("done", "not_found")
    assert {call.credential for call in mock.calls} == {"signature"}


def test_a_signed_query_of_another_action_is_refused(mock: Any, sdk: VisualService) -> None:
    sdk.api_info["CVGetResult"] = ApiInfo("POST", "/", {"Action": "CVGetResult", "Version": "2022-08-31"}, {}, {})
    url = f"{mock.base_url}/?{sdk.get_sign_url('CVGetResult', {})}".replace("CVGetResult", "CVSubmitTask")

    answer = httpx.post(url, json=mock.body(), trust_env=False, timeout=DEADLINE_S)

    assert answer.json()["ResponseMetadata"]["Error"]["Code"] == "SignatureDoesNotMatch"
