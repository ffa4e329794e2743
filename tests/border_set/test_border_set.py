"""The index of the border set states what the mock does with each file, and the mock does it."""

from __future__ import annotations

import json

import pytest

from volcv_mock import border_set, contract
from volcv_mock.border_set.border_pictures import Specimen
from volcv_mock.imaging.base64_text import decode_base64
from volcv_mock.imaging.codecs import to_base64
from volcv_mock.imaging.masks import check_mask
from volcv_mock.imaging.pictures import Undecodable, check_picture, decode
from volcv_mock.model import Picture

WHERE = "$.binary_data_base64[0]"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    directory = tmp_path_factory.mktemp("border")
    return directory, {row["file"]: row for row in border_set.write(directory)}


def rules_of_text(data):
    """A file is sent as base64, which is checked first."""
    _, problems = decode_base64(to_base64(data).decode("ascii"), WHERE)
    return [problem.rule for problem in problems]


def rules_of_picture(data):
    facts, problems = check_picture(data, WHERE)
    if not problems:
        try:
            image = decode(Picture(WHERE, data, facts))
            assert image.size == (facts.width, facts.height)
        except Undecodable as error:
            problems = [error.problem]
    return [problem.rule for problem in problems]


def rules_of_mask(data, beside, profile):
    facts, _ = check_picture(beside, WHERE)
    verdict = check_mask(data, WHERE, facts, profile)
    assert (verdict.image is None) == bool(verdict.problems)
    return [problem.rule for problem in verdict.problems]


def test_every_file_gets_the_verdict_that_the_index_states(written):
    directory, rows = written

    for name, row in rows.items():
        data = (directory / name).read_bytes()
        if row["role"] == "picture":
            assert (rules_of_text(data) or rules_of_picture(data)) == row["rules"], name
        else:
            beside = (directory / row["beside"]).read_bytes()
            assert (rules_of_text(data) or rules_of_mask(data, beside, "default")) == row["rules"], name
            assert bool(rules_of_mask(data, beside, "lenient")) == (row["lenient"] == "refuse"), name


def test_the_index_beside_the_files_lists_each_of_them(written):
    directory, rows = written

    index = json.loads((directory / "index.json").read_text(encoding="utf-8"))

    assert index["files"] == list(rows.values())
    assert {str(path.relative_to(directory)) for path in directory.rglob("*.*")} == {*rows, "index.json"}


def test_every_refusal_names_a_code_of_the_code_table(written):
    _, rows = written

    for row in rows.values():
        if row["verdict"] == "refuse":
            assert contract.row_for_rule(row["rules"][0]).code == row["code"] != contract.row("10000").code


@pytest.mark.parametrize(
    "name",
    [
        "63x64.png", "64x64.png", "64x63.png", "4096x4096.jpg", "4097x64.png", "largest-file.png", "one-byte-more.png",
        "16-bit-rgb.png", "cmyk.jpg", "progressive.jpg", "truncated.jpg", "bad-crc-idat.png", "animated.png",
        *(f"exif-{orientation}.jpg" for orientation in range(1, 9)), "bomb.png",
    ],
)  # fmt: skip
def test_the_set_holds(written, name):
    _, rows = written

    assert f"pictures/{name}" in rows


def test_both_sides_of_the_size_limit_differ_by_one_byte(written):
    directory, _ = written
    sizes = [(directory / "pictures" / name).stat().st_size for name in ("largest-file.png", "one-byte-more.png")]

    assert sizes == [contract.limits().max_bytes, contract.limits().max_bytes + 1]


def test_callers_may_add_files(tmp_path, monkeypatch):
    """Trigger pictures are added by the command."""
    monkeypatch.setattr(border_set, "specimens", lambda: iter(()))
    extra = Specimen("triggers/50411.png", "picture", "asks for 50411", b"bytes")

    rows = border_set.write(tmp_path, [extra])

    assert [row["file"] for row in rows] == ["triggers/50411.png"]
    assert (tmp_path / "triggers" / "50411.png").read_bytes() == b"bytes"


def test_writing_twice_gives_the_same_bytes():
    def digests():
        return {specimen.name: hash(specimen.data) for specimen in border_set.specimens()}

    assert digests() == digests()
