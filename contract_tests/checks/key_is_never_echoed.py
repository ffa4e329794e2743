"""No answer repeats a credential, in its headers, its body or its picture, plain or encoded."""

from __future__ import annotations

from volcv_mock.recording.redact import spellings

from ..model import Exchange
from .base import Check, Texts


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    lines = [f"{name}: {value}".encode("utf-8", "replace") for name, value in exchange.answer.headers]
    picture = exchange.picture or b""
    for secret in exchange.secrets:
        for place, text in (("body", exchange.answer.body), ("headers", b"\n".join(lines)), ("picture", picture)):
            if any(spelling in text for spelling in spellings(secret)):
                yield f"the {place} of the answer repeats a credential"


CHECK = Check("key_is_never_echoed", "an answer never repeats the key", "H-choice", check, grade="assumed")
