"""Help, version, unknown commands, and the cost of starting the command line."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from volcv_mock import __version__, cli

HEAVY = ("flask", "werkzeug", "PIL", "jsonschema", "gevent", "httpx", "pytest", "hypothesis")


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_lists_every_command_with_a_description(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([word]) == 0

    printed = capsys.readouterr().out
    assert all(f"  {name} " in printed and text in printed for name, text in cli.COMMANDS.items())


def test_without_a_command_it_shows_the_help_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 2
    assert "serve" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["version", "--version"])
def test_version_is_the_packages_own(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([word]) == 0
    assert capsys.readouterr().out == f"volcv-mock {__version__}\n"


def test_an_unknown_command_is_refused_with_the_nearest_and_all_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serv"]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert "unknown command 'serv'. Did you mean 'serve'?" in printed.err
    assert all(name in printed.err for name in cli.COMMANDS)


COMMANDS_WITH_FILES = sorted(set(cli.COMMANDS) - {"version"})


@pytest.mark.parametrize("name", COMMANDS_WITH_FILES)
def test_every_command_has_a_file_of_its_own(name: str) -> None:
    assert callable(importlib.import_module(f"volcv_mock.cli.{name.replace('-', '_')}").main)


@pytest.mark.parametrize("name", sorted({*COMMANDS_WITH_FILES} - {"contract"}))
def test_every_command_lists_its_options(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])

    assert ended.value.code == 0
    assert f"volcv-mock {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted({*COMMANDS_WITH_FILES} - {"contract"}))
def test_every_command_refuses_a_flag_it_does_not_know(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--no-such-flag"])

    assert ended.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith((f"volcv-mock {name}: unrecognized arguments: --no-such-flag", f"volcv-mock {name}: the"))
    assert line.endswith(f". 'volcv-mock {name} --help' lists the options.")


def test_a_value_that_is_none_of_the_choices_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", "--mode", "psas"])

    (line,) = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert "'mock', 'pass', 'spy', 'record', 'replay', 'diff'" in line


@pytest.mark.parametrize("words", [["--help"], ["serve", "--help"], ["nope"]], ids=" ".join)
def test_help_and_mistakes_cost_no_heavy_import(words: list[str]) -> None:
    """`--help` stays near the price of a bare interpreter."""
    script = (
        f"import sys\nfrom volcv_mock import cli\ntry:\n    cli.main({words!r})\nexcept SystemExit:\n    pass\n"
        f"print(sorted(set(sys.modules) & {{*{HEAVY!r}}}), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True)

    assert done.stderr.splitlines()[-1] == "[]"


def test_an_unforeseen_exception_ends_with_2_and_shows_no_credential(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 is the exit code of drift; what a library says may quote a key or the password of a URL."""
    monkeypatch.setenv("VOLCV_MOCK_STATE", "redis://u:password-of-redis@h")

    def fail(arguments: list[str]) -> int:
        raise RuntimeError(f"bad value in {arguments} and password-of-redis")

    monkeypatch.setattr("volcv_mock.cli.codes.main", fail)

    assert cli.main(["codes", "--upstream=http://u:password@host", "sk-a-key"]) == 2
    printed = capsys.readouterr().err
    assert "volcv-mock codes: RuntimeError: bad value in " in printed
    assert "test_cli.py" in printed
    assert "pass" not in printed.partition("RuntimeError")[2]
    assert "sk-a" not in printed


def test_ctrl_c_ends_a_command_as_a_shell_reports_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(arguments: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("volcv_mock.cli.codes.main", interrupted)

    assert cli.main(["codes"]) == 130
