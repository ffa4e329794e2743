"""The HTTP status is the one the table gives for the code."""

from __future__ import annotations

from .. import contract
from ..model import Exchange
from .base import Check, Texts


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    code = exchange.answer.code
    permitted = {row.http_status for row in contract.rows_for_code(code)} if isinstance(code, int) else set()
    if permitted and exchange.answer.status not in permitted:
        wanted = " or ".join(map(str, sorted(permitted)))
        yield f"code {code} came with HTTP {exchange.answer.status}, wanted {wanted}"


CHECK = Check("http_status_matches", "the table gives each code its HTTP status",
              "S3-10000, S3-50411, S3-50511, S3-50412, S3-50512, S3-50413, V-gateway-codes", check)  # fmt: skip
