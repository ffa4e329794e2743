"""HTTP 200, code 10000 and the word Success come together or not at all (MR 16)."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if exchange.sent.method != "POST":
        return
    answer = exchange.answer
    signs = {"HTTP 200": answer.status == 200, "code 10000": answer.code == 10000,
             "message Success": answer.members.get("message") == "Success"}  # fmt: skip
    if len(set(signs.values())) > 1:
        yield "only some signs of success: " + ", ".join(name for name, is_there in signs.items() if is_there)


CHECK = Check("success_is_http_200", "200 10000 Success", "S3-10000, S1-10000", check)
