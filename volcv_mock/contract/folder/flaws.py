"""What is wrong with a user's folder: file, JSON pointer, what was found, what is permitted, and the nearest word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from volcv_mock._util.frozen import frozen, mutable
from volcv_mock.contract.spelling import nearest

LONGEST = 80
MOST = 20
"""Flaws that a message lists."""


@frozen
class Flaw:
    """One mistake. `at` is a JSON pointer in `file`; "" means the file as a whole."""

    file: str
    at: str
    found: str
    permitted: str

    def sentence(self) -> str:
        """The flaw in one line."""
        place = f"{self.file}#{self.at}" if self.at else self.file
        return f"{place}: {self.found}; permitted: {self.permitted}"


class BadContract(ValueError):
    """A folder was refused as a whole; the shipped contract stays in force. `flaws` lists what is wrong."""

    def __init__(self, folder: str, flaws: tuple[Flaw, ...]) -> None:
        self.folder, self.flaws = folder, flaws
        lines = [flaw.sentence() for flaw in flaws[:MOST]]
        more = [f"and {len(flaws) - MOST} more"] if len(flaws) > MOST else []
        super().__init__("\n  ".join([f"the contract folder {folder} is refused:", *lines, *more]))


@mutable
class Flaws:
    """Collects flaws, so that one run reports all of them."""

    found: list[Flaw] = field(default_factory=list)

    def add(self, file: str, at: str, found: str, permitted: str) -> None:
        """Add a flaw."""
        self.found.append(Flaw(file, at, found, permitted))

    def unknown_members(self, node: Mapping[str, Any], known: Iterable[str], file: str, at: str) -> None:
        """A flaw for each member of `node` that is not `known`."""
        words = list(known)
        for name in node:
            if name not in words:
                self.add(
                    file, f"{at}/{escaped(name)}", f"unknown member {shown(name)}{hint(name, words)}", listed(words)
                )

    def not_among(self, value: Any, known: Iterable[str], file: str, at: str) -> bool:
        """Whether `value` is none of the words; adds the flaw."""
        words = list(known)
        if isinstance(value, str) and value in words:
            return False
        self.add(file, at, f"{shown(value)}{hint(value, words)}", listed(words))
        return True


def hint(value: Any, words: Iterable[str]) -> str:
    """ " (did you mean ...?)" when a permitted word is near, else nothing."""
    near = nearest(value, words) if isinstance(value, str) else None
    return f" (did you mean {near!r}?)" if near else ""


def listed(words: Iterable[str]) -> str:
    """Words as a message lists them."""
    return ", ".join(words)


def shown(value: Any) -> str:
    """A value, cut to a length that a line bears."""
    text = repr(value)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def escaped(name: str) -> str:
    """A member's name as a step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
