"""The pages and their fenced blocks, for the tests that run them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
DOCS = ROOT / "docs"
FOR_DEVELOPERS = (ROOT / "CONTRIBUTING.md", ROOT / "ARCHITECTURE.md")
PAGES = (README, *FOR_DEVELOPERS, *sorted(DOCS.glob("*.md")))

WRITTEN_HOST = "127.0.0.1:8410"
"""What the pages write; a test puts its own mock's address there."""

_BLOCK = re.compile(r"^```([^\n`]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `language` is all that stands behind the fence."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass(frozen=True, slots=True)
class Example:
    """An `http` block: a request, and what must come back. A header shown need only be a part of the real one."""

    method: str
    target: str
    headers: dict[str, str]
    body: str
    status: int
    answer_headers: dict[str, str]
    members: str


def blocks(page: Path, language: str) -> list[Block]:
    """The blocks of a page in one language, in order."""
    text = page.read_text(encoding="utf-8")
    found = (Block(page, text.count("\n", 0, m.start()) + 1, m[1].strip(), m[2]) for m in _BLOCK.finditer(text))
    return [block for block in found if block.language == language]


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return _BLOCK.sub("", page.read_text(encoding="utf-8"))


def example(block: Block) -> Example:
    asked, _, answered = block.text.partition("\nHTTP/1.1 ")
    (line, headers), body = _head(asked)
    (status, answer_headers), members = _head(answered)
    method, _, target = line.partition(" ")
    return Example(method, target, headers, body, int(status), answer_headers, members)


def _head(text: str) -> tuple[tuple[str, dict[str, str]], str]:
    head, _, rest = text.strip().partition("\n\n")
    first, *rows = head.splitlines()
    pairs = (row.partition(":") for row in rows)
    return (first, {name: value.strip() for name, _, value in pairs}), rest.strip()


def holds(part: Any, whole: Any) -> bool:
    """Whether `whole` has every member that `part` shows."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and holds(each, whole[name]) for name, each in part.items())
    return bool(part == whole)
