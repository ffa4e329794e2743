"""The pipeline: the order of checks, repeatability, and an answer to whatever is sent."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pipeline.requests_by_hand import MASK, PICTURE, REMOVAL, call, frozen, raw, small
from volcv_mock import contract, pipeline
from volcv_mock.config import Settings
from volcv_mock.delivery import Reply
from volcv_mock.injection import known_codes
from volcv_mock.model import RawRequest
from volcv_mock.world import World

IMAGES = Path(__file__).resolve().parents[2] / "fixtures" / "images"
OLD = f"HMAC-SHA256 Credential=AKLT1/20200101/cn-north-1/cv/request, SignedHeaders=host, Signature={'0' * 64}"
MISTAKES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("no Action", {"query": "Version=2022-08-31"}),
    ("an unknown Action", {"query": "Action=Nothing&Version=2022-08-31"}),
    ("no credentials", {"headers": {"Authorization": ""}}),
    ("another media type", {"headers": {"Content-Type": "text/plain"}}),
    ("no JSON", {"body": b"{"}),
    ("an unknown req_key", {"body": {"req_key": "nobody"}}),
    ("a schema violation", {"body": {**REMOVAL, "steps": "many"}}),
    ("a wrong picture", {"body": {**REMOVAL, "binary_data_base64": [small("RGB", 0, (63, 64)), MASK]}}),
    ("a wrong mask", {"body": {**REMOVAL, "binary_data_base64": [PICTURE, small("LA", 0)]}}),
)


def with_mistakes(*mistakes: dict[str, Any]) -> RawRequest:
    """One request with several mistakes; of bodies, the earlier mistake's counts where they exclude each other."""
    merged: dict[str, Any] = {"headers": {}}
    for mistake in mistakes:
        for name, value in mistake.items():
            if name == "headers":
                merged["headers"] |= value
            else:
                merged.setdefault(name, value)
    return raw(**merged)


@pytest.mark.parametrize("later", range(1, len(MISTAKES)), ids=[name for name, _ in MISTAKES[1:]])
def test_a_later_mistake_never_changes_an_earlier_verdict(world: World, later: int) -> None:
    for name, mistake in MISTAKES[:later]:
        alone, both = call(world, with_mistakes(mistake)), call(world, with_mistakes(mistake, MISTAKES[later][1]))

        assert verdict(*both) == verdict(*alone), name


def verdict(reply: Reply, document: dict[str, Any]) -> tuple[object, ...]:
    error = document.get("ResponseMetadata", {}).get("Error", {}).get("Code") or document.get("error", {}).get("type")
    return (reply.status, document.get("code"), error, dict(reply.headers)["X-Volcv-Mock-Reason"])


def test_the_same_request_to_the_same_world_gives_the_same_bytes() -> None:
    """Law 4: same mock seed, frozen clock, same occurrence: same reply."""
    replies = [call(frozen(seed=7), raw({**REMOVAL, "seed": -1}))[0] for _ in range(2)]

    assert replies[0].body == replies[1].body
    assert replies[0].headers == replies[1].headers


def test_seed_minus_one_gives_a_new_picture_each_time(world: World) -> None:
    body = {**REMOVAL, "seed": -1, "binary_data_base64": [text("meadow.jpg"), text("masks/meadow.png")]}

    pictures = {call(world, raw(body))[1]["data"]["binary_data_base64"][0] for _ in range(3)}

    assert len(pictures) == 3


def text(name: str) -> str:
    return base64.b64encode((IMAGES / name).read_bytes()).decode()


def test_equal_repeatable_answers_share_their_bytes(world: World) -> None:
    """Thousands in flight hold one picture."""
    first, second = (call(world, raw())[0] for _ in range(2))

    assert first.body[1] is second.body[1]


@pytest.mark.parametrize(
    ("reading", "authorization", "status", "number"),
    [
        pytest.param("", OLD, 400, 100006, id="an old signature"),
        pytest.param("timestamp-status=403", OLD, 403, 100006, id="an old signature, by the older pages"),
        pytest.param("", "", 401, 100003, id="no credentials"),
        pytest.param("missing-authorization-status=400", "", 400, 100025, id="no credentials, as a probe saw it"),
    ],
)
def test_where_pages_disagree_on_a_status_the_reading_can_be_chosen(
    reading: str, authorization: str, status: int, number: int
) -> None:
    """Ledger row 29: both are configurable."""
    world = World(Settings(reading=(reading,) if reading else ()))
    request = replace(raw(headers={"Authorization": authorization, "X-Date": "20200101T000000Z"}), endpoint="official")

    reply, document = call(world, request)

    assert (reply.status, document["ResponseMetadata"]["Error"]["CodeN"]) == (status, number)


def test_a_remembered_body_is_still_asked_for_its_credentials(world: World) -> None:
    call(world, raw())

    reply, _ = call(world, raw(headers={"Authorization": ""}))

    assert reply.status == 401


def test_the_gateway_keeps_the_order_seen(world: World) -> None:
    _, document = call(world, raw(query="Action=Nothing&Version=2022-08-31"))

    metadata = document["ResponseMetadata"]
    assert list(metadata) == ["RequestId", "Action", "Version", "Service", "Region", "Error"]
    assert list(metadata["Error"]) == ["CodeN", "Code", "Message"]


