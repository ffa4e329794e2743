"""docs/beside-the-real-service.md: its commands are accepted, and its Python runs against a stand-in on 127.0.0.1."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.pages import Block, blocks
from tests.upstream.front import post
from volcv_mock import VolcvMock
from volcv_mock.cli import main
from volcv_mock.cli.serve import parser
from volcv_mock.config import Settings, from_sources
from volcv_mock.testing.handles import RunningMock

PAGE = Path(__file__).resolve().parents[2] / "docs" / "beside-the-real-service.md"
KEY, EXAMPLE = "sk-real", "https://api.example.com"
QUICKLY = {"calibrate": ["--rps", "1000"]}
"""No test waits a second between two requests."""


@pytest.fixture
def stand_in() -> Iterator[RunningMock]:
    with VolcvMock(api_keys=[KEY]).serve() as server:
        yield server


def commands(is_serve: bool) -> list[tuple[int, list[str]]]:
    """The commands of the page after `volcv-mock`, with their lines: those that start a server, or the others."""
    rows = ((block.line + number, line) for block in typed() for number, line in enumerate(block.text.splitlines()))
    found = [(number, shlex.split(line)) for number, line in sorted(rows)]
    return [(number, words[1:]) for number, words in found
            if words[0] == "volcv-mock" and (words[1] == "serve") == is_serve]  # fmt: skip


def typed() -> list[Block]:
    """What a reader types: `text` needs the key or the file of a step before."""
    return [*blocks(PAGE, "bash"), *blocks(PAGE, "text")]


def test_every_server_of_the_page_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its settings are valid together. The readings are those that the page's own command measures, below."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "readings.toml").write_text("version = 1\n", encoding="utf-8")

    found = [from_sources(vars(parser().parse_args(words[1:])), {}) for _, words in commands(True)]

    assert len(found) >= 5
    assert all(isinstance(each, Settings) for each in found)


@pytest.mark.long
def test_a_reader_gets_from_nothing_to_a_calibrated_mock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other commands, one after another, against a stand-in that resizes masks."""
    monkeypatch.chdir(tmp_path)
    for line in (line for block in typed() for line in block.text.splitlines()):
        if line.startswith("export "):
            monkeypatch.setenv(*line.removeprefix("export ").split("=", 1))

    with VolcvMock(readings={"mask-size": "resize"}, api_keys=[KEY], triggers=False).serve() as server:
        codes = [
            main([*(server.base_url if word == EXAMPLE else word for word in words), *QUICKLY.get(words[0], [])])
            for _, words in commands(False)
        ]

    assert codes == [0] * 4
    assert re.search(r"mask-size +resize +measured", capsys.readouterr().out)
    assert VolcvMock(readings="readings.toml").world.readings.played["mask-size"] == "resize"


@pytest.mark.parametrize("block", blocks(PAGE, "python"), ids=lambda block: f"line {block.line}")
def test_every_example_in_python_runs(
    block: Block, stand_in: RunningMock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`call` is the reader's own client: it posts a valid request and returns the document."""
    monkeypatch.chdir(tmp_path)

    def call(server: RunningMock, body: Any = None) -> Any:
        return post(server, body or server.body(), key=KEY).json()

    exec(compile(block.text.replace(EXAMPLE, stand_in.base_url), str(PAGE), "exec"),
         {"VolcvMock": VolcvMock, "call": call})  # fmt: skip
