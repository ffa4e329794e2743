"""A session: one target, every exchange with it, and every check applied to each exchange.

Properties, cases, relations and the state machine all send through here, so no exchange goes unchecked.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from volcv_mock.recording.redact import masked

from .. import grades
from ..checks import CHECKS, Check
from ..checks.base import Graded
from ..clock import Now, now_utc
from ..model import Answer, Exchange, Expect, Finding, PicturePlace, Request, Sent
from ..targets import BadConfiguration, NotRecorded, NotSent, Target, Unreachable
from .in_front import first_words, is_of_api, is_page, server_of, who_answered
from .stopping import Stop

EXPECTATION = "answers_as_expected"
Observer = Callable[[Exchange, tuple[Finding, ...]], None]


@dataclass
class Session:
    """Sends, checks, remembers ids, and passes every exchange to its observers (a recorder, a budget)."""

    target: Target
    publish: Callable[[bytes], str] | None = None
    before_send: Callable[[Sent], None] = lambda sent: None
    not_sent: Callable[[Sent], None] = lambda sent: None
    stop: Stop = field(default_factory=Stop)
    now: Now = now_utc
    observers: tuple[Observer, ...] = ()
    findings: list[Finding] = field(default_factory=list)
    seen_ids: dict[str, str] = field(default_factory=dict)
    servers: set[str] = field(default_factory=set)
    """The Server headers of the answers that were the API's."""
    case_id: str = ""
    case_source: str = ""

    def ask(self, request: Request, expect: Expect | None = None, **changes: Any) -> Exchange:
        """Send a request as JSON. `changes` replace parts of the HTTP request."""
        return self.post(self.compose(request, **changes), expect)

    def compose(self, request: Request, **changes: Any) -> Sent:
        """The request as it is sent to this target; `changes` replace parts of it."""
        document = request.body(self.publish)
        if request.req_key in self.target.aliases:
            document["req_key"] = self.target.aliases[request.req_key]
        changes.setdefault("body", json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        return Sent(request=request, **changes)

    def post(self, sent: Sent, expect: Expect | None = None) -> Exchange:
        """Send, apply every check to the answer, and keep what was found.

        A request that cannot be sent raises before `before_send` books it, or is reported to `not_sent`.
        """
        self.target.prepare(sent)
        self.before_send(sent)
        try:
            with self.stop.waiting():
                answer = self.target.send(sent)
        except (BadConfiguration, NotSent):
            self.not_sent(sent)
            raise
        return self.received(sent, answer, expect)

    def received(self, sent: Sent, answer: Answer, expect: Expect | None = None) -> Exchange:
        """Apply every check to an answer, keep what was found, and show it to the observers."""
        exchange = self._complete(sent, answer, expect)
        found = tuple(self.check(exchange))
        self.findings += found
        for observer in self.observers:
            observer(exchange, found)
        return exchange

    def check(self, exchange: Exchange) -> Iterable[Finding]:
        """What the checks find in one exchange, with the credentials masked."""
        for check in CHECKS if not exchange.in_front else [one for one in CHECKS if one.name in grades.ALWAYS_HELD]:
            for found in _texts_of(check, exchange, self.seen_ids):
                text, grade = (found.text, found.grade) if isinstance(found, Graded) else (found, check.grade)
                grade = grades.of_operation(check.name, grade, exchange.request.req_key if exchange.request else "")
                severity = grades.severity(check.name, grade, exchange.capabilities)
                shown = masked(text, self.target.secrets)
                source = self._source(check)
                yield Finding(check.name, shown, source, check.sentence, self.case_id, severity, grade=grade)

    def _source(self, check: Check) -> str:
        """The expectation of a case has the source of the case; every other check has its own."""
        return self.case_source if check.name == EXPECTATION and self.case_source else check.source

    def take_findings(self) -> list[Finding]:
        """The findings since the last call, at most once per check and text."""
        taken, self.findings = list(dict.fromkeys(self.findings)), []
        return taken

    def _complete(self, sent: Sent, answer: Answer, expect: Expect | None) -> Exchange:
        in_front = who_answered(answer, self.target.capabilities, self.servers)
        if is_of_api(answer):
            self.servers.add(server_of(answer))
        place, status, picture = self._picture(answer)
        if picture is not None and place == "url" and is_page(picture):
            in_front, picture = f"something in front of the link answered: {first_words(picture)}", None
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
            self.now().isoformat(timespec="milliseconds"),
            in_front,
        )

    def _picture(self, answer: Answer) -> tuple[PicturePlace, int, bytes | None]:
        """The answer's picture: from its base64 list, else fetched from its URL."""
        texts, urls = _texts(answer.data, "binary_data_base64"), _texts(answer.data, "image_urls")
        if texts:
            return "base64", 200, _decoded(texts[0])
        if not urls:
            return "", 0, None
        try:
            with self.stop.waiting():
                status, data = self.target.fetch(urls[0])
        except NotRecorded:
            raise
        except Unreachable:
            return "url", 0, None
        return "url", status, data if status == 200 else None


def _texts_of(check: Check, exchange: Exchange, memory: dict[str, str]) -> Iterator[str | Graded]:
    """What a check finds. An answer that makes a check raise is a finding too, never a traceback."""
    try:
        yield from check.find_texts(exchange, memory)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, OverflowError, ArithmeticError) as error:
        yield f"the answer cannot be checked: {type(error).__name__}: {error}"[:200]


def _texts(data: Mapping[str, Any], name: str) -> list[str]:
    value = data.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
