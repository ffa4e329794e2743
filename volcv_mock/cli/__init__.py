"""The command line: words and flags only. Each command's work is a file in commands/, imported when called.

`--help` stays near the price of a bare interpreter, so nothing of Flask, Pillow or jsonschema is
imported here.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from volcv_mock import __version__

COMMANDS = {
    "serve": "start the mock and keep it running",
    "demo": "run every operation on real pictures and write a contact sheet",
    "contract": "judge the mock, a proxy or the official endpoint by the contract suite",
    "codes": "list every code the mock can answer",
    "operations": "list the operations, their input modes and defaults",
    "assumptions": "list everything that no document states",
    "openapi": "print the OpenAPI document",
    "explain": "explain one code: what it means, whether to retry, where it is documented",
    "fixtures": "write the border set: pictures and masks at and beyond every documented limit",
    "sign": "sign a request, and show each step of the signature",
    "version": "print the version",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit status; 2 for a wrong word or flag, with the permitted ones."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    if not argv or argv[0] in ("-h", "--help"):
        _parser().print_help()
        return 0 if argv else 2
    if argv[0] in ("version", "--version"):
        print(f"volcv-mock {__version__}")
        return 0
    if argv[0] not in COMMANDS:
        return _unknown(argv[0])
    command = importlib.import_module(f"volcv_mock.cli.{argv[0]}")
    return int(command.main(argv[1:]))


def _parser() -> argparse.ArgumentParser:
    lines = "\n".join(f"  {name:<12} {text}" for name, text in COMMANDS.items())
    return argparse.ArgumentParser(
        prog="volcv-mock", usage="volcv-mock COMMAND [...]",
        description="A fake of Volcengine's CVProcess image-editing API.",
        epilog=f"commands:\n{lines}\n\nvolcv-mock COMMAND --help tells the flags of a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip


def _unknown(word: str) -> int:
    import difflib  # lazy: start-up time

    near = difflib.get_close_matches(word, COMMANDS, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    print(f"volcv-mock: unknown command {word!r}.{hint} Known: {', '.join(COMMANDS)}", file=sys.stderr)
    return 2


