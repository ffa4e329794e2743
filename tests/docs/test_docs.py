"""The pages: their code blocks run, their links lead somewhere, and nothing that a user can type is missing.

Control and configuration are tested in test_docs_control.py, faults in test_docs_faults.py, testing in
test_docs_testing.py.
"""

from __future__ import annotations

import ast
import http.client
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.helpers.pages import (
    DOCS,
    PAGES,
    README,
    ROOT,
    WRITTEN_HOST,
    Block,
    blocks,
    example,
    holds,
    prose,
)
from volcv_mock import VolcvMock, cli, contract, faults
from volcv_mock.cli import demo, samples
from volcv_mock.cli.serve import parser
from volcv_mock.injection.rule_forms import MATCH_FIELDS, STEP_FIELDS, TOP_FIELDS
from volcv_mock.testing.handles import RunningMock
from volcv_mock.testing.rules import UnusedRule

ELSEWHERE = ("control.md", "configuration.md")
SHELL = ("bash", "sh")
COMMANDS = [block for page in PAGES if page.name not in ELSEWHERE for name in SHELL for block in blocks(page, name)]
HTTP = [block for page in PAGES if page.name not in ELSEWHERE for block in blocks(page, "http")]
QUIET = ("-sS", "--noproxy", "*")
NEVER_RUN = ("serve", "contract", "contract-init")
"""`serve` does not end, `contract` may cost money, and `contract-init` needs recordings, which only the Python block
beside it has: only the command's name is checked."""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningMock]:
    with VolcvMock().serve() as server:
        yield server


