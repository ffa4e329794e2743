"""The command line: command names and dispatch. Each command is one file of this package, imported when it is called.

Nothing of Flask, Pillow or jsonschema is imported here, so that `--help` costs little more than a bare interpreter.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from volcv_mock import __version__
from volcv_mock.cli.collector import gc_disabled
from volcv_mock.cli.commands import COMMANDS
from volcv_mock.cli.hidden import keys_hidden
from volcv_mock.cli.output import protected_output

__all__ = ["COMMANDS", "main"]

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C ended: 128 and the number of SIGINT, as a shell reports it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit code; 2 for an unknown command or option, and for an unforeseen exception."""
    if "_ARGCOMPLETE" in os.environ:
        from volcv_mock.cli import completion  # lazy: only a shell that completes needs it

        completion.complete()
    argv = list(sys.argv[1:] if arguments is None else arguments)
    with protected_output(), keys_hidden(argv):
        return _run(argv)


def _run(argv: list[str]) -> int:
    if not argv or argv[0] in ("-h", "--help"):
        _parser().print_help()
        return 0 if argv else 2
    if argv[0] in ("version", "--version"):
        print(f"volcv-mock {__version__}")
        return 0
    if argv[0] not in COMMANDS:
        return _unknown(argv[0])
    with gc_disabled():
        command = importlib.import_module(f"volcv_mock.cli.{argv[0].replace('-', '_')}")
    try:
        return int(command.main(argv[1:]))
    except Exception as error:
        from volcv_mock.cli import unforeseen  # lazy: start-up time

        return unforeseen.report(error, argv)
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    lines = "\n".join(f"  {name:<13} {text}" for name, text in COMMANDS.items())
    return argparse.ArgumentParser(
        prog="volcv-mock", usage="volcv-mock COMMAND [OPTION]...",
        description="A mock server for Volcengine's CVProcess image-editing API.",
        epilog=f"commands:\n{lines}\n\nRun 'volcv-mock COMMAND --help' for the options of a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip


def _unknown(word: str) -> int:
    import difflib  # lazy: start-up time

    near = difflib.get_close_matches(word, COMMANDS, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    print(f"volcv-mock: unknown command {word!r}.{hint} Known: {', '.join(COMMANDS)}", file=sys.stderr)
    return 2
