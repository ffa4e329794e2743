"""Lines for a terminal or a pipe. What cannot be shown there never ends a run or changes its exit code."""

from __future__ import annotations

import contextlib
import sys


def write_lines(*lines: str) -> None:
    """Print lines; characters that the stream's encoding lacks are escaped, a closed pipe is ignored."""
    text = "".join(f"{line}\n" for line in lines)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
