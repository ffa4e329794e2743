"""`make mutants`: the mutants, the benign variations and the personalities, each to its end.

Exit code: the worst of the three; 1 when a mutant survives, a variation is accused or a personality is not recovered,
2 when one of them could not be run. A run that was ended goes on where it ended (progress.py).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping

from . import __main__ as mutants
from . import personalities
from .benign import __main__ as benign
from .progress import KEPT

Part = Callable[[list[str]], int]
PARTS: Mapping[str, Part] = {"mutants": mutants.main, "benign": benign.main, "personalities": personalities.main}
FAILED = 2


def main(parts: Mapping[str, Part] = PARTS) -> int:
    """Run every part, also after one that failed."""
    codes = [_code_of(name, part) for name, part in parts.items()]
    KEPT.unlink(missing_ok=True)
    return max(codes)


def _code_of(name: str, part: Part) -> int:
    started = time.perf_counter()
    try:
        code = part([])
    except Exception as error:  # 1 would mean that a mutant survived
        sys.stdout.write(f"{name} could not be run: {type(error).__name__}: {error}\n")
        code = FAILED
    sys.stdout.write(f"{name}: exit code {code}, {time.perf_counter() - started:.0f} s\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
