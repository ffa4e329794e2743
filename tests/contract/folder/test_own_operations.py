"""A user's contract folder: what it adds, and how a wrong one is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helpers.deadlines import DEADLINE_S
from volcv_mock import VolcvMock, contract
from volcv_mock.cli import main
from volcv_mock.contract.folder import BadContract, load
from volcv_mock.contract.folder.templates import filled

QUERY = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
KEY = {"Authorization": "Bearer sk-any"}


def changed(folder: Path, name: str, change: Any) -> None:
    """Apply a function to the JSON of a file."""
    document = json.loads((folder / name).read_text(encoding="utf-8"))
    change(document)
    (folder / name).write_text(json.dumps(document), encoding="utf-8")


def flaws(folder: Path) -> list[str]:
    with pytest.raises(BadContract) as caught:
        load(folder)
    return [flaw.sentence() for flaw in caught.value.flaws]


def test_the_page_runs_as_pasted(own: Path, page_blocks: list[str]) -> None:
    namespace: dict[str, Any] = {}
    for block in page_blocks:
        exec(block, namespace)


def test_two_mocks_in_one_process_have_different_contracts(own: Path) -> None:
    asked = {"req_key": "my_card", "prompt": "x"}
    with VolcvMock(contract=str(own)).serve() as extended, VolcvMock().serve() as plain:
        answers = [
            httpx.post(each.base_url + QUERY, json=asked, headers=KEY, timeout=DEADLINE_S) for each in (extended, plain)
        ]
        documents = [
            httpx.get(f"{each.base_url}/_mock/openapi.json", timeout=DEADLINE_S).text for each in (extended, plain)
        ]

    assert [answer.status_code for answer in answers] == [200, 401]
    assert ["my_card" in document for document in documents] == [True, False]
    assert "my_card" not in contract.operations()


def test_an_unknown_req_key_says_that_it_can_be_added() -> None:
    with VolcvMock().intercept("https://api.example.com") as volcv:
        answer = httpx.post(volcv.base_url + QUERY, json={"req_key": "jimeng_t2v_v30"}, headers=KEY)

    assert "--contract" in answer.headers["X-Volcv-Mock-Reason"]


@pytest.mark.parametrize(("calls", "wanted"), [("both", [200, 200]), ("sync", [200, 401]), ("async", [401, 200])])
def test_a_row_can_be_served_synchronously_or_as_a_task_only(own: Path, calls: str, wanted: list[int]) -> None:
    changed(own, "catalog.json", lambda catalog: catalog["operations"][0].update(calls=calls))
    with VolcvMock(contract=str(own)).intercept("https://api.example.com") as volcv:
        statuses = [
            httpx.post(volcv.base_url + QUERY.replace("CVProcess", action), json=volcv.body("my_card"), headers=KEY)
            for action in ("CVProcess", "CVSync2AsyncSubmitTask")
        ]

    assert [answer.status_code for answer in statuses] == wanted


def test_the_file_is_sent_as_it_is(own: Path) -> None:
    with VolcvMock(contract=str(own)).intercept("https://api.example.com") as volcv:
        answer = httpx.post(volcv.base_url + QUERY, json=volcv.body("my_card", return_url=True), headers=KEY).json()
        picture = httpx.get(answer["data"]["image_urls"][0])

    assert picture.content == (own / "pictures" / "card.jpg").read_bytes()


MISTAKES = {
    "an unknown member": (
        "catalog.json", lambda it: it["operations"][0].update(paintr="echo"), "did you mean 'painter'"),
    "an unknown painter": (
        "catalog.json", lambda it: it["operations"][0].update(painter="ecko"), "'ecko' (did you mean"),
    "a painter without its picture": (
        "catalog.json", lambda it: it["operations"][0].update(painter="echo"), "no picture for echo"),
    "a path out of the folder": (
        "catalog.json", lambda it: it["operations"][0].update(painter="file: ../fixtures/images/seaside.jpg"),
        "leads out of the folder"),
    "an absolute path": ("catalog.json", lambda it: it["operations"][0].update(request="/etc/passwd"), "leads out"),
    "no picture": (
        "catalog.json", lambda it: it["operations"][0].update(painter="file: catalog.json"), "is no picture"),
    "a pointer to nothing": (
        "catalog.json", lambda it: it["operations"][0].update(data={"said": "{/promt}"}), "did you mean '/prompt'"),
    "a member that the response lacks": (
        "catalog.json", lambda it: it["operations"][0].update(data={"sayd": "x"}), "did you mean 'said'"),
    "an unknown keyword": (
        "requests/my_card.schema.json", lambda it: it["$defs"]["text"].update(minProperties=1), "minProperties"),
    "another req_key": (
        "requests/my_card.schema.json",
        lambda it: it["$defs"]["text"]["properties"]["req_key"].update(const="other"), "permitted: my_card"),
    "an unknown mode": (
        "requests/my_card.schema.json", lambda it: it.update(oneOf=[{"$ref": "#/$defs/txt"}]), "#/oneOf/0/$ref"),
    "a circle": (
        "requests/my_card.schema.json",
        lambda it: it["$defs"].update(a={"$ref": "#/$defs/b"}, b={"$ref": "#/$defs/a"}), "leads back to itself"),
    "a part that the shipped schema lacks": (
        "requests/my_card.schema.json",
        lambda it: it["$defs"].update(a={"$ref": "urn:volcv-mock:common:seed#/$defs/x"}), "names nothing"),
    "a reference to what is no schema": (
        "requests/my_card.schema.json", lambda it: it["$defs"].update(a={"$ref": "#/$defs/text/properties"}),
        "names nothing"),
    "a reference to all that is around it": (
        "requests/my_card.schema.json", lambda it: it["$defs"].update(a={"$ref": "#"}), "names nothing"),
    "a reference to a part around it": (
        "requests/my_card.schema.json",
        lambda it: it["$defs"]["text"]["properties"].update(a={"$ref": "#/$defs/text"}), "leads back to itself"),
    "a reference out of the folder": (
        "requests/my_card.schema.json", lambda it: it["$defs"].update(a={"$ref": "../../x.json#/a"}), "leads out"),
    "a wrong type": (
        "responses/my_card.schema.json", lambda it: it["properties"]["message"].update(type="strin"), "did you mean"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_file_and_place(own: Path, name: str) -> None:
    file, change, said = MISTAKES[name]
    changed(own, file, change)

    found = flaws(own)

    assert any(said in flaw and flaw.startswith((file, "catalog.json", "requests/")) for flaw in found), found


def test_a_link_out_of_the_folder_is_not_followed(own: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.jpg"
    secret.write_bytes((own / "pictures" / "card.jpg").read_bytes())
    (own / "pictures" / "card.jpg").unlink()
    os.symlink(secret, own / "pictures" / "card.jpg")

    assert "leads out of the folder" in flaws(own)[0]


@pytest.mark.parametrize("name", ["catalog.json", "requests/my_card.schema.json", "shared.json"])
def test_no_json_file_is_read_through_a_link_out_of_the_folder(own: Path, tmp_path: Path, name: str) -> None:
    refers = {"$ref": "shared.json#/$defs/a"}
    changed(own, "requests/my_card.schema.json", lambda it: it["$defs"].update(a=refers))
    (own / "shared.json").write_text('{"$defs": {"a": {"type": "string"}}}')
    load(own)
    (own / name).rename(tmp_path / "outside.json")
    os.symlink(tmp_path / "outside.json", own / name)

    assert any("leads out of the folder" in flaw for flaw in flaws(own))


def test_a_link_within_the_folder_is_followed(own: Path) -> None:
    (own / "requests").rename(own / "moved")
    os.symlink(own / "moved", own / "requests")

    assert "my_card" in load(own).rows


@pytest.mark.parametrize("text", ["{", "[]", "[" * 100_000], ids=["cut off", "a list", "deep"])
def test_what_is_no_json_object_is_refused(own: Path, text: str) -> None:
    (own / "catalog.json").write_text(text)

    assert "one JSON object" in flaws(own)[0]


def test_a_bad_folder_ends_serve_with_2(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own / "catalog.json").unlink()

    assert main(["serve", "--contract", str(own)]) == 2
    assert "catalog.json" in capsys.readouterr().err


def test_the_listing_shows_what_the_folder_adds(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["operations", "--contract", str(own)]) == 0
    assert "my_card" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("{/a/b/1}", 2), ("{/a}", {"b": [1, 2]}), ("x{/a/b}y", "x[1, 2]y"), ("{/none}", None), ("-{/none}-", "--"),
        ("{0.__class__}", "{0.__class__}"), ("{{/a~1b}}", "{slash}"), (["{/image_urls}"], [None]), (7, 7),
    ],
)  # fmt: skip
def test_a_template_repeats_values_of_the_request_and_nothing_else(template: Any, made: Any) -> None:
    request = {"a": {"b": [1, 2]}, "a/b": "slash", "image_urls": ["https://example.com/a.jpg"]}

    assert filled(template, request) == made


def test_a_task_that_is_done_has_the_members_of_the_templates(own: Path) -> None:
    with VolcvMock(contract=str(own)).intercept("https://api.example.com") as volcv:
        url = volcv.base_url + QUERY
        sent = {"req_key": "my_card", "prompt": "hello", "seed": 4}
        task = httpx.post(url.replace("CVProcess", "CVSubmitTask"), json=sent, headers=KEY).json()["data"]
        asked = {"req_key": "my_card", "task_id": task["task_id"]}
        done = httpx.post(url.replace("CVProcess", "CVGetResult"), json=asked, headers=KEY).json()["data"]

    assert (done["status"], done["said"], done["note"]) == ("done", "hello", "seed 4")


@pytest.mark.parametrize("profile", ["default", "strict"])
def test_an_empty_list_of_pictures_counts_as_absent(own: Path, profile: Any) -> None:
    """SDKs send it; the schema of my_card names neither list."""
    sent = {"req_key": "my_card", "prompt": "x", "image_urls": [], "binary_data_base64": []}
    with VolcvMock(contract=str(own), profile=profile).intercept("https://api.example.com") as volcv:
        answer = httpx.post(volcv.base_url + QUERY, json=sent, headers=KEY)

    assert answer.status_code == 200, answer.headers
