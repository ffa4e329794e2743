"""`volcv-mock calibrate`: measure how a service answers what no document decides, and write readings.toml."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from volcv_mock._util.paths import shelf
from volcv_mock.cli.contract import NEEDS


def main(arguments: Sequence[str]) -> int:
    """Exit 0 when something was measured, 1 when a reading contradicts a document, 2 when nothing was measured."""
    sys.path.insert(0, str(shelf("contract_tests").parent))
    from contract_tests.runner.surroundings import wrong_in_surroundings  # lazy: found on the path set above

    if why := wrong_in_surroundings():
        print(f"volcv-mock calibrate: {why}", file=sys.stderr)
        return 2
    try:
        from contract_tests.calibration import run
    except ImportError as error:
        print(f"volcv-mock calibrate: {error.name} is not installed. {NEEDS}", file=sys.stderr)
        return 2
    return int(run.main(list(arguments)))


def parser() -> argparse.ArgumentParser:
    """The options of `calibrate`, which the suite has. Raises ImportError without the extra `contract`."""
    sys.path.insert(0, str(shelf("contract_tests").parent))
    from contract_tests.calibration import run

    return run.parser()