@pytest.fixture
def host(server: RunningMock) -> str:
    """Without the rules that the examples before have added."""
    server.reset()
    return server.base_url.removeprefix("http://")


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the examples run; it has the fixtures, as a clone has, and the samples of the README."""
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    samples.write(tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_python(page: Path, host: str) -> dict[str, Any]:
    """Run every Python block of a page in order, as a reader pastes them."""
    names: dict[str, Any] = {"__name__": "pasted"}
    for block in blocks(page, "python"):
        text = "\n" * block.line + block.text.replace(WRITTEN_HOST, host)
        exec(compile(text, page, "exec"), names)
    return names


def test_the_python_of_the_readme_runs_as_pasted(desk: Path, host: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.warns(UnusedRule, match="50429"):  # as the page says
        names = run_python(README, host)

    with Image.open(desk / "result.jpg") as result:
        result.load()
        assert (result.format, result.size) == ("JPEG", (512, 384))
    assert names["send"](names["body"])["message"] == "Success"


def test_the_failing_request_of_the_readme_answers_as_shown(host: str) -> None:
    """A reader who pastes it must see the members that the page shows below it."""
    command = words_of(blocks(README, "bash")[1])[0]
    here = [word.replace(WRITTEN_HOST, host) for word in command]
    shown = json.loads(blocks(README, "json")[0].text)

    run = subprocess.run([*here, *QUIET, "-w", " %{http_code}"], timeout=20, capture_output=True, text=True)

    body, _, status = run.stdout.rpartition(" ")
    assert status == "400"
    assert holds(shown, json.loads(body))


def test_every_number_of_the_operations_page_can_be_checked(desk: Path, host: str) -> None:
    run_python(DOCS / "operations.md", host)


@pytest.mark.parametrize("block", HTTP, ids=lambda block: block.place)
def test_each_request_is_answered_as_written(block: Block, host: str) -> None:
    wanted = example(block)
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request(wanted.method, wanted.target, wanted.body.encode(), wanted.headers)
    with connection.getresponse() as answer:
        body = answer.read()
    connection.close()

    assert answer.status == wanted.status, body
    for name, value in wanted.answer_headers.items():
        assert value in (answer.getheader(name) or "no such header"), body
    assert not wanted.members or holds(json.loads(wanted.members), json.loads(body)), body


def words_of(block: Block) -> list[list[str]]:
    """The command lines of a block, without comments, prompts and VARIABLE=value before them."""
    text = block.text.replace("\\\n", " ")
    lines = [shlex.split(line.removeprefix("$ "), comments=True) for line in text.splitlines()]
    return [[word for index, word in enumerate(line) if not _is_variable(line[: index + 1])] for line in lines if line]


def _is_variable(words: list[str]) -> bool:
    return all(re.match(r"[A-Z_]+=", word) for word in words)


@pytest.mark.parametrize("block", COMMANDS, ids=lambda block: block.place)
def test_each_command_runs_as_typed(
    block: Block, desk: Path, host: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "SHOTS", demo.SHOTS[:2])  # tests/cli makes all calls of `demo`
    for words in words_of(block):
        assert RUNNERS.get(words[0], _not_ours)(words, host), " ".join(words)


def _volcv_mock(words: list[str], host: str) -> bool:
    return (words[1] in NEVER_RUN and words[1] in cli.COMMANDS) or cli.main(words[1:]) == 0


def _curl(words: list[str], host: str) -> bool:
    """Sent only to the mock of this test."""
    here = [word.replace(WRITTEN_HOST, host) for word in words]
    is_here = all(word.startswith(f"http://{host}") for word in here if re.match(r"\w+://", word))
    return is_here and subprocess.run([*here, *QUIET, "-o", "answer"], timeout=20).returncode == 0


def _make(words: list[str], host: str) -> bool:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    return {word for word in words[1:] if "=" not in word} <= set(targets)


def _not_ours(words: list[str], host: str) -> bool:
    return True


RUNNERS = {"volcv-mock": _volcv_mock, "curl": _curl, "make": _make}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_marked_python_or_json_parse_as_such(page: Path) -> None:
    for block in blocks(page, "python"):
        ast.parse(block.text)
    for block in blocks(page, "json"):
        json.loads(block.text)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "schemas" / "README.md"], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", prose(page))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_table_has_its_head(page: Path) -> None:
    """A row after an empty line is no table for a reader."""
    lines = ["", *prose(page).splitlines(), ""]
    starts = [at for at, line in enumerate(lines) if line.startswith("|") and not lines[at - 1].startswith("|")]

    assert [lines[at] for at in starts if not re.fullmatch(r"\|[ :|-]+\|", lines[at + 1])] == []


NAMED_FILE = r"`((?:volcv_mock|contract_tests|schemas|fixtures|tests|tools|examples|benchmarks|docs)/[\w./-]*)`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(NAMED_FILE, page.read_text(encoding="utf-8"))

    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_index_names_every_page() -> None:
    index = prose(DOCS / "README.md")

    assert [
        page.name for page in DOCS.glob("*.md") if f"]({page.name})" not in index and page.name != "README.md"
    ] == []


def test_the_readme_names_the_test_command() -> None:
    assert any(words == ["make", "test"] for block in blocks(README, "bash") for words in words_of(block))


EVERYTHING = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
SHOWN = "\n".join(block.text for page in PAGES for language in (*SHELL, "python", "json", "text", "toml", "http")
                  for block in blocks(page, language))  # fmt: skip


def is_named(word: str, text: str = EVERYTHING) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


@pytest.mark.parametrize("name", faults.names())
def test_every_fault_has_an_example(name: str) -> None:
    assert is_named(f'"{name}"', SHOWN)


@pytest.mark.parametrize("name", sorted({*TOP_FIELDS, *STEP_FIELDS, *MATCH_FIELDS}))
def test_every_field_of_a_rule_has_an_example(name: str) -> None:
    assert is_named(f'"{name}"', SHOWN)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_an_example(name: str) -> None:
    assert is_named(f"volcv-mock {name}", SHOWN)


FLAGS = sorted({flag for action in parser()._actions for flag in action.option_strings} - {"-h", "--help"})


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_of_serve_is_on_a_page(flag: str) -> None:
    assert is_named(flag)


HEADERS = ("X-Volcv-Mock", "X-Volcv-Mock-Scope", "X-Volcv-Mock-Call", "X-Volcv-Mock-Reason")


@pytest.mark.parametrize("name", HEADERS)
def test_every_header_of_the_mock_has_an_example(name: str) -> None:
    assert is_named(name, SHOWN)


def test_every_header_of_the_mock_is_on_a_page() -> None:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "volcv_mock").rglob("*.py"))
    used = {name for text in sources for name in re.findall(r"X-Volcv-Mock(?:-[A-Z][a-z]+)?", text)}

    assert {name for name in used if not is_named(name)} == set()


@pytest.mark.parametrize("name", contract.operations())
def test_every_operation_and_its_parameters_are_on_the_operations_page(name: str) -> None:
    text = (DOCS / "operations.md").read_text(encoding="utf-8")

    missing = {parameter for parameter in contract.defaults(name, contract.operation(name).modes[0])
               if not is_named(parameter, text)}  # fmt: skip
    assert is_named(name, text)
    assert missing == set()
