"""The kind of a result: what a link's ending and its Content-Type say is what its bytes are."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.helpers.clients import KEY
from volcv_mock import VolcvMock, contract
from volcv_mock.contract.documents import branch

SYNC = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
SUBMIT, RESULT = (f"/volcv/v1?Action=CVSync2Async{step}&Version=2022-08-31" for step in ("SubmitTask", "GetResult"))
STARTS = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8"}
FAULTS = ("", "black", "png_instead_of_jpeg", "wrong_size", "corrupt_jpeg")


@pytest.fixture(scope="module")
def mock():
    return VolcvMock(seed=7, triggers=False)


@pytest.fixture(scope="module")
def client(mock):
    return mock.app.test_client()


def _body(mock, req_key):
    """A request with a small result, painted once: the kind depends neither on the size nor on the seed."""
    members = branch(contract.operation(req_key).request_schema, contract.operation(req_key).modes[0])["properties"]
    least = {name: members[name].get("x-gen", {}).get("minimum", 512) for name in ("width", "height")
             if name in members}  # fmt: skip
    return mock.body(req_key, **least, **({"seed": 7} if "seed" in members else {}))


def _links(client, body, fault):
    headers = {**KEY, **({"X-Volcv-Mock": f"fault={fault}"} if fault else {})}
    return client.post(SYNC, json={**body, "return_url": True}, headers=headers).get_json()["data"]["image_urls"]


def _task_links(client, body, fault):
    headers = {**KEY, **({"X-Volcv-Mock": f"fault={fault}"} if fault else {})}
    task_id = client.post(SUBMIT, json=body, headers=headers).get_json()["data"]["task_id"]
    asked = {"req_key": body["req_key"], "task_id": task_id, "req_json": '{"return_url": true}'}
    return client.post(RESULT, json=asked, headers=KEY).get_json()["data"]["image_urls"]


@pytest.mark.parametrize("req_key", contract.operations())
def test_every_link_ends_in_what_its_bytes_are_and_its_media_type_says_so(mock, client, req_key):
    """Also under a fault of the picture, and for a task."""
    body = _body(mock, req_key)
    links = [link for fault in FAULTS for link in _links(client, body, fault)]
    links += [link for fault in ("", "png_instead_of_jpeg") for link in _task_links(client, body, fault)]

    for link in links:
        answer = client.get(link)
        kind = urlsplit(link).path.rpartition(".")[2]
        assert answer.data.startswith(STARTS[kind])
        assert answer.content_type == f"image/{kind}"


@pytest.mark.parametrize("req_key", contract.operations())
def test_a_result_has_the_format_of_the_catalog(mock, client, req_key):
    (link, *_) = _links(client, _body(mock, req_key), "")

    assert urlsplit(link).path.rpartition(".")[2] == contract.operation(req_key).output.format.lower()


def test_a_png_link_of_the_mock_is_read_from_its_store_and_found_in_the_journal(mock, client):
    """As a link in JPEG is: it is never fetched."""
    (link,) = _links(client, _body(mock, "jimeng_t2i_v40"), "")
    asked = {"req_key": "seededit_v3.0", "prompt": "at night", "image_urls": [link]}

    answer = client.post(SYNC, json=asked, headers=KEY).get_json()

    assert answer["code"] == 10000
    assert mock.calls.where(req_key="jimeng_t2i_v40").last.entry.picture_id == urlsplit(link).path[-36:-4]


@pytest.mark.parametrize("way", [_links, _task_links])
def test_png_instead_of_jpeg_spends_no_rule_where_png_is_what_is_promised(mock, client, way):
    """The answer would be the same, and the rule would be gone for the call it was meant for."""
    mock.reset()
    mock.fault("png_instead_of_jpeg", times=1)

    (png, *_) = way(client, _body(mock, "entity_seg"), "")
    (jpeg,) = way(client, _body(mock, "i2i_inpainting"), "")

    assert urlsplit(png).path.endswith(".png")
    assert urlsplit(jpeg).path.endswith(".png")
