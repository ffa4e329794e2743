"""base64_newlines: the picture's base64 is broken into lines of 76 characters, as in an e-mail.

The JSON is sound; a strict base64 decoder refuses the text, a lenient one skips the line ends. In life
a service encodes with a MIME library. Only answers with base64 can show it.
"""

from __future__ import annotations

from dataclasses import replace

from volcv_mock.faults.base import Draft, Fault

LINE = 76
ESCAPED_NEWLINE = b"\\n"
"""The base64 is spliced into JSON text, so a line end is written as its escape."""


def apply(draft: Draft) -> Draft:
    """Break the picture's base64 into lines; a reply without base64 stays as it is."""
    return replace(draft, pictures_base64=tuple(map(_in_lines, draft.pictures_base64)))


def _in_lines(text: bytes) -> bytes:
    return ESCAPED_NEWLINE.join(text[start : start + LINE] for start in range(0, len(text), LINE))


FAULT = Fault(
    name="base64_newlines",
    hook="reply",
    stage="reply",
    summary="the picture's base64 has a line end after every 76 characters",
    apply=apply,
    needs="base64",
)
