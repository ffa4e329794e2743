"""Other forms on the wire: headers, compression and spellings of JSON that mean the same."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace

from ..base import AnswerChange, Memory, Message, Mutant


def on_json(change: Callable[[Message], Message]) -> AnswerChange:
    """Every answer with a JSON object, refusals included."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        return change(reply) if reply.members else reply

    return answer


def headers(**values: str) -> AnswerChange:
    """Every answer with these headers, `_` for `-`."""

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        for name, value in values.items():
            reply = reply.with_header(name.replace("_", "-"), value)
        return reply

    return answer


def spelled(how: Callable[[object], str]) -> AnswerChange:
    """Every JSON answer, its document written otherwise."""
    return on_json(lambda reply: replace(reply, body=how(reply.document).encode()))


def cased(change: Callable[[str], str]) -> AnswerChange:
    """Header names in another case."""
    return lambda asked, reply, memory: replace(
        reply, headers=tuple((change(name), value) for name, value in reply.headers)
    )


def _compressed(reply: Message) -> Message:
    return replace(reply.with_header("Content-Encoding", "gzip"), body=gzip.compress(reply.body, mtime=0))


def _without_server(asked: Message, reply: Message, memory: Memory) -> Message:
    return replace(reply, headers=tuple(pair for pair in reply.headers if pair[0].lower() != "server"))


WIRE = (
    Mutant("header names in lower case", (), answer=cased(str.lower)),
    Mutant("header names in upper case", (), answer=cased(str.upper)),
    Mutant("another Server", (), answer=headers(Server="openresty/1.25")),
    Mutant("no Server", (), answer=_without_server),
    Mutant("a cache in between", (), answer=headers(Via="1.1 cache", Age="0", X_Cache="MISS")),
    Mutant("a cookie", (), answer=headers(Set_Cookie="acw_tc=76b20f; path=/; HttpOnly")),
    Mutant("trace headers", (), answer=headers(X_Tt_Logid="20261120", Server_Timing="inner; dur=4")),
    Mutant("CORS headers", (), answer=headers(Access_Control_Allow_Origin="*", Vary="Origin")),
    Mutant("security headers", (), answer=headers(Strict_Transport_Security="max-age=1", X_Frame_Options="DENY")),
    Mutant("JSON with a charset", (), answer=on_json(
        lambda reply: reply.with_header("Content-Type", "application/json; charset=utf-8"))),
    Mutant("JSON with a charset in capitals", (), answer=on_json(
        lambda reply: reply.with_header("Content-Type", "Application/JSON;charset=UTF-8"))),
    Mutant("compressed", (), answer=on_json(_compressed)),
    Mutant("indented JSON", (), answer=spelled(lambda document: json.dumps(document, indent=2, ensure_ascii=False))),
    Mutant("JSON without blanks", (), answer=spelled(
        lambda document: json.dumps(document, separators=(",", ":"), ensure_ascii=False))),
    Mutant("JSON in ASCII", (), answer=spelled(lambda document: json.dumps(document, ensure_ascii=True))),
    Mutant("escaped slashes", (), answer=spelled(lambda document: json.dumps(document).replace("/", "\\/"))),
    Mutant("a line end after JSON", (), answer=spelled(lambda document: json.dumps(document) + "\r\n")),
    Mutant("a line end before JSON", (), answer=spelled(lambda document: "\n" + json.dumps(document))),
)  # fmt: skip
