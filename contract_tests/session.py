"""A session: one target, every exchange with it, and every check applied to each of them.

Whoever sends (a property, a case, a relation, the state machine) sends through here, so no exchange
escapes a check.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .checks import CHECKS, Check
from .model import Answer, Exchange, Expect, Finding, Request, Sent
from .record.redact import masked
from .targets import Target, Unreachable

EXPECTATION = "answers_as_expected"
Witness = Callable[[Exchange, tuple[Finding, ...]], None]


@dataclass
class Session:
    """Sends, judges, remembers ids, and tells its witnesses (a recorder, a budget) of every exchange."""

    target: Target
    publish: Callable[[bytes], str] | None = None
    before_send: Callable[[Sent], None] = lambda sent: None
    observers: tuple[Witness, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    seen_ids: dict[str, str] = field(default_factory=dict)
    sent_count: int = 0
    case_id: str = ""
    case_source: str = ""

    def ask(self, request: Request, expect: Expect | None = None, **changes: Any) -> Exchange:
        """Send a request as JSON. `changes` replace parts of the HTTP request."""
        return self.post(self.compose(request, **changes), expect)

    def compose(self, request: Request, **changes: Any) -> Sent:
        document = request.body(self.publish)
        document["req_key"] = self.target.aliases.get(request.req_key, document.get("req_key"))
        changes.setdefault("body", json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        return Sent(request=request, **changes)

    def post(self, sent: Sent, expect: Expect | None = None) -> Exchange:
        """Send, look at the answer with every check, and keep what was found."""
        self.before_send(sent)
        self.sent_count += 1
        exchange = self._complete(sent, self.target.send(sent), expect)
        found = tuple(self.judge(exchange))
        self.findings += found
        for observer in self.observers:
            observer(exchange, found)
        return exchange

    def judge(self, exchange: Exchange) -> Iterable[Finding]:
        exact = "assumptions" in exchange.capabilities
        for check in CHECKS:
            for text in _texts_of(check, exchange, self.seen_ids):
                source, severity = self._source(check), "error" if exact else check.severity
                shown = masked(text, self.target.secrets)
                yield Finding(check.name, shown, source, check.sentence, self.case_id, severity)

    def _source(self, check: Check) -> str:
        """What a case is about is a sentence of its own; every other check brings its sentence along."""
        return self.case_source if check.name == EXPECTATION and self.case_source else check.source

    def take_findings(self) -> list[Finding]:
        """What was found since the last time, at most once per check and text."""
        taken, self.findings = list(dict.fromkeys(self.findings)), []
        return taken

    def _complete(self, sent: Sent, answer: Answer, expect: Expect | None) -> Exchange:
        place, status, picture = self._picture(answer)
        return Exchange(
            sent,
            answer,
            self.target.name,
            self.target.capabilities,
            expect,
            picture,
            status,
            place,
            self.target.secrets,
            self.case_id,
            dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        )

    def _picture(self, answer: Answer) -> tuple[str, int, bytes | None]:
        """The answer's picture: from its base64 list, else fetched from its URL."""
        texts, urls = _texts(answer.data, "binary_data_base64"), _texts(answer.data, "image_urls")
        if texts:
            return "base64", 200, _decoded(texts[0])
        if not urls:
            return "", 0, None
        try:
            status, data = self.target.fetch(urls[0])
        except Unreachable:
            return "url", 0, None
        return "url", status, data if status == 200 else None


def _texts_of(check: Check, exchange: Exchange, memory: dict[str, str]) -> Iterator[str]:
    """What a check finds. An answer so odd that the check stumbles is a finding too, never a traceback."""
    try:
        yield from check.look(exchange, memory)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError, ArithmeticError) as error:
        yield f"the answer is too odd to judge: {type(error).__name__}: {error}"[:200]


def _texts(data: Mapping[str, Any], name: str) -> list[str]:
    value = data.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
