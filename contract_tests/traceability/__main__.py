"""python -m contract_tests.traceability [--check]: write docs/trace.md with results on the mock; --check compares."""

from __future__ import annotations

import sys
from pathlib import Path

from .page import page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "trace.md"


def main(argv: list[str]) -> int:
    """Write the page, or with --check give 1 if it is not up to date."""
    text = page()
    if "--check" in argv:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{PAGE}: {text.count(chr(10))} lines\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
