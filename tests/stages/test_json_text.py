"""Strict JSON: what is refused, where the error is said to be, and which hint a person gets."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volcv_mock import contract
from volcv_mock.stages.json_text import Read, read_object

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
    "NaN": ('{"a": NaN}', "json_number_range", "leave the member out"),
    "1e400": ('{"a": 1e400}', "json_number_range", "double"),
    "an integer of 5000 digits": ('{"a": 1' + "0" * 5000 + "}", "json_number_range", "fewer digits"),
    "an integer of 310 digits": ('{"a": -1' + "0" * 309 + "}", "json_number_range", "fewer digits"),
    "a body cut off behind a value": ('{"a": 1', "json_syntax", "cut off"),
    "a body cut off behind a comma": ('{"a": [1,', "json_syntax", "cut off"),
    "a number with a leading zero": ('{"a": 07}', "json_syntax", "leading zero"),
    "a form": ("req_key=i2i_inpainting&seed=7", "json_syntax", "form"),
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
    assert hint in problem.fix


def test_an_integer_that_a_double_holds_is_read() -> None:
    body, problem, _ = read_object(b'{"a": -1' + b"0" * 308 + b"}")

    assert (body, problem) == ({"a": -(10**308)}, None)


def test_a_syntax_error_names_line_and_column() -> None:
    _, problem, _ = read_object(b'{\n "top": 0.1\n "bottom": 0.1\n}')

    assert problem is not None
    assert problem.where == "body line 3 column 2"


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e400", "1" + "0" * 5000])
def test_a_number_that_is_none_is_named_with_line_and_column(number: str) -> None:
    """The same letters inside a string are not what was meant, and no null is advised: null is refused as well."""
    _, problem, _ = read_object(f'{{"note": "\\"{number[:400]}",\n "seed": {number}}}'.encode())

    assert problem is not None
    assert problem.where == "body line 2 column 10"
    assert "null" not in problem.fix


def test_nesting_is_allowed_to_the_depth_of_the_catalog_and_no_deeper() -> None:
    """One figure for every Python: not the recursion limit, which parsing and schema would meet at other depths."""
    deepest = int(contract.parameter("json_depth"))

    sound, _, _ = read_object(b'{"a": ' + b"[" * (deepest - 1) + b"]" * (deepest - 1) + b"}")
    _, problem, _ = read_object(b'{"a": ' + b"[" * deepest + b"]" * deepest + b"}")

    assert sound is not None
    assert problem is not None
    assert (problem.rule, problem.wanted) == ("json_nesting", f"at most {deepest} levels")


def test_many_lists_side_by_side_are_not_deep() -> None:
    body, problem, _ = read_object(b'{"[[[[\\"[[[[": [' + b"[[]], {}," * 500 + b"[]]}" + b" " * 9)

    assert problem is None
    assert body is not None


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b'{"a": "\xe9"}', '{"a": 1}'.encode("utf-16")], ids=["bom", "latin-1", "utf-16"]
)
def test_only_utf_8_is_read(data: bytes) -> None:
    _, problem, _ = read_object(data)

    assert problem is not None
    assert problem.rule in {"json_encoding", "json_syntax"}


def test_a_compressed_body_is_asked_for_plain() -> None:
    _, problem, _ = read_object(gzip.compress(b'{"seed": 1}'))

    assert problem is not None
    assert (problem.rule, problem.found) == ("json_encoding", "a gzip body")


def test_of_duplicate_keys_the_last_counts_with_a_note() -> None:
    body, problem, notes = read_object(b'{"seed": 1, "seed": 2}')

    assert (body, problem) == ({"seed": 2}, None)
    assert notes == ("duplicate keys, the last counts: seed",)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_object_or_a_problem(data: bytes) -> None:
    body, problem, _ = read_object(data)

    assert (body is None) != (problem is None)


HEAD = b'{"req_key": "i2i_inpainting", "x": ['
SMALL_VALUES = {
    "numbers": b"1,",
    "lists": b"[],",
    "lists with a number": b"[0],",
    "objects": b"{},",
    "objects with a member": b'{"a":1},',
    "objects with duplicate keys": b'{"":0,"":1},',
    "short texts": b'"ab",',
    "texts with escapes": b'"\\n",',
}


@pytest.mark.parametrize("unit", SMALL_VALUES.values(), ids=SMALL_VALUES)
def test_many_small_values_are_refused_before_they_are_built(unit: bytes) -> None:
    """A tenth of the largest body. Built, its values would take up to fifty times its size."""
    body = HEAD + unit * (1_600_000 // len(unit)) + b"0]}"
    read_object(HEAD + b"0]}")

    (value, problem, _), peak_bytes = _traced(body)

    assert value is None
    assert problem is not None
    assert problem.rule == "json_values"
    assert peak_bytes < 2 * len(body)


STRINGS = {
    "escapes": b'{"a": "' + b"\\n" * 500_000 + b'"}',
    "escaped quotes in a string that is not closed": b'{"a": "' + b'\\"' * 500_000,
    "quotes only": b'{"a": ' + b'"' * 1_000_000,
    "one astral character": '{"a": "\U0001f600'.encode() + b"a" * 1_000_000 + b'"}',
}


@pytest.mark.parametrize("body", STRINGS.values(), ids=STRINGS)
def test_long_strings_take_a_few_times_their_size(body: bytes) -> None:
    """Text with one astral character takes four bytes for each character; so does the string read from it."""
    body += b"," * 20_000  # so many that the structure is measured

    _, peak_bytes = _traced(body)

    assert peak_bytes < 10 * len(body)


def test_a_string_that_is_not_closed_is_scanned_once() -> None:
    """Scanned again from each quote in it, a body of this size would take hours."""
    body = b"," * 20_000 + b'"' + b'\\"' * 4_000_000

    _, problem, _ = read_object(body)

    assert problem is not None


def test_as_many_values_as_the_catalog_allows_are_read() -> None:
    most = int(contract.parameter("json_values"))

    fitting, _, _ = read_object(b'{"a": [' + b"1," * (most - 2) + b"1]}")
    _, problem, _ = read_object(b'{"a": [' + b"1," * (most - 1) + b"1]}")

    assert fitting is not None
    assert problem is not None
    assert problem.wanted == f"at most {most} values"


def test_brackets_and_commas_inside_a_string_are_not_counted() -> None:
    body, problem, _ = read_object(b'{"a": "' + b"[,{" * 20_000 + b'"}')

    assert problem is None
    assert body is not None


def _traced(body: bytes) -> tuple[Read, int]:
    tracemalloc.start()
    try:
        read = read_object(body)
        return read, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