def test_the_service_answers_as_go_writes_json(world: World) -> None:
    """Keys sorted, & as \\u0026, µ in UTF-8: clients undo the escapes by hand."""
    reply, document = call(world, raw({**REMOVAL, "return_url": True}))
    body = b"".join(reply.body)

    assert list(document) == sorted(document)
    assert b"\\u0026x-signature=" in body
    assert document["status"] == document["code"] == 10000


@pytest.mark.parametrize(
    ("given", "found", "fix"),
    [
        pytest.param({"query": f"Action={'A' * 9000}&Version={'1' * 9000}"}, "query.Action: 'AAA",
                     "Fix the query string", id="an endless Action and Version"),
        pytest.param({"body": {"req_key": None}}, "$.req_key: null;", "Name the operation", id="a req_key of null"),
        pytest.param({"body": {}}, "$.req_key: nothing;", "Name the operation", id="no req_key"),
    ],
)  # fmt: skip
def test_a_reason_has_room_for_its_fix_whatever_was_found(
    world: World, given: dict[str, Any], found: str, fix: str
) -> None:
    reply, _ = call(world, raw(**given))

    reason = dict(reply.headers)["X-Volcv-Mock-Reason"]
    assert reason.startswith(found)
    assert fix in reason


def test_a_refusal_has_data_null_and_its_reason_only_in_a_header(world: World) -> None:
    reply, document = call(world, raw({**REMOVAL, "binary_data_base64": [PICTURE, small("LA", 0)]}))

    assert document["data"] is None
    assert set(document) == {"code", "data", "message", "request_id", "status", "time_elapsed"}
    assert "mask_channels" in dict(reply.headers)["X-Volcv-Mock-Reason"]


@pytest.mark.parametrize("code", [row.id for row in known_codes() if row.id != "201304"])
def test_every_code_can_be_asked_for_and_answers_by_its_row(world: World, code: str) -> None:
    row = contract.row(code)

    reply, document = call(world, raw(headers={"X-Volcv-Mock": f"code={code}"}))

    assert reply.status == row.http_status
    envelope = {"gateway": "ResponseMetadata", "proxy": "error", "service": "time_elapsed"}[row.envelope]
    assert envelope in document
    if row.envelope == "service":
        assert (document["code"], document["data"]) == (row.code, None)


def test_a_code_of_picture_links_cannot_be_asked_of_an_endpoint(world: World) -> None:
    """No endpoint answers with it, and the OpenAPI document says so."""
    reply, document = call(world, raw(headers={"X-Volcv-Mock": "code=picture_link_gone"}))

    assert (reply.status, document["ResponseMetadata"]["Error"]["Code"]) == (400, "InvalidRequest")


def test_a_refused_request_spends_no_rule(world: World) -> None:
    world.scope().rules.add({"code": 50411, "times": 1})

    call(world, raw({"req_key": "nobody"}))
    call(world, raw({**REMOVAL, "steps": "many"}))

    assert call(world, raw())[1]["code"] == 50411
    assert call(world, raw())[1]["code"] == 10000


def test_a_scope_keeps_its_rules_to_itself(world: World) -> None:
    world.scope("one").rules.add({"code": 50412})

    assert call(world, raw(headers={"X-Volcv-Mock-Scope": "one"}))[1]["code"] == 50412
    assert call(world, raw(key="sk-scope-one"))[1]["code"] == 50412
    assert call(world, raw())[1]["code"] == 10000


def test_a_key_in_any_place_never_comes_back(world: World) -> None:
    key = "sk-very-secret-key-of-mine"
    body = {**REMOVAL, "req_key": key}

    reply, _ = call(world, raw(body, key=key))
    entry = world.journal.last()

    assert key not in json.dumps(entry.to_dict() if entry else None)
    assert all(key not in value for name, value in reply.headers if name != "X-Volcv-Mock-Reason")


odd = st.sampled_from([10**400, PICTURE, MASK, "\ud800"])
unruly = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | odd,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = """
    binary_data_base64 image_urls seed steps scale strength logo_info dilate_size quality custom_prompt prompt
    top left max_width return_url negative_prompt
"""
members = st.sampled_from(MEMBERS.split())


@given(
    req_key=st.sampled_from(list(contract.operations())),
    extra=st.dictionaries(members, unruly, max_size=4),
    has_pictures=st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_whatever_json_arrives_gets_an_answer_and_never_a_500(
    req_key: str, extra: dict[str, Any], has_pictures: bool
) -> None:
    world = World(Settings())
    body: dict[str, Any] = {
        "req_key": req_key,
        **({"binary_data_base64": [PICTURE, MASK]} if has_pictures else {}),
        **extra,
    }

    reply, document = call(world, raw(json.dumps(body, allow_nan=True).encode("utf-8", "replace")))

    assert reply.status < 500
    assert document["code"] == 10000 or reply.status >= 400


def test_what_was_noted_on_the_way_is_kept_when_the_request_is_refused(world: World) -> None:
    """The second of two req_keys is the wrong one: without the note, the refusal names a value nobody sees."""
    call(world, raw(b'{"req_key": "i2i_inpainting", "req_key": "i2i"}'))
    entry = world.journal.last()

    assert entry is not None
    assert list(entry.notes) == ["duplicate keys, the last counts: req_key"]


def test_a_mistake_of_ours_keeps_no_quota_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody delivers the call that failed, so nobody else would give its slot back."""
    world = World(Settings(in_flight=1))
    with monkeypatch.context() as broken:
        broken.setattr("volcv_mock.operations.paint", lambda job: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            pipeline.handle(raw(), world)

    assert call(world, raw())[1]["code"] == 10000
