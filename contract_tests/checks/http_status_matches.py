"""The HTTP status is the one the table gives for the code.

Where the table rests on our assumption, the status is not known.
"""

from __future__ import annotations

from .. import contract
from ..grades import of_row, weakest
from ..model import Exchange
from .base import Check, Graded, Texts


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    """As sure as the least sure status of the rows with this code."""
    code = exchange.answer.code
    rows = contract.rows_for_code(code) if isinstance(code, int) else ()
    permitted = {row.http_status for row in rows}
    if permitted and exchange.answer.status not in permitted:
        wanted = " or ".join(map(str, sorted(permitted)))
        text = f"code {code} came with HTTP {exchange.answer.status}, wanted {wanted}"
        yield Graded(text, weakest(*(weakest(of_row(row, exchange.capabilities), row.status_grade) for row in rows)))


CHECK = Check("http_status_matches", "the table gives each code its HTTP status",
              "S3-10000, S3-50411, S3-50511, S3-50412, S3-50512, S3-50413, V-gateway-codes", check)  # fmt: skip
