"""The nearest known word, for error messages."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to a misspelt one, if one is near."""
    folded = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word[:200].lower(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None
