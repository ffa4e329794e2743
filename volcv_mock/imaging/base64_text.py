"""Base64 as the service reads it: the standard alphabet with padding, nothing before, between or after.

Valid text is decoded by one call into C. Only text that fails is examined, and a problem shows a few characters of it
at most.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterator

from volcv_mock import contract
from volcv_mock.model import Problem

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_BLANKS = " \t\r\n\v\f"
_NO_BLANKS = dict.fromkeys(map(ord, _BLANKS))
_SHOWN_CHARACTERS = 24
_MESSAGES = {
    "Incorrect padding": "incorrect padding",
    "Discontinuous padding not allowed": "padding within the text",
    "Leading padding not allowed": "padding at the beginning",
    "Excess data after padding": "characters behind the padding",
    "surplus padding": "surplus padding",
}
"""Messages for the errors of binascii. Any other error is about the number of characters."""
_WANTED = "base64 in the standard alphabet (A-Z a-z 0-9 + /), padded with ="


def decode_base64(text: str, where: str, limits: contract.Limits | None = None) -> tuple[bytes | None, list[Problem]]:
    """The bytes, or None and the problems. Text that is too long for a picture is refused without decoding.

    `limits` are those of the req_key, by default the documented ones.
    """
    text = _tolerated(text)
    problems = list(_before_decoding(text, where, limits or contract.limits()))
    if problems:
        return None, problems
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:  # binascii.Error is a subclass; non-ASCII text raises ValueError itself
        return None, [_diagnosis(text, where, str(error))]
    if not _is_whole(text):
        return None, [_diagnosis(text, where, "surplus padding")]
    return data, []


def _tolerated(text: str) -> str:
    """The text without what a reading accepts beside standard base64."""
    if contract.reading("base64-data-uri") == "accept" and text[:5].lower() == "data:":
        text = text.partition(",")[2]
    if contract.reading("base64-line-breaks") == "accept":
        text = text.translate(_NO_BLANKS)
    if contract.reading("base64-url-alphabet") == "accept":
        text = text.replace("-", "+").replace("_", "/")
    if contract.reading("base64-padding") == "accept" and len(text) % 4 > 1 and "=" not in text:
        text += "=" * (-len(text) % 4)
    return text


def decoded_bytes(text: str) -> int:
    """The number of bytes that a valid base64 text decodes to."""
    return len(text) * 3 // 4 - (text[-2:].count("=") if len(text) % 4 == 0 else 0)


def _before_decoding(text: str, where: str, limits: contract.Limits) -> Iterator[Problem]:
    if not text:
        yield _problem(where, "an empty text", "Put the file's bytes here as base64.", "base64_empty")
        return
    if text[:5].lower() == "data:":
        fix = "Send only what follows the comma of a data URI."
        yield _problem(where, f"a data URI, beginning {_shown(text)}", fix, "base64_is_not_data_uri")
        return
    size_bytes = decoded_bytes(text)
    if size_bytes > limits.max_bytes:
        yield oversize(where, "a file", size_bytes, limits)


def oversize(where: str, what: str, size_bytes: int, limits: contract.Limits) -> Problem:
    """The problem of a file larger than documented, found by its base64 or by its bytes."""
    limit = limits.max_bytes
    return Problem(
        where,
        found=f"{what} of {size_bytes} bytes",
        wanted=f"at most {limit} bytes ({limit / 2**20:g} MiB)",  # S1 and S3 say MB; read as MiB, see divergences
        fix="Save it smaller: fewer pixels or stronger compression.",
        rule="picture_size_bytes",
        source=contract.cite(limits.sources["max_bytes"]),
    )


def _is_whole(text: str) -> bool:
    """Whether it consists of groups of four, padded at the end only. Strict mode of binascii accepts surplus =."""
    first_pad = text.find("=", -4)
    return len(text) % 4 == 0 and (first_pad < 0 or first_pad >= len(text) - 2)


def _diagnosis(text: str, where: str, error: str) -> Problem:
    foreign = _first_foreign(text)
    if foreign is None:
        return _with_wrong_length(text, where, error)
    at = text.index(foreign)
    found = f"character {foreign!r} at position {at} of {len(text)}"
    if foreign in _BLANKS:
        fix = "Encode without line breaks: b64encode, not encodebytes; base64 -w0, not base64."
        return _problem(where, found, fix, "base64_has_no_whitespace")
    if foreign in "-_":
        fix = "Encode with the standard alphabet: b64encode, not urlsafe_b64encode."
        return _problem(where, found, fix, "base64_is_not_base64url")
    fix = "Send the file's bytes as base64."
    if text[:8].lower().startswith(("http://", "https://")):
        fix = "A URL belongs in image_urls."
    return _problem(where, f"{found}, beginning {_shown(text)}", fix, "base64_alphabet")


def _with_wrong_length(text: str, where: str, error: str) -> Problem:
    found = f"{len(text)} characters, ending {_shown(text[-8:])}: {_MESSAGES.get(error, 'incorrect length')}"
    fix = "Its length must be a multiple of 4, with = or == only at the end; was it cut off?"
    return _problem(where, found, fix, "base64_padding")


def _first_foreign(text: str) -> str | None:
    """The first character outside the alphabet, without a Python loop over the text."""
    try:
        foreign = text.encode("ascii").translate(None, _ALPHABET)
    except UnicodeEncodeError as error:
        foreign = text[: error.start].encode("ascii").translate(None, _ALPHABET)
        return chr(foreign[0]) if foreign else text[error.start]
    return chr(foreign[0]) if foreign else None


def _problem(where: str, found: str, fix: str, rule: str) -> Problem:
    return Problem(where, found, wanted=_WANTED, fix=fix, rule=rule, source=_source())


def _source() -> str:
    return contract.cite(("S3-base64", "S1-base64"))


def _shown(text: str) -> str:
    return repr(text[:_SHOWN_CHARACTERS])
