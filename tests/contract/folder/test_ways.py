"""Each way to give a contract folder, what takes precedence over it, and what else it drives: OpenAPI, strategies."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import given, settings

from tests.helpers.deadlines import DEADLINE_S
from volcv_mock import VolcvMock, contract, strategies
from volcv_mock.cli import main
from volcv_mock.cli.serve import parser
from volcv_mock.config import Settings, from_sources
from volcv_mock.contract.documents import document, resolved

QUERY = "/volcv/v1?Action=CVProcess&Version=2022-08-31"
KEY = {"Authorization": "Bearer sk-any"}


def of_flags(*words: str) -> Settings:
    return from_sources(vars(parser().parse(list(words))), {})


def of_file(own: Path) -> Settings:
    file = own.parent / "mock.toml"
    file.write_text(f'contract = "{own.as_posix()}"\n', encoding="utf-8")
    return of_flags("--config", str(file))


WAYS: dict[str, Callable[[Path], Settings]] = {
    "a flag": lambda own: of_flags("--contract", str(own)),
    "the environment": lambda own: from_sources({}, {"VOLCV_MOCK_CONTRACT": str(own)}),
    "the file": of_file,
    "Python": lambda own: VolcvMock(contract=str(own)).world.settings,
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_puts_the_folder_in_force(own: Path, way: str) -> None:
    assert "my_card" in WAYS[way](own).served_contract.rows


def test_the_marker_puts_it_in_force_for_its_test(own: Path, request: pytest.FixtureRequest) -> None:
    request.node.add_marker(pytest.mark.volcv(contract=str(own)))
    volcv = request.getfixturevalue("volcv")

    answer = httpx.post(volcv.base_url + QUERY, json=volcv.body("my_card"), headers=KEY)

    assert answer.json()["data"]["said"] == "a red kite"


def with_member(own: Path, name: str, part: Any) -> None:
    """Add a member to the request schema of my_card."""
    path = own / "requests" / "my_card.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["$defs"]["text"]["properties"][name] = part
    path.write_text(json.dumps(schema), encoding="utf-8")


@pytest.mark.parametrize(
    ("readings", "reading", "status"),
    [
        ({}, (), 200),
        ({"steps-range": "from-1"}, (), 400),
        ({"steps-range": "from-1"}, ("steps-range=any",), 200),
        ({"steps-range": "any"}, ("steps-range=from-1",), 400),
    ],
    ids=["the folder alone", "readings over the folder", "reading over readings", "reading over all"],
)
def test_reading_wins_over_readings_and_readings_over_the_folder(
    own: Path, readings: dict[str, str], reading: tuple[str, ...], status: int
) -> None:
    with_member(own, "steps", {"type": "integer", "minimum": 0})
    mock = VolcvMock(contract=str(own), readings=readings, reading=reading)

    with mock.intercept("https://api.example.com") as volcv:
        answer = httpx.post(volcv.base_url + QUERY, json=volcv.body("my_card", steps=0), headers=KEY)

    assert answer.status_code == status


@pytest.mark.parametrize("more", [{}, {"reseller": "wrapped-406"}, {"profile": "strict"}, {"profile": "lenient"}])
def test_the_folder_wins_over_reseller_and_profile(own: Path, more: dict[str, Any]) -> None:
    """A row that replaces a shipped req_key counts under each of them."""
    for kind in ("requests", "responses"):
        text = (own / kind / "my_card.schema.json").read_text(encoding="utf-8")
        (own / kind / "byteedit_v2.0.schema.json").write_text(text.replace("my_card", "byteedit_v2.0"))
    row = {"req_key": "byteedit_v2.0", "painter": "generate", "prompt_field": "prompt"}
    (own / "catalog.json").write_text(json.dumps({"operations": [row]}))

    with VolcvMock(contract=str(own), **more).intercept("https://api.example.com") as volcv:
        answer = httpx.post(volcv.base_url + QUERY, json={"req_key": "byteedit_v2.0", "prompt": "x"}, headers=KEY)

    assert answer.status_code == 200, answer.text


# --- what else the folder drives


def test_openapi_describes_the_folder(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["openapi", "--contract", str(own)]) == 0
    printed = json.loads(capsys.readouterr().out)

    with VolcvMock(contract=str(own)).serve() as server:
        served = httpx.get(f"{server.base_url}/_mock/openapi.json", trust_env=False, timeout=DEADLINE_S).json()

    assert printed["components"]["schemas"] == served["components"]["schemas"]
    assert printed["components"]["schemas"]["requests.my_card.text"]["properties"]["prompt"]["maxLength"] == 100
    assert "requests.my_card.text" not in contract.openapi()["components"]["schemas"]


def test_openapi_of_a_bad_folder_exits_with_2(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (own / "catalog.json").unlink()

    assert main(["openapi", "--contract", str(own)]) == 2
    assert "catalog.json" in capsys.readouterr().err


def test_strategies_draw_answers_of_the_folder(own: Path) -> None:
    seen: set[str] = set()
    with contract.using(Settings(contract=str(own)).served_contract):
        home = document(contract.operation("my_card").response_schema)
        validator = jsonschema.Draft202012Validator(resolved(home, home))

    @settings(max_examples=30, deadline=None)
    @given(strategies.successes("my_card", own))
    def check(answer: strategies.Answer) -> None:
        validator.validate(answer.json())
        seen.update(answer.json()["data"])

    check()
    assert seen == {"binary_data_base64", "image_urls", "said", "note"}


def test_strategies_name_the_req_keys_of_the_folder(own: Path) -> None:
    with pytest.raises(ValueError, match="Did you mean 'my_card'"):
        strategies.answers("my_crd", own)


def test_a_sample_body_has_every_required_member(own: Path) -> None:
    with_member(own, "n", {"type": "array", "minItems": 2, "items": {"type": "object", "required": ["k"], "properties":
                {"k": {"type": "number", "minimum": -3, "maximum": -1}}}})  # fmt: skip
    path = own / "requests" / "my_card.schema.json"
    path.write_text(path.read_text().replace('"required": ["req_key", "prompt"]', '"required": ["prompt", "n"]'))

    with VolcvMock(contract=str(own)).intercept("https://api.example.com") as volcv:
        body = volcv.body("my_card")
        answer = httpx.post(volcv.base_url + QUERY, json=body, headers=KEY)

    assert (answer.status_code, body["n"]) == (200, [{"k": -1}, {"k": -1}])
