"""Strict JSON: what is refused, where the error is said to be, and which hint a person gets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volcv_mock.stages.json_text import read_object

SLIPS = {
    "a comment": ('{"a": 1 // remark\n}', "json_syntax", "comments"),
    "a comment line": ('{\n// "binary_data_base64": [],\n"a": 1}', "json_syntax", "comments"),
    "two objects": ('{"a": 1}\n{"b": 2}', "json_syntax", "second"),
    "a missing comma": ('{"top": 0.1\n"bottom": 0.1}', "json_syntax", "comma is missing"),
    "a trailing comma": ('{"a": 1,}', "json_syntax", "comma before"),
    "single quotes": ("{'a': 1}", "json_syntax", "double quotes"),
    "Python's True": ('{"a": True}', "json_syntax", "true, false or null"),
    "nothing": ("", "json_syntax", "empty"),
    "a raw newline in a string": ('{"a": "x\ny"}', "json_syntax", "control characters"),
    "NaN": ('{"a": NaN}', "json_number_range", "NaN"),
    "1e400": ('{"a": 1e400}', "json_number_range", "NaN"),
    "an integer of 5000 digits": ('{"a": 1' + "0" * 5000 + "}", "json_number_range", "NaN"),
    "an array": ("[1]", "json_not_object", "{ }"),
    "a string": ('"x"', "json_not_object", "{ }"),
    "nesting 100 000 deep": ('{"a":' * 100_000, "json_nesting", "document lists"),
}


@pytest.mark.parametrize(("text", "rule", "hint"), SLIPS.values(), ids=SLIPS)
def test_what_is_not_json_is_refused_with_a_hint(text: str, rule: str, hint: str) -> None:
    body, problem, _ = read_object(text.encode())

    assert body is None
    assert problem is not None
    assert problem.rule == rule
    assert hint in problem.mend


def test_a_syntax_error_names_line_and_column() -> None:
    _, problem, _ = read_object(b'{\n "top": 0.1\n "bottom": 0.1\n}')

    assert problem is not None
    assert problem.where == "body line 3 column 2"


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b'{"a": "\xe9"}', '{"a": 1}'.encode("utf-16")], ids=["bom", "latin-1", "utf-16"]
)
def test_only_utf_8_is_read(data: bytes) -> None:
    _, problem, _ = read_object(data)

    assert problem is not None
    assert problem.rule in {"json_encoding", "json_syntax"}


def test_of_duplicate_keys_the_last_counts_with_a_note() -> None:
    body, problem, notes = read_object(b'{"seed": 1, "seed": 2}')

    assert (body, problem) == ({"seed": 2}, None)
    assert notes == ("duplicate keys, the last counts: seed",)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_a_problem(data: bytes) -> None:
    body, problem, _ = read_object(data)

    assert (body is None) != (problem is None)
