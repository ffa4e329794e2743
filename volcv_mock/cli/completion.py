"""`volcv-mock completion SHELL`: print the script that completes volcv-mock's commands and options in a shell.

Put it into the shell's start-up file: eval "$(volcv-mock completion bash)". It needs argcomplete.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from volcv_mock.cli.arguments import CommandParser
from volcv_mock.cli.commands import COMMANDS
from volcv_mock.cli.output import print_text

SHELLS = ("bash", "zsh", "fish", "tcsh", "powershell")
NEEDS = "argcomplete is needed: pip install 'volcv-mock[completion]'"


def main(arguments: Sequence[str]) -> int:
    """Print the script. Returns 2 without argcomplete."""
    options = parser().parse(arguments)
    try:
        from argcomplete.shell_integration import shellcode
    except ImportError:
        print(f"volcv-mock completion: {NEEDS}", file=sys.stderr)
        return 2
    return print_text(shellcode(["volcv-mock"], shell=options.shell))


def parser() -> CommandParser:
    """The options of `completion`."""
    made = CommandParser("volcv-mock completion", __doc__)
    made.add_argument("shell", choices=SHELLS, help="the shell to complete in")
    return made


def complete() -> None:
    """Answer the shell, which asks by the variable _ARGCOMPLETE, and end the process. Returns without argcomplete."""
    try:
        import argcomplete
    except ImportError:
        return
    argcomplete.autocomplete(whole())


def whole() -> argparse.ArgumentParser:
    """One parser for all commands, with the options of each."""
    made = argparse.ArgumentParser("volcv-mock")
    commands = made.add_subparsers(parser_class=argparse.ArgumentParser)
    for name, text in COMMANDS.items():
        own = _options(name)
        commands.add_parser(name, help=text, parents=[own] if own else [], add_help=not own)
    return made


def _options(name: str) -> argparse.ArgumentParser | None:
    """The parser of a command; None for one without options, whose extra is missing, or which cannot be loaded here."""
    if name == "version":
        return None
    try:
        command = importlib.import_module(f"volcv_mock.cli.{name.replace('-', '_')}")
        made: argparse.ArgumentParser = command.parser()
    except Exception:  # a working directory that is gone, a contract that cannot be read: the command says so
        return None
    return made
