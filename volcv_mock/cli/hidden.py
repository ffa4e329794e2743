"""Keys on the command line that stand where none belongs: masked in all that a command prints.

A file that is not found and a word that no row contains are told by name, and the name may be a misplaced key.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO, cast

from volcv_mock.recording.addresses import MASK

_PRINTED = ("--ak",)
"""`sign` prints a header that names its access key."""


@contextmanager
def keys_hidden(arguments: Sequence[str]) -> Iterator[None]:
    """For the length of the block every word of the arguments that begins as a key is written as `***`."""
    keys = sorted(set(_keys(arguments)), key=len, reverse=True)
    if not keys:
        yield
        return
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (cast(TextIO, _Masking(stream, keys)) for stream in before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _keys(arguments: Sequence[str]) -> Iterator[str]:
    for before, word in zip(("", *arguments), arguments, strict=False):
        option, _, value = word.partition("=") if word.startswith("--") else (before, "", word)
        if option not in _PRINTED:
            yield from filter(_begins_as_a_key, (value, *value.split(",")))


def _begins_as_a_key(text: str) -> bool:
    from volcv_mock.recording.redact import KEY_BEGINNINGS, SHORTEST_PART, VISIBLE  # lazy: start-up time

    return text.startswith(KEY_BEGINNINGS) and len(text) >= SHORTEST_PART and VISIBLE.fullmatch(text) is not None


class _Masking:
    """A text stream in which keys are masked. A key is expected to be written in one piece, as `print` does."""

    def __init__(self, below: TextIO, keys: Sequence[str]) -> None:
        self._below = below
        self._keys = keys

    def write(self, text: str) -> int:
        for key in self._keys:
            text = text.replace(key, MASK)
        return self._below.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._below, name)
