"""`volcv-mock contract`: check a target with the contract suite that is part of the package."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from volcv_mock._util.paths import shelf
from volcv_mock.config import BadSetting, Settings

NEEDS = "pytest, httpx and hypothesis are needed: pip install 'volcv-mock[contract]'"
FOLDER, SCHEMAS = "VOLCV_MOCK_CONTRACT", "VOLCV_SCHEMAS"
"""Variables that the suite reads: the folder that its mock plays, and where the whole contract lies."""


def main(arguments: Sequence[str]) -> int:
    """Exit 0 when everything conforms, 1 on drift, 2 when nothing could be decided."""
    sys.path.insert(0, str(shelf("contract_tests").parent))
    try:
        with folder_in_force(arguments):
            return _run(arguments)
    except BadSetting as error:
        print(f"volcv-mock contract: {error}", file=sys.stderr)
        return 2


def parser() -> argparse.ArgumentParser:
    """The options of `contract`, which the suite has."""
    sys.path.insert(0, str(shelf("contract_tests").parent))
    from contract_tests.runner import options

    return options.parser()


def _run(arguments: Sequence[str]) -> int:
    from contract_tests.runner import start

    try:
        return start.main(list(arguments))
    except ImportError as error:
        asks_for_help = bool({"-h", "--help"} & set(arguments))
        if asks_for_help:
            _help()
        print(f"volcv-mock contract: {error.name} is not installed. {NEEDS}", file=sys.stderr)
        return 0 if asks_for_help else 2


@contextmanager
def folder_in_force(arguments: Sequence[str]) -> Iterator[None]:
    """The environment in which the suite finds the folder of --contract, else that of the environment, laid over the
    contract. The suite reads files and knows nothing of folders. Raises BadSetting."""
    folder = _folder(arguments)
    if not folder:
        yield
        return
    served = Settings(contract=folder).served_contract
    from volcv_mock.contract.folder.merged import write_merged  # lazy: only who has a folder needs it

    with tempfile.TemporaryDirectory(prefix="volcv-mock-contract-") as scratch:
        merged = Path(scratch, "schemas")
        write_merged(served, merged)
        with _environment({FOLDER: folder, SCHEMAS: str(merged)}):
            yield


def _folder(arguments: Sequence[str]) -> str:
    """The folder, "" where it does not count. Raises BadSetting when it is asked for where it cannot be checked: the
    plan of a paid target has the documented req_keys only."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--contract", default="")
    parser.add_argument("--target", default="mock")
    try:
        asked = parser.parse_known_args(list(arguments))[0]
    except argparse.ArgumentError:  # the suite's own parser says what is wrong
        return ""
    from contract_tests.runner.options import TARGETS  # lazy: found on the path that `main` sets

    own = [name for name, kind in TARGETS.items() if kind.is_own]
    if asked.target in own:
        return str(asked.contract or os.environ.get(FOLDER, ""))
    if asked.contract:
        raise BadSetting(f"--contract: is for the targets {' and '.join(own)}, not for {asked.target}")
    return ""


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _help() -> None:
    """The options alone import nothing that the extra brings."""
    from contract_tests.runner.options import parser

    parser().print_help()
