"""The HTTP status is the one the table gives for the code.

Where the table rests on our assumption, the status is not known, and only the mock is held to it.
"""

from __future__ import annotations

from .. import contract
from ..model import Exchange
from .base import Check, Texts


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    """A paid target is held to the statuses that a document or a real answer shows."""
    code = exchange.answer.code
    rows = contract.rows_for_code(code) if isinstance(code, int) else ()
    if "assumptions" not in exchange.capabilities and any(row.status_grade in contract.OWN_GRADES for row in rows):
        return
    permitted = {row.http_status for row in rows}
    if permitted and exchange.answer.status not in permitted:
        wanted = " or ".join(map(str, sorted(permitted)))
        yield f"code {code} came with HTTP {exchange.answer.status}, wanted {wanted}"


CHECK = Check("http_status_matches", "the table gives each code its HTTP status",
              "S3-10000, S3-50411, S3-50511, S3-50412, S3-50512, S3-50413, V-gateway-codes", check)  # fmt: skip
