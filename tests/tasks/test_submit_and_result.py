"""Submit and result: the members of the answers, the states in their order, and the picture once it is done."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from tests.tasks.conftest import TYPED_VERSION, Client

WAITING = {"aigc_meta_tagged": False, "binary_data_base64": [], "image_urls": None, "video_url": ""}


def test_a_submit_answers_the_id_of_its_task(client: Client) -> None:
    answer = client.post("CVSync2AsyncSubmitTask", client.mock.body())

    document = answer.json()
    assert list(document) == ["code", "data", "message", "request_id", "status", "time_elapsed"]
    assert (document["code"], document["status"], list(document["data"])) == (10000, 10000, ["task_id"])
    assert document["data"]["task_id"].isdecimal()


def test_ids_are_unsigned_64_bit_numbers_and_some_exceed_a_signed_one(client: Client) -> None:
    """As seen: a client that parses them into int64 overflows."""
    ids = [int(client.submit(seed=seed)) for seed in range(12)]

    assert all(10**18 <= each < 2**64 for each in ids)
    assert any(each >= 2**63 for each in ids)
    assert {len(str(each)) for each in ids} == {19, 20}


def test_a_task_is_in_queue_then_generating_then_done(client: Client) -> None:
    task = client.submit(asks="queue=2s; generating=5s")

    seen = [client.data(task)]
    for seconds in (1.9, 0.1, 4.9, 0.1):
        client.mock.clock.advance(seconds)
        seen.append(client.data(task))

    assert [each["status"] for each in seen] == ["in_queue", "in_queue", "generating", "generating", "done"]
    assert [{name: each[name] for name in WAITING} for each in seen[:4]] == [WAITING] * 4


def test_a_done_task_has_its_picture_as_base64_without_req_json(client: Client) -> None:
    data = client.data(client.submit())

    assert list(data) == ["aigc_meta_tagged", "binary_data_base64", "image_urls", "status", "video_url"]
    assert base64.b64decode(data["binary_data_base64"][0]).startswith(b"\xff\xd8")
    assert (data["image_urls"], data["video_url"], data["aigc_meta_tagged"]) == (None, "", False)


def test_return_url_in_req_json_gives_a_link(client: Client) -> None:
    data = client.data(client.submit(), return_url=True)

    assert data["binary_data_base64"] is None
    assert httpx.get(data["image_urls"][0]).headers["content-type"] == "image/jpeg"


def test_a_done_task_can_be_asked_again_and_otherwise(client: Client) -> None:
    task = client.submit()

    first, second, link = client.data(task), client.data(task), client.data(task, return_url=True)

    assert first == second
    assert base64.b64decode(first["binary_data_base64"][0]) == httpx.get(link["image_urls"][0]).content


def test_a_task_gives_the_picture_of_the_synchronous_call(client: Client) -> None:
    at_once = client.post("CVProcess", client.mock.body("i2i_inpainting_edit", custom_prompt="a puppy", seed=5))
    task = client.submit("i2i_inpainting_edit", custom_prompt="a puppy", seed=5)

    later = client.result(task, "i2i_inpainting_edit").json()["data"]

    assert later["binary_data_base64"] == at_once.json()["data"]["binary_data_base64"]


def test_the_watermark_is_that_of_req_json(client: Client) -> None:
    task = client.submit(logo_info={"add_logo": True})

    plain, marked = client.data(task), client.data(task, logo_info={"add_logo": True})
    at_once = client.post("CVProcess", client.mock.body(logo_info={"add_logo": True})).json()["data"]

    assert plain["binary_data_base64"] != marked["binary_data_base64"] == at_once["binary_data_base64"]


def test_aigc_meta_tags_the_picture(client: Client) -> None:
    assert client.data(client.submit(), aigc_meta={"producer_id": "1"})["aigc_meta_tagged"] is True


@pytest.mark.parametrize(
    "body",
    [{"req_key": "i2i_inpainting"}, {"req_key": "i2i_inpainting", "task_id": 14790660436661235288}],
    ids=["without a task_id", "with a task_id that is a number"],
)
def test_a_bad_request_for_a_result_is_refused(client: Client, body: Any) -> None:
    answer = client.post("CVSync2AsyncGetResult", body)

    assert (answer.status_code, answer.json()["data"]) == (400, None)
    assert "$.task_id" in answer.headers["X-Volcv-Mock-Reason"]


def test_a_bad_submit_is_refused_as_the_synchronous_call_is(client: Client) -> None:
    body = client.mock.body(binary_data_base64=["bm8gcGljdHVyZQ=="])

    refused = [client.post(action, body) for action in ("CVProcess", "CVSync2AsyncSubmitTask")]

    assert refused[0].status_code == refused[1].status_code == 400
    assert refused[0].json()["code"] == refused[1].json()["code"]
    assert refused[0].headers["X-Volcv-Mock-Reason"] == refused[1].headers["X-Volcv-Mock-Reason"]


@pytest.mark.parametrize("code", [50411, 50429])
def test_a_code_before_the_model_refuses_the_submit(client: Client, code: int) -> None:
    answer = client.post("CVSubmitTask", client.mock.body(), **{"X-Volcv-Mock": f"code={code}"})

    assert (answer.json()["code"], answer.json()["data"]) == (code, None)


@pytest.mark.parametrize("code", [50500, 50511, 50512])
def test_a_code_of_the_model_or_after_the_model_is_the_result_of_the_task(client: Client, code: int) -> None:
    task = client.submit(asks=f"code={code}; queue=1s")

    waiting = client.status(task)
    client.mock.clock.advance(1)
    done = client.result(task).json()

    assert (waiting, done["code"], done["data"], done["status"]) == ("in_queue", code, None, code)


def test_a_ghost_face_is_a_done_task_without_a_picture(client: Client) -> None:
    data = client.data(client.submit(seed=201304))

    assert (data["status"], data["binary_data_base64"], data["image_urls"]) == ("done", [], None)
    assert data["algorithm_base_resp"]["status_code"] == 201304


def test_an_unknown_task_is_not_found(client: Client) -> None:
    answer = client.result("7392616336519610409")

    assert (answer.status_code, answer.json()["code"]) == (200, 10000)
    assert answer.json()["data"] == {**WAITING, "status": "not_found"}
    assert "unknown task" in answer.headers["X-Volcv-Mock-Reason"]


def test_a_task_is_not_found_twelve_hours_later(client: Client) -> None:
    task = client.submit()

    client.mock.clock.advance(12 * 3600 - 1)
    before = client.status(task)
    client.mock.clock.advance(1)

    assert (before, client.status(task)) == ("done", "not_found")


def test_a_task_belongs_to_its_key_its_req_key_and_its_scope(client: Client) -> None:
    task = client.submit()
    strangers = [
        Client(client.mock, key="sk-other").result(task),
        client.result(task, "i2i_inpainting_edit"),
        Client(client.mock, headers={"X-Volcv-Mock-Scope": "other"}).result(task),
    ]

    assert [each.json()["data"]["status"] for each in strangers] == ["not_found"] * 3


def test_a_product_s_own_action_answers_wrapped(client: Client) -> None:
    submitted = client.post("Img2ImgInpaintingSubmitTask", client.mock.body(), TYPED_VERSION).json()
    body = {"req_key": "i2i_inpainting", "task_id": submitted["Result"]["data"]["task_id"]}
    done = client.post("Img2ImgInpaintingGetResult", body, TYPED_VERSION).json()

    assert list(done) == ["ResponseMetadata", "Result"]
    assert list(done["ResponseMetadata"]) == ["RequestId", "Action", "Version", "Service", "Region"]
    assert done["Result"]["data"]["status"] == "done"


def test_a_wrapped_refusal_has_the_number_as_text(client: Client) -> None:
    answer = client.post("Img2ImgInpainting", client.mock.body(seed=50411), TYPED_VERSION)

    assert answer.status_code == 400
    assert answer.json()["ResponseMetadata"]["Error"] == {"Code": "50411", "Message": "Pre Img Risk Not Pass"}


def test_a_cancelled_task_is_not_found(client: Client) -> None:
    waiting, done = client.submit(asks="queue=9s"), client.submit(seed=2)

    answers = [
        client.post("CVCancelTask", {"req_key": "i2i_inpainting", "task_id": task}, TYPED_VERSION)
        for task in (waiting, done)
    ]

    assert [(each.status_code, each.json()["Result"]["data"]) for each in answers] == [(200, None)] * 2
    assert (client.status(waiting), client.status(done)) == ("not_found", "done")
