"""A drafted contract folder: what it takes from exchanges that were recorded, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volcv_mock import VolcvMock, contract
from volcv_mock.cli import main
from volcv_mock.contract.folder import load
from volcv_mock.contract.folder.draft import Seen, draft
from volcv_mock.contract.folder.observed import schema_of
from volcv_mock.recording.exchanges import BLOB_FIELDS, Recorder, canonical
from volcv_mock.upstream.record import ReceivedPart, Recordable, SentPart, describe

SYNC, SUBMIT, RESULT = "CVProcess", "CVSync2AsyncSubmitTask", "CVSync2AsyncGetResult"


def recorded(folder: Path, action: str, body: Any, answer: Any, at: str = "2026-01-01T00:00:00+00:00",
             version: str = "2022-08-31") -> None:  # fmt: skip
    """Write one exchange as `serve --mode record` does."""
    sent = SentPart("POST", "/", (("Action", action), ("Version", version)), (), json.dumps(body).encode())
    received = ReceivedPart(200, (), json.dumps(answer).encode(), 0.5, answer)
    Recorder(folder, describe, keeps_existing=True).save(Recordable(sent, received, at, ()))


def success(**data: Any) -> dict[str, Any]:
    return {"code": 10000, "data": {"binary_data_base64": [], "image_urls": None, **data}, "message": "Success",
            "request_id": "1", "status": 10000, "time_elapsed": "1s"}  # fmt: skip


def drafted(folder: Path, *more: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """The row and the two schemas of the only req_key of a draft."""
    out = folder / "out"
    assert main(["contract-init", str(out), "--from-recordings", str(folder / "rec"), *more]) == 0
    (row,) = json.loads((out / "catalog.json").read_text(encoding="utf-8"))["operations"]
    schemas = [json.loads((out / kind / f"{row['req_key']}.schema.json").read_text(encoding="utf-8"))
               for kind in ("requests", "responses")]  # fmt: skip
    return row, schemas[0], schemas[1]


def test_a_picture_with_a_grey_png_of_its_size_is_a_picture_with_a_mask(tmp_path: Path) -> None:
    pictures = VolcvMock().body("i2i_inpainting")["binary_data_base64"]
    recorded(tmp_path / "rec", SYNC, {"req_key": "mine", "prompt": "x", "binary_data_base64": pictures}, success())

    row, request, _ = drafted(tmp_path)

    assert (row["painter"], row["calls"]) == ("edit", "sync")
    assert request["$defs"]["base64"]["properties"]["binary_data_base64"]["x-items"] == ["picture", "mask"]


@pytest.mark.parametrize("pictures", [5, "text", {"a": 1}, True])
def test_what_stands_in_the_place_of_a_list_of_pictures_is_no_picture(tmp_path: Path, pictures: Any) -> None:
    """A service that accepts anything is recorded too."""
    body = {"req_key": "mine", "prompt": "x", "binary_data_base64": pictures}
    recorded(tmp_path / "rec", SYNC, body, success(binary_data_base64=pictures))

    row, request, _ = drafted(tmp_path)

    assert row.get("output", {}).get("most", 1) == 1
    assert list(request["$defs"]) == ["text"]


def test_a_task_is_drafted_from_its_submit_and_its_result(tmp_path: Path) -> None:
    task = {"req_key": "mine", "task_id": "17"}
    result = success(status="done", video_url="", aigc_meta_tagged=False, tag="blue")
    recorded(tmp_path / "rec", SUBMIT, {"req_key": "mine", "image_urls": ["https://a.example/b.png"], "colour": "blue"},
             success(task_id="17"))  # fmt: skip
    recorded(tmp_path / "rec", RESULT, task, success(status="in_queue"), "2026-01-01T00:00:01+00:00")
    recorded(tmp_path / "rec", RESULT, task, result, "2026-01-01T00:00:04+00:00")

    row, request, response = drafted(tmp_path)

    assert (row["calls"], row["painter"], row["timing"], row["data"]) == (
        "async", "echo", {"base_s": 4.0}, {"tag": "{/colour}"})  # fmt: skip
    assert list(request["$defs"]["urls"]["properties"]) == ["req_key", "binary_data_base64", "image_urls", "colour"]
    assert "status" not in response["properties"]["data"]["properties"]


def test_answers_of_the_wrapped_version_are_unwrapped(tmp_path: Path) -> None:
    body = {"req_key": "mine", "prompt": "x"}
    recorded(tmp_path / "rec", "CVProcess", body, success(n=1))
    recorded(tmp_path / "rec", "CVSubmitTask", body, {"ResponseMetadata": {}, "Result": success(task_id="9")},
             version="2024-06-06")  # fmt: skip
    recorded(tmp_path / "rec", "CVGetResult", {"req_key": "mine", "task_id": "9"},
             {"ResponseMetadata": {}, "Result": success(status="done")}, "2026-01-01T00:00:02+00:00",
             version="2024-06-06")  # fmt: skip

    row, _, _ = drafted(tmp_path)

    assert row["calls"] == "both"


def test_a_member_of_several_types_gets_the_most_frequent_one(tmp_path: Path, capsys: Any) -> None:
    for value in (1, 2, "many"):
        recorded(tmp_path / "rec", SYNC, {"req_key": "mine", "prompt": "x", "count": value}, success())

    _, request, _ = drafted(tmp_path)

    assert request["$defs"]["text"]["properties"]["count"]["type"] == "integer"
    assert "count: seen as integer and as string" in capsys.readouterr().out


def test_what_is_served_is_drafted_only_when_it_is_named(tmp_path: Path, capsys: Any) -> None:
    recorded(tmp_path / "rec", SYNC, {"req_key": "jimeng_t2i_v31", "prompt": "x"}, success())
    asked = ["contract-init", str(tmp_path / "out"), "--from-recordings", str(tmp_path / "rec")]

    assert main(asked) == 2
    assert main([*asked, "--req-key", "jimeng_t2i_v31"]) == 0


MISTAKES = {
    "no folder": (lambda rec, out: None, "no recordings"),
    "only refusals": (lambda rec, out: recorded(rec, SYNC, {"req_key": "a"}, {"code": 50411}), "recorded were: none"),
    "no req_key": (lambda rec, out: recorded(rec, SYNC, {"prompt": "x"}, success()), "recorded were: none"),
    "no object": (lambda rec, out: recorded(rec, SYNC, ["x"], success()), "recorded were: none"),
    "an unknown Action": (lambda rec, out: recorded(rec, "Nothing", {"req_key": "a"}, success()), "were: none"),
    "a result without its submit": (
        lambda rec, out: recorded(rec, RESULT, {"req_key": "a", "task_id": "1"}, success(status="done")), "were: none"),
    "a req_key that is a path": (lambda rec, out: recorded(rec, SYNC, {"req_key": "../a"}, success()), "'../a'"),
    "a damaged file": (lambda rec, out: ((rec / "exchanges").mkdir(parents=True), (rec / "exchanges" / "a.json")
                                         .write_text("{")), "not JSON"),
    "a folder with files": (lambda rec, out: (recorded(rec, SYNC, {"req_key": "a", "prompt": "x"}, success()),
                                              out.mkdir(), (out / "catalog.json").touch()), "it exists"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_line_and_exit_2(tmp_path: Path, name: str, capsys: Any) -> None:
    make, said = MISTAKES[name]
    make(tmp_path / "rec", tmp_path / "out")

    status = main(["contract-init", str(tmp_path / "out"), "--from-recordings", str(tmp_path / "rec")])

    (line,) = capsys.readouterr().err.splitlines()
    assert (status, said in line) == (2, True), line
    assert not (tmp_path / "a").exists()


PLAIN = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab{}/", max_size=4) | st.floats(0, 1)
NAMES = st.sampled_from(("a", "b", "prompt", "seed", "return_url", "logo_info"))
BODIES = st.lists(st.dictionaries(NAMES, PLAIN | st.lists(PLAIN, max_size=2), max_size=4), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=BODIES, data=st.dictionaries(NAMES, PLAIN, max_size=3))
def test_every_draft_is_accepted_and_accepts_what_it_was_made_of(
    bodies: list[dict[str, Any]], data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Requests are refused only for a member that was seen with several types, and the draft says which."""
    folder = tmp_path_factory.mktemp("draft")
    seen = [Seen("sync", {"req_key": "mine", **body}, success(**data)) for body in bodies]

    made = draft("mine", seen)
    write(folder, made.row, made.request, made.response)

    with contract.using(load(folder)):
        problems = [each for one in seen for each in contract.check("mine", "text", one.body, "default")]
    assert all(any(note.startswith(f"{each.where[2:].partition('.')[0].partition('[')[0]}:") for note in made.notes)
               or each.where.startswith(("$.seed", "$.logo_info")) for each in problems), problems  # fmt: skip


