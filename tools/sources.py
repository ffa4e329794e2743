"""Checks the quotes of schemas/sources.json against the original documents.

    python tools/sources.py DOCS [SOURCES]        (make sources DOCS=...)

The documents are not part of this project: whoever has them names their folder. White space is
compared loosely, everything else exactly. Exit 0: every quote stands where it should; 1: some do not;
2: a document is missing.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parent.parent / "schemas" / "sources.json"


def squeezed(text: str) -> str:
    """The text with every run of white space as one space, and no byte order mark."""
    return " ".join(text.replace("\ufeff", "").split())


def read_documents(table: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """The documents that have a file, by their name S0..S4. Raises FileNotFoundError."""
    files = {name: row["file"] for name, row in table["documents"].items() if row["file"]}
    return {name: squeezed((folder / file).read_text(encoding="utf-8")) for name, file in files.items()}


def faults(table: Mapping[str, Any], texts: Mapping[str, str]) -> Iterator[str]:
    """One line for each quote that does not stand in its document."""
    for row in table["sources"]:
        quote, document = row["quote"], row["document"]
        if quote is None and document in texts:
            yield f"{row['id']}: cites {document} without a quote"
        elif quote is not None and document not in texts:
            yield f"{row['id']}: quotes {document}, which has no file"
        elif quote is not None and squeezed(quote) not in texts[document]:
            yield f"{row['id']}: {document} does not contain {quote!r}"


def main(arguments: list[str]) -> int:
    """Check the quotes and print what is wrong. Returns the exit code."""
    if not 1 <= len(arguments) <= 2:
        print(__doc__, file=sys.stderr)
        return 2
    table = json.loads(Path(arguments[1] if len(arguments) == 2 else SOURCES).read_text(encoding="utf-8"))
    try:
        texts = read_documents(table, Path(arguments[0]))
    except FileNotFoundError as missing:
        print(f"no such document: {missing.filename}", file=sys.stderr)
        return 2
    found = list(faults(table, texts))
    quotes = sum(row["quote"] is not None for row in table["sources"])
    print("\n".join(found) or f"all {quotes} quotes stand in {len(texts)} documents")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
