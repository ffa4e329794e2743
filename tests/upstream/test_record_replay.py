"""Modes `record` and `replay`: what the upstream answered is kept, and answers again without it."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.helpers.deadlines import DEADLINE_S
from tests.upstream.front import KEY, PATH, front, post
from volcv_mock import VolcvMock
from volcv_mock.config import BadSetting
from volcv_mock.delivery import Incoming
from volcv_mock.model import Fetched, RawRequest
from volcv_mock.testing.handles import RunningMock
from volcv_mock.upstream import record

RECORDED = {"req_key": "i2i_inpainting", "seed": 5}
RAW = RawRequest("proxy", "POST", "/volcv/v1", PATH.partition("?")[2], (), json.dumps(RECORDED).encode())


@pytest.fixture
def recording(real: RunningMock, tmp_path: Path) -> Iterator[RunningMock]:
    with front(real, "record", recordings=str(tmp_path)).serve() as server:
        yield server


def replaying(folder: Path, **settings: Any) -> RunningMock:
    return VolcvMock(**{"mode": "replay", "recordings": str(folder), "replay_misses": "refuse", **settings}).serve()


def test_a_recorded_answer_is_replayed_with_new_ids(recording: RunningMock, tmp_path: Path) -> None:
    body = recording.body("i2i_inpainting_edit", seed=5)
    recorded = post(recording, body).json()

    with replaying(tmp_path) as server:
        replayed = [post(server, body).json() for _ in range(2)]

    assert replayed[0]["data"]["binary_data_base64"] == recorded["data"]["binary_data_base64"]
    assert replayed[0]["code"] == 10000
    assert len({document["request_id"] for document in (recorded, *replayed)}) == 3


@pytest.mark.parametrize("wrong", [{"req_key": "i2i_nothing"}, {"seed": "five"}, {"binary_data_base64": ["aGk="]}])
def test_refusals_are_replayed_too(recording: RunningMock, tmp_path: Path, wrong: dict[str, Any]) -> None:
    """The recording wins over what the mock itself would say."""
    body = {**recording.body(), **wrong}
    recorded = post(recording, body)

    with replaying(tmp_path) as server:
        replayed = post(server, body)

    assert replayed.status_code == recorded.status_code
    assert replayed.json()["code"] == recorded.json()["code"]
    assert replayed.json()["message"] == recorded.json()["message"]


def test_an_equal_picture_in_another_encoding_matches(recording: RunningMock, tmp_path: Path) -> None:
    body = recording.body(seed=5)
    post(recording, body)

    with replaying(tmp_path) as server:
        reply = post(server, {**body, "binary_data_base64": [again(item) for item in body["binary_data_base64"]]})

    assert reply.status_code == 200


def again(item: str) -> str:
    """The same pixels in other bytes."""
    with Image.open(io.BytesIO(base64.b64decode(item))) as image:
        file = io.BytesIO()
        image.save(file, "PNG", compress_level=0)
    assert base64.b64encode(file.getvalue()).decode() != item
    return base64.b64encode(file.getvalue()).decode()


@pytest.mark.parametrize("change", [{"seed": 6}, {"req_key": "i2i_inpainting_edit"}, {"steps": 31}])
def test_another_request_was_not_recorded(recording: RunningMock, tmp_path: Path, change: dict[str, Any]) -> None:
    body = recording.body(seed=5)
    post(recording, body)

    with replaying(tmp_path) as server:
        reply = post(server, {**body, **change})

    assert reply.status_code == 404
    assert "never recorded" in reply.headers["X-Volcv-Mock-Reason"]


def test_the_refusal_of_another_media_type_is_not_replayed_to_json(recording: RunningMock, tmp_path: Path) -> None:
    """Both requests have the same body."""
    body = recording.body(seed=5)
    recorded = [post(recording, body, Content_Type=kind).status_code for kind in ("application/json", "text/plain")]

    with replaying(tmp_path) as server:
        kinds = ("application/json", "text/plain", "application/json; charset=utf-8", "text/plain")
        replayed = [post(server, body, Content_Type=kind).status_code for kind in kinds]

    assert recorded == [200, 400]
    assert replayed == [200, 400, 200, 400]


def test_a_refusal_without_credentials_is_not_replayed_to_a_call_with_them(tmp_path: Path) -> None:
    """Contract runs record such refusals beside the answer to the same body."""
    for code, is_authorized in ((1, True), (2, False)):
        exchange = record.recordable(RAW, Incoming(200, (), b'{"code": %d}' % code), (), 0.0)
        record.save(record.recorder(str(tmp_path)),
                    replace(exchange, sent=replace(exchange.sent, is_authorized=is_authorized)))  # fmt: skip

    with replaying(tmp_path) as server:
        assert [post(server, RECORDED).json()["code"] for _ in range(2)] == [1, 1]


def test_what_was_not_recorded_is_painted_unless_refused(tmp_path: Path) -> None:
    with replaying(tmp_path, replay_misses="mock") as server:
        assert post(server, server.body()).status_code == 200


def test_a_random_seed_takes_turns(recording: RunningMock, tmp_path: Path) -> None:
    body = recording.body("i2i_inpainting_edit", seed=-1)
    recorded = [picture(post(recording, body)) for _ in range(2)]

    with replaying(tmp_path) as server:
        replayed = [picture(post(server, body)) for _ in range(3)]

    assert len(set(recorded)) == 2
    assert replayed == [*recorded, recorded[0]]


def picture(reply: httpx.Response) -> str:
    return str(reply.json()["data"]["binary_data_base64"][0])


def test_a_link_works_on_replay_and_leads_to_the_mock(recording: RunningMock, tmp_path: Path) -> None:
    body = recording.body(seed=5, return_url=True)
    post(recording, body)

    with replaying(tmp_path) as server:
        link = post(server, body).json()["data"]["image_urls"][0]
        with httpx.Client(trust_env=False, timeout=DEADLINE_S) as client:
            fetched = client.get(link)

        assert link.startswith(server.base_url)
        assert fetched.status_code == 200
        assert fetched.content[:2] == b"\xff\xd8"


def test_every_link_of_an_answer_works_on_replay_if_its_picture_was_kept(tmp_path: Path) -> None:
    """A stand-in for a host that is not fetched is not the upstream's picture; the journal says what was not kept."""
    pictures = [picture_of(shade) for shade in (10, 200)]
    urls = [f"https://cdn.example.com/{name}.png" for name in ("a", "private", "b")]
    found = (Fetched(pictures[0]), Fetched(pictures[0], is_stand_in=True), Fetched(pictures[1]))
    answer = {"code": 10000, "data": {"binary_data_base64": [], "image_urls": urls}}
    incoming = Incoming(200, (), json.dumps(answer).encode(), pictures=dict(zip(urls, found, strict=True)))
    record_by_hand(tmp_path, incoming)

    with replaying(tmp_path) as server:
        links = post(server, RECORDED).json()["data"]["image_urls"]
        with httpx.Client(trust_env=False, timeout=DEADLINE_S) as client:
            seen = [client.get(links[index]).content for index in (0, 2)]

    assert seen == pictures
    assert links[1] == urls[1]
    assert ["image_urls[1]" in note for note in record.not_kept(incoming)] == [True]


