"""The listing commands: codes, operations, assumptions, openapi, explain."""

from __future__ import annotations

import json

import pytest

from volcv_mock import cli, contract
from volcv_mock.cli.table import table, width
from volcv_mock.injection import known_codes


def printed(*words: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert cli.main(words) == 0
    return capsys.readouterr().out


def test_codes_lists_every_row_once(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed("codes", capsys=capsys).splitlines()

    assert [line.split()[0] for line in lines] == ["id", *(row.id for row in contract.codes())]


def test_codes_as_json_are_the_rows_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(printed("codes", "--json", capsys=capsys))

    assert {row["id"]: row["http_status"] for row in rows} == {row.id: row.http_status for row in contract.codes()}
    assert all(row["source"] and row["grade"] for row in rows)


def test_operations_lists_every_req_key_with_its_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed("operations", capsys=capsys).splitlines()

    assert [line.split()[0] for line in lines] == ["req_key", *contract.operations()]
    assert all('"return_url": ' in line for line in lines[1:])


def test_assumptions_lists_everything_that_is_assumed(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed("assumptions", capsys=capsys).splitlines()

    assert len(lines) == 1 + len(contract.assumptions())
    assert any("mask-size" in line for line in lines)
    assert any(line.endswith("schemas/tasks/answers.schema.json#/$defs/cancel") for line in lines)


def test_assumptions_as_json_name_the_place_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(printed("assumptions", "--json", capsys=capsys))

    assert all(row["what"] and row["where"] for row in rows)


@pytest.mark.parametrize("flags", [(), ("--profile", "strict"), ("--auth", "off")], ids=["usual", "strict", "no auth"])
def test_openapi_is_the_document_of_that_profile(flags: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(printed("openapi", *flags, capsys=capsys))

    named = dict(zip(flags[::2], flags[1::2], strict=True))
    assert document == contract.openapi(named.get("--profile", "default"), named.get("--auth", "any"))


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("50411", "50411: Pre Img Risk Not Pass"),
        ("SignatureDoesNotMatch", "SignatureDoesNotMatch: "),
        ("100010", "SignatureDoesNotMatch: "),
        ("mask_is_8_bit", "50215: "),
    ],
    ids=["a number", "a gateway's Code", "a gateway's number", "a rule"],
)
def test_explain_takes_a_code_a_gateway_code_or_a_rule(
    word: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed("explain", word, capsys=capsys).startswith(meant)


@pytest.mark.parametrize("row", contract.codes(), ids=lambda row: row.id)
def test_explain_shows_the_meaning_and_the_source_of_every_code(
    row: object, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = printed("explain", row.id, capsys=capsys)  # type: ignore[attr-defined]

    assert all(f"  {word}" in lines for word in ("meaning ", "HTTP ", "retry ", "source "))
    assert ("  inject " in lines) == (row in known_codes())


def test_explain_shows_both_placements_of_201304(capsys: pytest.CaptureFixture[str]) -> None:
    """The documents do not state where in a response it is."""
    assert printed("explain", "201304", capsys=capsys).count("\n\n") == 1


def test_explain_of_an_unknown_word_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["explain", "mask_is_8bit"]) == 2
    assert "Did you mean 'mask_is_8_bit'?" in capsys.readouterr().err


def test_a_table_counts_chinese_characters_as_two_columns() -> None:
    lines = table(("a", "b"), [("中文", 1), ("x", 2)]).splitlines()

    assert [width(line) for line in lines] == [7, 7, 7]


def test_explain_knows_the_faults_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert "X-Volcv-Mock: fault=ghost_face" in printed("explain", "ghost_face", capsys=capsys)
