"""The one rule that says which contradictions are drift: a live target is held to what is documented or was seen.

What a sentence rests on is its grade (docs/glossary.md). Below `seen` it is a choice or a conclusion of the
project: a contradiction is drift in the mock, which makes that choice, and a warning elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Literal

from . import contract

Severity = Literal["error", "warn", "info"]
GRADES = ("user", "stated", "prose", "example", "seen", "inferred", "assumed")
"""The best first. `user` is what a folder of --contract says."""
HELD = GRADES[: GRADES.index("seen") + 1]
ALWAYS_HELD = frozenset({"key_is_never_echoed"})
"""No document says it, and an answer that repeats a credential harms its owner all the same."""


def severity(check: str, grade: str, capabilities: Set[str]) -> Severity:
    """How grave a contradiction of a sentence with this grade is, for a target with these capabilities."""
    held = "assumptions" in capabilities or check in ALWAYS_HELD or grade in HELD
    return "error" if held else "warn"


def of_row(row: contract.Row, capabilities: Set[str]) -> str:
    """A reseller has its own gateway: the rows of the vendor's are an inference there."""
    return "inferred" if row.envelope == "gateway" and "signs" not in capabilities else row.grade


OF_DATA = frozenset({"algorithm_reports_success", "base64_is_plain", "data_request_id_shape", "one_picture_where_asked",
                     "picture_decodes", "picture_link_works", "picture_size"})  # fmt: skip
"""Checks of `data`, whose sentences stand on the pages S0 to S4."""


def of_operation(check: str, grade: str, req_key: str) -> str:
    """No page says that the newer req_keys answer as those of S0 to S4 do: for them it is a conclusion."""
    return weakest(grade, "inferred") if check in OF_DATA and req_key in contract.newer() else grade


def weakest(*grades: str) -> str:
    """The grade of what needs all of them."""
    return max((grade for grade in grades if grade), key=GRADES.index)


def of_sources(ids: Iterable[str]) -> str:
    """`assumed` when every source is a choice of the project's own, else `stated`."""
    found = [contract.sources()[one] for one in ids if one in contract.sources()]
    return "stated" if any(row["document"] != "choice" for row in found) else "assumed"


def of_source_text(text: str) -> str:
    """The same for a comma-separated list of source ids."""
    return of_sources(one.strip() for one in text.split(","))
