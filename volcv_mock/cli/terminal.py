"""What standard output is: how wide it is, and whether it shows colours. Not a command itself."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping

LEAST_WIDTH = 40
BOLD = "1"


def is_terminal() -> bool:
    """Whether a person reads along; a pipe, a file and a test's capture are none."""
    try:
        return sys.stdout.isatty()
    except (AttributeError, ValueError):  # none at all, or closed
        return False


def width() -> int | None:
    """Columns of the terminal; None without one: lines are then as long as they are."""
    return max(LEAST_WIDTH, shutil.get_terminal_size().columns) if is_terminal() else None


def has_colours(environ: Mapping[str, str] = os.environ) -> bool:
    """On a terminal, unless NO_COLOR is set (no-color.org) or the terminal shows none."""
    return is_terminal() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def styled(text: str, style: str) -> str:
    """The text in a style, where colours are shown."""
    return f"\x1b[{style}m{text}\x1b[0m" if text and has_colours() else text
