"""The open points: what schemas/ says of them, how they are chosen, and that a chosen alternative is played."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.helpers.deadlines import DEADLINE_S
from volcv_mock import VolcvMock, contract
from volcv_mock.config import BadSetting, Settings
from volcv_mock.contract.documents import document
from volcv_mock.contract.provenance import sources
from volcv_mock.contract.readings import Alternative, answer_point, measured_of

OPEN = [*document("divergences.json")["rows"], *document("codes.json")["open_answers"]["points"]]


def test_each_open_point_has_a_probe_or_says_why_there_is_none() -> None:
    for row in OPEN:
        assert ("probe" in row) != ("no_probe" in row), row


def test_alternatives_name_rules_rows_members_and_sources_that_exist() -> None:
    rows = {row.id for row in contract.codes()}
    for point in contract.points().values():
        assert len(point.alternatives) > 1 or point.rule, point.id
        for each in point.alternatives.values():
            assert isinstance(each, Alternative)
            assert each.says
            assert set(each.rows.values()) <= rows
            assert all(contract.row_for_rule(rule) for rule in (*each.rows, *each.waives))
            assert set(each.contradicts) <= set(sources())


def test_the_switch_of_a_divergence_names_an_alternative() -> None:
    for row in document("divergences.json")["rows"]:
        if "alternatives" in row:
            name = row["switch"].rpartition("=")[2]
            assert name == "ROW" or contract.points()[row["id"]].choose(name)


def test_every_rule_with_an_open_answer_is_a_point() -> None:
    for row in document("codes.json")["open_answers"]["points"]:
        assert answer_point(row["rule"]) in contract.points()


# --- what is played

KEY = {"Authorization": "Bearer sk-a"}
PROXY = "/volcv/v1?Action=CVProcess&Version=2022-08-31"


def answer(readings: Any, content: bytes | None = None, path: str = PROXY, **members: Any) -> tuple[int, Any]:
    """HTTP status and document of a removal with these members, at a mock that plays these readings."""
    with VolcvMock(readings=readings).intercept("https://api.example.com") as mock:
        body = content or json.dumps({**mock.body(), **members}).encode()
        reply = httpx.post(mock.base_url + path, content=body, headers={**KEY, "Content-Type": "application/json"})
    return reply.status_code, reply.json()


@pytest.mark.parametrize(
    ("point", "alternative", "members", "usual", "other"),
    [
        ("out-of-range", "clamp", {"scale": 99}, 400, 200),
        ("out-of-range", "ignore", {"scale": 99}, 400, 200),
        ("unknown-fields", "refuse", {"no_such": 1}, 200, 400),
        ("null-is-not-absent", "absent", {"steps": None}, 400, 200),
        ("numbers-as-text", "convert", {"seed": "7"}, 400, 200),
        ("whole-floats", "refuse", {"seed": 7.0}, 200, 400),
        ("empty-list-beside", "refuse", {"image_urls": []}, 200, 400),
        ("seed-not-negative", "random", {"seed": -2}, 400, 200),
        ("strength-range", "open", {"strength": 1}, 200, 400),
        ("steps-range", "from-1", {"steps": 0}, 200, 400),
        ("dilate-size-negative", "refuse", {"dilate_size": -1}, 200, 400),
    ],
)
def test_a_reading_changes_whether_a_value_is_accepted(
    point: str, alternative: str, members: dict[str, Any], usual: int, other: int
) -> None:
    assert answer({}, **members)[0] == usual
    assert answer({point: alternative}, **members)[0] == other


@pytest.mark.parametrize("alternative", ["absent", "refuse"])
def test_one_url_is_too_few_whatever_an_empty_list_means(alternative: str) -> None:
    """The reading concerns the empty list beside base64; the branch with URLs needs the mask too."""
    body = json.dumps({"req_key": "i2i_inpainting", "image_urls": ["https://a.example/p.png"], "seed": 7}).encode()

    assert answer({"empty-list-beside": alternative}, body)[0] == 400


def test_a_member_that_is_not_read_may_have_any_type() -> None:
    body = json.dumps({**VolcvMock().body("i2i_outpainting"), "custom_prompt": 1.5}).encode()

    assert answer({}, body)[0] == 400
    assert answer({"outpainting-text-field": "prompt-only"}, body)[0] == 200


def test_a_number_beyond_both_bounds_is_answered_as_beyond_the_outer_one() -> None:
    readings = {"strength-range": "open", "answer-schema-minimum": "50207"}

    assert answer(readings, strength=-1)[1]["code"] == 50207
    assert answer(readings, strength=0)[1]["code"] == 50200


def test_a_comment_and_a_member_given_twice_are_readings_too() -> None:
    body = json.dumps(VolcvMock().body())
    commented, doubled = f"// a remark\n{body}".encode(), f'{{"seed": 1, {body[1:]}'.encode()

    assert answer({}, commented)[0] == 400
    assert answer({"samples-are-not-json": "comments"}, commented)[0] == 200
    assert answer({}, doubled.replace(b'"seed": 1,', b'"seed": 1, "seed": 2,'))[0] == 200
    twice = doubled.replace(b'"seed": 1,', b'"seed": 1, "seed": 2,')
    assert answer({"duplicate-members": "refuse"}, twice)[0] == 400


def test_an_answer_can_be_any_row_of_the_code_table() -> None:
    status, document = answer({"answer-schema-type": "50215"}, steps={})

    assert (status, document["code"]) == (400, 50215)


def test_an_answer_that_names_the_operation_names_it_whatever_rule_is_broken() -> None:
    """A measured service that answers a missing Action as an unknown one says the version that was asked for."""
    with VolcvMock(readings={"answer-action-missing": "InvalidActionOrVersion"}, auth="off").serve() as mock:
        document = httpx.post(f"{mock.base_url}/?Version=2022-08-31", json=mock.body(), timeout=DEADLINE_S).json()

    error = document["ResponseMetadata"]["Error"]
    assert error["Message"] == "Could not find operation  for version 2022-08-31."


def test_a_measured_answer_may_have_a_message_and_a_status_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "readings.toml"
    file.write_text(
        'version = 1\n[answer-schema-type]\nalternative = "50204"\nhttp_status = 422\nmessage = "no"\n'
        "measured = 2026-11-27\n"
    )

    status, document = answer(str(file), steps={})

    assert (status, document["code"], document["message"]) == (422, 50204, "no")


def test_the_lists_of_an_answer_are_readings() -> None:
    _, usual = answer({}, return_url=True)
    _, other = answer({"both-outputs": "both", "algorithm-base-resp": "absent"}, return_url=True)
    _, empty = answer({"empty-lists": "null"})

    assert usual["data"]["binary_data_base64"] == []
    assert len(other["data"]["binary_data_base64"]) == len(other["data"]["image_urls"]) == 1
    assert "algorithm_base_resp" not in other["data"]
    assert empty["data"]["image_urls"] is None


def test_a_reading_wins_over_the_file_and_the_file_over_the_profile(tmp_path: Path) -> None:
    file = tmp_path / "readings.toml"
    file.write_text('version = 1\n[mask-size]\nalternative = "refuse"\n')

    def played(**settings: Any) -> str:
        return Settings(**settings).readings_table().played["mask-size"]

    assert played() == "refuse"
    assert played(profile="lenient") == "resize"
    assert played(profile="lenient", readings=str(file)) == "refuse"
    assert played(profile="lenient", readings=str(file), reading=("mask-size=resize",)) == "resize"


def test_the_code_201304_stands_where_the_reading_places_it() -> None:
    with VolcvMock(readings={"ghost-face-placement": "top-level"}).intercept("https://api.example.com") as mock:
        mock.fail(201304)
        reply = httpx.post(mock.base_url + PROXY, json=mock.body(), headers=KEY)

    assert (reply.status_code, reply.json()["code"]) == (400, 201304)


def test_a_body_remembered_under_one_reading_is_validated_again_under_another() -> None:
    mock = VolcvMock()
    with mock.intercept("https://api.example.com") as running:
        body = {**mock.body(), "steps": 0}
        first = httpx.post(running.base_url + PROXY, json=body, headers=KEY)
        mock.world.configure(Settings(reading=("steps-range=from-1",)))
        second = httpx.post(running.base_url + PROXY, json=body, headers=KEY)

    assert (first.status_code, second.status_code) == (200, 400)


# --- bad input


HEAD = "version = 1\n"
BAD = [
    ('\n[mask-sise]\nalternative = "refuse"\n', ":3: 'mask-sise' is no open point. Did you mean 'mask-size'"),
    ('[mask-size]\nalternative = "shrink"\n', ":2: mask-size has no alternative 'shrink'; permitted: refuse, resize"),
    ("[mask-size]\nalternative = 7\n", ":2: mask-size.alternative = 7; wanted text"),
    ('[mask-size]\nalternativ = "refuse"\n', ":2: mask-size.alternativ is unknown; permitted: alternative"),
    ('mask-size = "refuse"\n', ":2: mask-size = 'refuse'; wanted a table"),
    ('[mask-size]\nalternative = "refuse"\nhttp_status = 400\n', ":2: mask-size is not about an answer"),
    ("[mask-size\n", ":2: "),
    (
        "[answer-schema-type]\nalternative = '50204'\nhttp_status = 204\n",
        ":2: answer-schema-type: http_status = 204; wanted 200 to 599, but neither 204 nor 304",
    ),
    ("x = " + "[" * 5000, ": nested too deeply"),
]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        *((HEAD + text, says) for text, says in BAD),
        ('[mask-size]\nalternative = "refuse"\n', ":1: version = None; wanted 1"),
        ("version = 2\n", ":1: version = 2; wanted 1"),
    ],
)
def test_a_bad_readings_file_is_refused_with_file_line_and_what_is_permitted(
    tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "readings.toml"
    file.write_text(text)

    with pytest.raises(BadSetting) as caught:
        Settings(readings=str(file))

    assert f"{file}{says}" in str(caught.value)


def test_a_readings_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    file = tmp_path / "readings.toml"
    file.write_text('version = 1\n[mask-size]\nalternative = "resize"\n', encoding="utf-8-sig")

    assert Settings(readings=str(file)).readings_table().played["mask-size"] == "resize"


def test_a_missing_readings_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="No such file"):
        Settings(readings=str(tmp_path / "none.toml"))


# --- what follows


def test_what_was_measured_is_no_assumption_and_openapi_follows() -> None:
    settings = Settings(readings={"steps-range": "from-1"})
    table = settings.readings_table()

    with contract.playing(table):
        document = contract.openapi()

    part = document["components"]["schemas"]["requests.i2i_inpainting.base64"]["properties"]["steps"]
    assert part["minimum"] == 1


def test_a_measured_point_is_no_longer_assumed(tmp_path: Path) -> None:
    file = tmp_path / "readings.toml"
    file.write_text('version = 1\n[mask-size]\nalternative = "resize"\nmeasured = 2026-11-27\n')

    measured = measured_of(Settings(readings=str(file)).readings_table())
    facts = {fact["where"]: fact for fact in contract.graded(measured)}
    assumed = {fact["where"] for fact in contract.assumptions(measured)}

    assert facts["schemas/divergences.json mask-size"]["grade"] == "measured"
    assert "schemas/divergences.json mask-size" not in assumed
