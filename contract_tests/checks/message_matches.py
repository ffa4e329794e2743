"""The message is the one the table gives for the code, its blanks filled in."""

from __future__ import annotations

import re

from .. import contract
from ..grades import of_row, weakest
from ..model import Exchange
from .base import Check, Graded, Texts, short


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    answer = exchange.answer
    error = (answer.members.get("ResponseMetadata") or {}).get("Error") or {}
    message = answer.members.get("message", error.get("Message"))
    rows = contract.rows_for_code(answer.code) if isinstance(answer.code, int) else ()
    if rows and not any(fits(row.message, message) for row in rows):
        wanted = " or ".join(sorted({row.message for row in rows}))
        grade = weakest(*(of_row(row, exchange.capabilities) for row in rows))
        yield Graded(f"code {answer.code} says {short(message)}, wanted {wanted}", grade)


def fits(template: str, message: object) -> bool:
    pattern = ".*".join(re.escape(part) for part in template.split("%s"))
    return isinstance(message, str) and re.fullmatch(pattern, message, re.DOTALL) is not None


CHECK = Check("message_matches", "the table gives each code its message",
              "S3-50411, S3-50511, S3-50412, S3-50512, S3-50413, P-seen-50413, V-gateway-codes", check)  # fmt: skip
