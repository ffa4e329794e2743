"""The listing commands: codes, operations, assumptions, openapi, explain."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volcv_mock import cli, contract
from volcv_mock.cli import terminal
from volcv_mock.cli.completion import whole
from volcv_mock.cli.rule_examples import EXAMPLES, problem_of
from volcv_mock.cli.table import table, width, wrapped
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


LISTINGS = ("codes", "operations", "assumptions", "readings")


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 72 columns."""
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "72")
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.parametrize("name", LISTINGS)
def test_a_listing_fits_the_terminal(name: str, narrow: None, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(name, capsys=capsys).splitlines()

    assert max(width(re.sub(r"\x1b\[\d*m", "", line)) for line in lines) <= 72


def test_a_table_too_wide_for_its_terminal_has_its_cells_below_each_other(
    narrow: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Eight columns in 60 would be six letters each."""
    monkeypatch.setenv("COLUMNS", "60")
    lines = printed("codes", "bad_json", capsys=capsys).splitlines()

    assert lines[:4] == ["bad_json", "  http      400", "  code      50200", "  envelope  service"]
    assert lines[-2:] == ["  message   Invalid Input Parameters: body is not a JSON", "            object"]


@pytest.mark.parametrize("word", ["50205", "mask_is_8_bit", "reset"])
def test_an_explanation_fits_the_terminal(word: str, narrow: None, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed("explain", word, capsys=capsys).splitlines()

    assert max(map(width, lines)) <= 72
    assert all(len(line) - len(line.lstrip()) in (0, 2, 13) for line in lines)


@pytest.mark.parametrize("name", LISTINGS)
def test_a_wide_listing_and_one_for_a_pipe_have_one_line_for_each_row(
    name: str, narrow: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    wide = printed(name, "--wide", capsys=capsys)
    monkeypatch.setattr(terminal, "is_terminal", lambda: False)

    assert printed(name, capsys=capsys) == wide
    assert len(wide.splitlines()) == 1 + len(json.loads(printed(name, "--json", capsys=capsys)))


def test_the_head_is_bold_in_a_terminal_unless_no_color_is_set(
    narrow: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed("codes", capsys=capsys).startswith("\x1b[1mid")

    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in printed("codes", capsys=capsys)


@pytest.mark.parametrize("name", LISTINGS)
def test_words_filter_the_rows_of_a_listing(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    rows = json.loads(printed(name, "--json", "MASK", capsys=capsys))
    every = json.loads(printed(name, "--json", capsys=capsys))

    assert rows == [row for row in every if row in rows]
    assert len(rows) < len(every)
    assert all("mask" in str(row).lower() for row in rows)


def test_a_listing_is_sorted_by_a_column_numbers_by_value(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed("codes", "--sort", "code", capsys=capsys).splitlines()[1:]

    codes = [int(line.split()[2]) for line in lines if line.split()[2].isdecimal()]
    assert codes == sorted(codes)


def test_words_that_no_row_has_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["codes", "nowhere", "at-all"]) == 0
    assert "no row contains 'nowhere' and 'at-all'" in capsys.readouterr().err


@given(st.text(st.sampled_from("ab 中文"), max_size=60), st.integers(6, 20))
def test_wrapping_loses_nothing_and_keeps_the_width(text: str, most: int) -> None:
    lines = wrapped(text, most)

    assert all(width(line) <= most for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("rule", EXAMPLES)
def test_each_example_of_a_rule_breaks_that_rule(rule: str) -> None:
    problem = problem_of(rule)

    assert problem is not None
    assert problem.found
    assert problem.wanted


def test_explain_of_a_rule_shows_the_finding_the_fix_the_words_and_the_documents(
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = printed("explain", "mask_is_8_bit", capsys=capsys)

    for line in ("found      a 1-bit PNG", "wanted     8 bits per channel", "fix        Save it as 8-bit PNG.",
                 "sentence   S3: 8bt png编码", "S3         Vendor's page: inpainting removal"):  # fmt: skip
        assert line in told


def test_a_shell_completes_commands_and_the_options_of_each() -> None:
    pytest.importorskip("argcomplete", reason="argcomplete is not installed")

    actions = next(action for action in whole()._actions if action.choices)
    assert set(actions.choices or ()) == set(cli.COMMANDS)
    serve = dict(actions.choices or {})["serve"]  # type: ignore[call-overload]
    assert {"--tls", "--port"} <= {word for action in serve._actions for word in action.option_strings}


@pytest.mark.parametrize(("words", "hint"), [
    (["contract", "--tarqet", "mock"], "--tarqet ***. Did you mean --target?"),
    (["calibrate", "--bugdet=3"], "--bugdet. Did you mean --budget?"),
], ids=["contract", "calibrate"])  # fmt: skip
def test_the_commands_of_the_suite_name_the_nearest_option(
    words: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)

    assert ended.value.code == 2
    assert hint in capsys.readouterr().err


def test_explain_knows_the_faults_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert "X-Volcv-Mock: fault=ghost_face" in printed("explain", "ghost_face", capsys=capsys)
