"""Text in the header of a response: one line of ASCII that a person can read."""

from __future__ import annotations

import re

from volcv_mock._util.memo import remembering

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_OTHERS = re.compile(r"[^\x00-\x7f]+")


def ascii_line(text: str, cap: int) -> str:
    """Text made valid for a header: one line, ASCII, at most `cap` characters.

    Other letters are transliterated: 提示词 becomes TiShiCi. What has no transliteration becomes a question mark.
    """
    # To search those that need nothing took 2 % of a refusal. The others are mostly problems that cite a document.
    line = text if text.isascii() and text.isprintable() else _in_ascii(text)
    return line if len(line) <= cap else line[: cap - 3] + "..."


@remembering(at_most=1024)
def _in_ascii(text: str) -> str:
    line = _OTHERS.sub(lambda found: _transliterated(found[0]), text)
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", line)


def _transliterated(text: str) -> str:
    from anyascii import anyascii  # lazy: its tables are read with the first letter that needs them

    return anyascii(text) or "?"
