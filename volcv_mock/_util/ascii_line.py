"""Text in the header of a response: one line of ASCII that a person can read."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_OTHERS = re.compile(r"[^\x00-\x7f]+")


def ascii_line(text: str, cap: int) -> str:
    """Text made valid for a header: one line, ASCII, at most `cap` characters.

    Other letters are transliterated: 提示词 becomes TiShiCi. What has no transliteration becomes a question mark.
    """
    line = text
    if not (text.isascii() and text.isprintable()):  # most are; to search them took 2 % of a refusal
        line = _OTHERS.sub(lambda found: _transliterated(found[0]), line)
        line = _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", line)
    return line if len(line) <= cap else line[: cap - 3] + "..."


def _transliterated(text: str) -> str:
    from anyascii import anyascii  # lazy: its tables are read with the first letter that needs them

    return anyascii(text) or "?"
