"""`make sources`: check the quotes against documents that are not part of the project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tools import sources
from volcv_mock._util.paths import shelf


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "page.md").write_text("\ufeffSteps\n  default：30\r\n\r\nscale\tfrom 1\u00a0to 20\n", encoding="utf-8")
    return folder


def table(tmp_path: Path, *quotes: tuple[str, str, str | None]) -> str:
    rows = [{"id": name, "document": document, "quote": quote} for name, document, quote in quotes]
    documents = {"S1": {"file": "page.md"}, "no file": {"file": None}}
    place = tmp_path / "sources.json"
    place.write_text(json.dumps({"documents": documents, "sources": rows}), encoding="utf-8")
    return str(place)


def test_quotes_are_found_whatever_the_white_space(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    quoted = table(tmp_path, ("a", "S1", "Steps default：30"), ("b", "S1", "from 1 to 20"), ("c", "no file", None))

    assert sources.main([str(docs), quoted]) == 0
    assert capsys.readouterr().out == "all 2 quotes stand in 1 documents\n"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        pytest.param(("a", "S1", "default：31"), "a: S1 does not contain 'default：31'", id="another number"),
        pytest.param(("a", "S1", "default:30"), "a: S1 does not contain 'default:30'", id="another colon"),
        pytest.param(("a", "S1", None), "a: cites S1 without a quote", id="no quote"),
        pytest.param(("a", "no file", "words"), "a: quotes no file, which has no file", id="a quote from nowhere"),
    ],
)
def test_a_missing_quote_is_named(
    docs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], row: tuple[str, str, str | None], complaint: str
) -> None:
    assert sources.main([str(docs), table(tmp_path, row)]) == 1
    assert capsys.readouterr().out.strip() == complaint


def test_a_missing_document_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sources.main([str(tmp_path), table(tmp_path)]) == 2
    assert "page.md" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["a", "b", "c"]], ids=["none", "too many"])
def test_without_a_folder_it_prints_its_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert sources.main(arguments) == 2
    assert "make sources DOCS=" in capsys.readouterr().err


def test_the_project_s_own_table_has_the_shape_the_tool_reads() -> None:
    own = json.loads((shelf("schemas") / "sources.json").read_text(encoding="utf-8"))
    texts = {name: "" for name, row in own["documents"].items() if row["file"]}

    found = list(sources.faults(own, texts))

    assert len(found) == sum(row["quote"] is not None for row in own["sources"])
