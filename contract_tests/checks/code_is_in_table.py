"""Every code that comes back is one the table knows."""

from __future__ import annotations

from .. import contract
from ..model import Exchange
from .base import Check, Texts, is_service_answer, short


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if is_service_answer(exchange) and not contract.rows_for_code(exchange.answer.code):
        yield f"code {short(exchange.answer.code)} is in no table"


CHECK = Check("code_is_in_table", "the codes are those of the table", "S3-10000, P-clients-codes, V-visual-codes",
              check)  # fmt: skip
