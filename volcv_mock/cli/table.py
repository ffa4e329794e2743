"""Text tables for the listing commands; not a command itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

GAP = 2
LEAST = 10
"""Columns of a cell below which a table is not wrapped: each row then has its cells below each other."""


def table(head: Sequence[str], rows: Iterable[Sequence[object]], fit: int | None = None) -> str:
    """Columns padded to their widest cell; the last column is not padded.

    With `fit` cells wrap to that width, and where that leaves too little for one of them, they stand below each other.
    """
    lines = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(head))]
    if fit is None or sum(widths) + GAP * (len(widths) - 1) <= fit:
        return "\n".join(_line(line, widths) for line in lines)
    narrow = fitted(widths, fit - GAP * (len(widths) - 1))
    if any(small < min(wide, LEAST) for small, wide in zip(narrow, widths, strict=True)):
        return "\n\n".join("\n".join(_below_each_other(head, line, fit)) for line in lines[1:])
    return "\n".join(part for line in lines for part in _wrapped(line, narrow))


def width(text: str) -> int:
    """Width in terminal columns: Chinese characters take two."""
    return sum(map(_columns, text))


def fitted(widths: Sequence[int], room: int) -> list[int]:
    """The widths, the widest of them cut to one that leaves the sum within `room`."""
    most = max(widths)
    while most > 1 and sum(min(one, most) for one in widths) > room:
        most -= 1
    return [min(one, most) for one in widths]


def wrapped(text: str, most: int) -> list[str]:
    """The text in lines of that width at most, broken at spaces, and within a word that is longer."""
    lines, line = [], ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if width(joined) <= most:
            line = joined
            continue
        lines += [line] if line else []
        *full, line = _pieces(word, most)
        lines += full
    return [*lines, line]


def _pieces(word: str, most: int) -> list[str]:
    pieces, held = [""], 0
    for character in word:
        if held + _columns(character) > most:
            pieces.append("")
            held = 0
        pieces[-1] += character
        held += _columns(character)
    return pieces


def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _wrapped(cells: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    columns = [wrapped(cell, size) for cell, size in zip(cells, widths, strict=True)]
    for index in range(max(map(len, columns))):
        yield _line([column[index] if index < len(column) else "" for column in columns], widths)


def _below_each_other(head: Sequence[str], cells: Sequence[str], fit: int) -> Iterator[str]:
    """The first cell as a heading, each other one after its column's name."""
    yield from wrapped(cells[0], fit)
    indent = max(map(width, head[1:])) + 2 * GAP
    for name, cell in zip(head[1:], cells[1:], strict=True):
        first, *rest = wrapped(cell, fit - indent)
        yield (" " * GAP + name).ljust(indent) + first
        yield from (" " * indent + part for part in rest)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (size - width(cell)) for cell, size in zip(cells[:-1], widths, strict=False)]
    return (" " * GAP).join([*padded, cells[-1]]).rstrip()