def record_by_hand(folder: Path, incoming: Incoming) -> None:
    """Record an answer to the request RECORDED."""
    record.save(record.recorder(str(folder)), record.recordable(RAW, incoming, (), 0.0))


def picture_of(shade: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (shade, shade, shade)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(("latency", "expected"), [("off", 0.0), ("realistic", 4.0), ("0.5x", 2.0), ("3s", 3.0)])
def test_a_replayed_answer_takes_as_long_as_recorded_or_set(tmp_path: Path, latency: str, expected: float) -> None:
    record_by_hand(tmp_path, Incoming(200, (), b'{"code": 10000, "time_elapsed": "9s"}', elapsed_s=4.0))

    with VolcvMock(mode="replay", recordings=str(tmp_path), latency=latency).intercept("https://a.example.com") as mock:
        reply = httpx.post(f"https://a.example.com{PATH}", json=RECORDED, headers={"Authorization": f"Bearer {KEY}"})

        assert mock.calls.last.entry.planned_delay_s == expected
    if expected:
        assert reply.json()["time_elapsed"] == f"{expected:g}s"


def test_faults_and_rules_apply_on_replay(recording: RunningMock, tmp_path: Path) -> None:
    body = recording.body(seed=5)
    post(recording, body)

    with replaying(tmp_path) as server:
        assert post(server, body, X_Volcv_Mock="code=50411").json()["code"] == 50411
        assert post(server, body, X_Volcv_Mock="fault=html_502").status_code == 502
        assert post(server, body, X_Volcv_Mock="fault=black").status_code == 200


def test_a_repeated_request_can_still_be_painted(recording: RunningMock, tmp_path: Path) -> None:
    """Once a body was replayed, only its other members are kept: to paint, its pictures are read again."""
    body = recording.body(seed=5)
    recorded = post(recording, body)

    with replaying(tmp_path, seed=9) as server:
        before = [picture(post(server, body)) for _ in range(2)]
        painted = post(server, body, X_Volcv_Mock="mode=mock")
        server.fault("black", times=1)
        black = post(server, body)
        after = post(server, body)

    assert before == [picture(recorded)] * 2
    assert painted.status_code == black.status_code == 200
    assert picture(black) not in (picture(painted), picture(recorded))
    assert picture(after) == picture(recorded)
    assert [call.entry.parameters["seed"] for call in server.calls] == [5] * 5


def test_a_fault_of_the_mask_applies_to_a_request_that_was_painted_and_then_replayed(
    recording: RunningMock, tmp_path: Path
) -> None:
    """What is kept of a request still tells that it has a mask."""
    body = recording.body(seed=5)
    post(recording, body)

    with replaying(tmp_path) as server:
        for override in ("mode=mock", "mode=replay", "fault=outside_mask"):
            assert post(server, body, X_Volcv_Mock=override).status_code == 200

        assert [each["name"] for each in server.calls.last.entry.fired] == ["outside_mask"]


def test_every_picture_of_an_answer_is_replayed(recording: RunningMock, tmp_path: Path) -> None:
    body = recording.body(seed=5)
    recorded = picture(post(recording, body))
    exchange = next(tmp_path.glob("exchanges/*.json"))
    record = json.loads(exchange.read_text(encoding="utf-8"))
    document = json.loads(record["answer"]["body"]["$json"])
    sent = record["request"]["body"]["binary_data_base64"][0]
    document["data"]["binary_data_base64"].append(sent)
    record["answer"]["body"]["$json"] = json.dumps(document)
    exchange.write_text(json.dumps(record), encoding="utf-8")

    with replaying(tmp_path) as server:
        replayed = post(server, body).json()["data"]["binary_data_base64"]

    assert replayed == [recorded, body["binary_data_base64"][0]]


def test_a_header_may_choose_the_recordings(real: RunningMock, recording: RunningMock) -> None:
    body = recording.body(seed=5)
    post(recording, body)

    reply = post(recording, body, X_Volcv_Mock="mode=replay")

    assert reply.status_code == 200
    assert len(real.calls) == 1


def test_no_key_is_in_any_file(recording: RunningMock, tmp_path: Path) -> None:
    post(recording, recording.body())

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 4
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


def test_an_exchange_that_would_show_a_key_is_not_recorded(recording: RunningMock, tmp_path: Path) -> None:
    """The answer still reaches the client."""
    reply = post(recording, recording.body(custom_prompt=f"my key is {KEY}"))

    assert reply.status_code in (200, 400)
    assert list(tmp_path.glob("exchanges/*.json")) == []
    assert any(note.startswith("not recorded") for note in recording.calls.last.entry.notes)


def test_recording_again_keeps_what_was_recorded(real: RunningMock, tmp_path: Path) -> None:
    for _ in range(2):
        with front(real, "record", recordings=str(tmp_path)).serve() as server:
            post(server, server.body(seed=5))

    assert len(list(tmp_path.glob("exchanges/*.json"))) == 2


def test_a_miss_can_be_recorded(real: RunningMock, tmp_path: Path) -> None:
    settings = {"recordings": str(tmp_path), "replay_misses": "record"}
    with front(real, "replay", **settings).serve() as server:
        replies = [post(server, server.body(seed=5)).status_code for _ in range(2)]

    assert replies == [200, 200]
    assert len(real.calls) == 1


def damaged(folder: Path) -> dict[str, Any]:
    exchange = next(folder.glob("exchanges/*.json"))
    blob = next(folder.glob("pictures/*"))
    record = json.loads(exchange.read_text(encoding="utf-8"))

    def write(**changes: Any) -> None:
        exchange.write_text(json.dumps({**record, **changes}), encoding="utf-8")

    def lead_away() -> None:
        blob.unlink()
        blob.symlink_to("/etc/hostname")

    names = record["request"]["body"]["binary_data_base64"]
    return {
        "half written": lambda: exchange.write_bytes(exchange.read_bytes()[:100]),
        "another version": lambda: write(version=99),
        "no answer": lambda: write(answer=None),
        "no such picture": blob.unlink,
        "another picture": lambda: blob.write_bytes(b"other"),
        "a link out of the folder": lead_away,
        "a name out of the folder": lambda: write(
            request={**record["request"], "body": {"binary_data_base64": [{**names[0], "$blob": "sha256:../../x"}]}}
        ),
    }


@pytest.mark.parametrize("name", ["half written", "another version", "no answer", "no such picture", "another picture",
                                  "a link out of the folder", "a name out of the folder"])  # fmt: skip
def test_a_damaged_folder_is_refused_with_the_file(recording: RunningMock, tmp_path: Path, name: str) -> None:
    post(recording, recording.body())
    damaged(tmp_path)[name]()

    with pytest.raises(BadSetting, match=re.escape(str(tmp_path))) as found:
        replaying(tmp_path)

    assert "\n" not in str(found.value)


def test_a_missing_or_unwritable_folder_is_refused(real: RunningMock, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")

    with pytest.raises(BadSetting, match="no such folder"):
        replaying(tmp_path / "nowhere")
    with pytest.raises(BadSetting, match="recordings"):
        front(real, "record", recordings=str(tmp_path / "file"))
    with pytest.raises(BadSetting, match="needs --recordings DIR"):
        VolcvMock(mode="replay")
