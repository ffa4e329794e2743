"""A key that is given as the value of another option, of any command, is not printed.

What the user has to know stays: names of files and folders, the host to listen on, and words that are searched for are
shown, unless they begin as a key does.
"""

from __future__ import annotations

import importlib
from contextlib import suppress
from pathlib import Path

import pytest

from volcv_mock import cli
from volcv_mock.cli import serve, workers
from volcv_mock.cli.commands import COMMANDS

KEY = "sk-Zq8vT3mN7xKp2LwR"
SECRET = "Zk9mQ2xsT3B4c2VjcmV0MTIzNDU2Nzg5"
"""A random text that does not begin as a key: a secret key, or a token."""
NAMES = {
    "serve": ("--host", "--contract", "--config", "--recordings"),
    "demo": ("--out",),
    "calibrate": ("--from", "--out"),
    "codes": ("words",),
    "operations": ("words", "--contract"),
    "assumptions": ("words",),
    "readings": ("words",),
    "openapi": ("--contract",),
    "explain": ("code",),
    "fixtures": ("folder",),
    "samples": ("folder",),
}
"""The options whose value is a file, a folder, a host or a word that is searched for: it is shown."""
UNSENT = ["--target", "proxy", "--base-url", "http://127.0.0.1:9", "--budget", "1"]
BESIDE = {"serve": ["--port", "0", "--log", "off"], "contract": UNSENT, "calibrate": UNSENT}
"""What a command needs so that it ends soon and calls nobody."""


def _options() -> list[tuple[str, str]]:
    found = []
    for command in COMMANDS:
        if command != "version":
            module = importlib.import_module(f"volcv_mock.cli.{command.replace('-', '_')}")
            takers = [one for one in module.parser()._actions if one.nargs != 0]
            found += [(command, one.option_strings[-1] if one.option_strings else one.dest) for one in takers]
    return found


OPTIONS = _options()


@pytest.fixture(autouse=True)
def _nothing_is_served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(serve, "run", lambda *arguments: None)
    monkeypatch.setattr(workers, "serve_together", lambda *arguments: 0)
    for name in ("VOLCV_API_KEY", "VOLCV_BASE_URL", "VOLC_ACCESSKEY", "VOLC_SECRETKEY"):
        monkeypatch.delenv(name, raising=False)


def _printed(capsys: pytest.CaptureFixture[str], command: str, option: str, value: str) -> str:
    """All that a command prints when it gets the value."""
    beside = list(BESIDE.get(command, []))
    if option in beside:
        place = beside.index(option)
        del beside[place : place + 2]
    with suppress(SystemExit):
        cli.main([command, *([option, value] if option.startswith("-") else [value]), *beside])
    return "".join(capsys.readouterr())


def _ids(given: tuple[str, str]) -> str:
    return " ".join(given)


@pytest.mark.parametrize("given", [one for one in OPTIONS if one != ("demo", "--out")], ids=_ids)
def test_a_value_that_begins_as_a_key_is_never_printed(
    capsys: pytest.CaptureFixture[str], given: tuple[str, str]
) -> None:
    """`demo --out` draws for seconds; `samples DIR` prints its folder in the same way."""
    assert KEY not in _printed(capsys, *given, KEY)


@pytest.mark.parametrize(
    "given", [(command, option) for command, option in OPTIONS if option not in NAMES.get(command, ())], ids=_ids
)
def test_a_random_value_is_printed_only_as_a_name(capsys: pytest.CaptureFixture[str], given: tuple[str, str]) -> None:
    assert SECRET not in _printed(capsys, *given, SECRET)


@pytest.mark.parametrize(
    ("command", "option", "choices"),
    [("contract", "--target", "'mock', 'server', 'proxy'"), ("serve", "--auth", "'any', 'strict', 'off'"),
     ("codes", "--sort", "'id', 'http', 'code'")],
)  # fmt: skip
def test_the_choices_are_named_instead(
    capsys: pytest.CaptureFixture[str], command: str, option: str, choices: str
) -> None:
    assert f"invalid choice (choose from {choices}" in _printed(capsys, command, option, "anything")


def test_the_names_in_this_table_are_options() -> None:
    assert {(command, option) for command, options in NAMES.items() for option in options} <= set(OPTIONS)


def test_an_ordinary_value_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert "--port = 'http': wanted a whole number" in _printed(capsys, "serve", "--port", "http")


def test_a_key_after_an_equals_sign_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["serve", f"--config={KEY}"])

    assert "volcv-mock serve: ***: No such file" in capsys.readouterr().err
