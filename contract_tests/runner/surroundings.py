"""What a run is called in: the working directory. Looked at before the suite is loaded, which reads it.

Nothing but the standard library is imported here.
"""

from __future__ import annotations

import os

GONE = "the working directory is gone: it was deleted or cannot be read; change to a folder that exists"


def wrong_in_surroundings() -> str:
    """Why the suite cannot be loaded here, in one line; empty when it can."""
    try:
        os.getcwd()
    except OSError:
        return GONE
    return ""