def write(folder: Path, row: Mapping[str, Any], request: Mapping[str, Any], response: Mapping[str, Any]) -> None:
    files = {"catalog": {"operations": [row]}, "requests/mine.schema": request, "responses/mine.schema": response}
    for name, document in files.items():
        path = folder / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(document), encoding="utf-8")


def test_a_schema_tells_types_members_ranges_and_values() -> None:
    assert schema_of([{"n": 1, "m": "x"}, {"n": 2.5}]) == {
        "type": "object",
        "required": ["n"],
        "properties": {
            "n": {"description": "Observed: 1, 2.5", "type": "number", "x-unbounded": True,
                  "x-gen": {"minimum": 1, "maximum": 2.5}},
            "m": {"description": 'Observed: "x"', "type": "string", "x-unbounded": True,
                  "x-gen": {"minLength": 1, "maxLength": 1}},
        },
    }  # fmt: skip


def test_a_recording_gives_back_the_request_it_was_made_of(tmp_path: Path) -> None:
    from volcv_mock.recording.library import Library

    body = {"req_key": "mine", "image_urls": ["https://a.example/b.png"], "binary_data_base64": "no list", "n": [1]}
    recorded(tmp_path, SYNC, body, success())

    (only,) = Library(tmp_path)

    assert only.request() == (SYNC, "2022-08-31", body)
    assert set(body) > BLOB_FIELDS
    assert canonical(only.document()) == canonical(success())
