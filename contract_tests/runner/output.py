"""Lines for a terminal or a pipe. What cannot be shown there never ends a run or changes its exit code."""

from __future__ import annotations

import contextlib
import os
import sys

COLOURS = {"drift": "31", "could not judge": "33", "inconclusive": "33"}
"""By the beginning of a line, in a terminal (no-color.org)."""


def write_lines(*lines: str) -> None:
    """Print lines; characters that the stream's encoding lacks are escaped, a closed pipe is ignored."""
    text = "".join(f"{_coloured(line)}\n" for line in lines)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()


def _coloured(line: str) -> str:
    style = next((style for word, style in COLOURS.items() if line.startswith(word)), "")
    return f"\x1b[{style}m{line}\x1b[0m" if style and _has_colours() else line


def _has_colours() -> bool:
    try:
        is_terminal = sys.stdout.isatty()
    except (AttributeError, ValueError):  # none at all, or closed
        return False
    return is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
