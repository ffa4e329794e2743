"""docs/beside-the-real-service.md: its commands are accepted, and its Python runs against a stand-in on 127.0.0.1."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.pages import Block, blocks
from tests.upstream.front import post
from volcv_mock import VolcvMock
from volcv_mock.cli.serve import parser
from volcv_mock.config import Settings, from_sources
from volcv_mock.testing.handles import RunningMock

PAGE = Path(__file__).resolve().parents[2] / "docs" / "beside-the-real-service.md"
KEY, EXAMPLE = "sk-real", "https://api.example.com"


@pytest.fixture
def stand_in() -> Iterator[RunningMock]:
    with VolcvMock(api_keys=[KEY]).serve() as server:
        yield server


@pytest.mark.parametrize("block", blocks(PAGE, "bash"), ids=lambda block: f"line {block.line}")
def test_every_command_is_accepted(block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    program, command, *words = shlex.split(block.text)

    assert (program, command) == ("volcv-mock", "serve")
    assert isinstance(from_sources(vars(parser().parse_args(words)), {}), Settings)


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
