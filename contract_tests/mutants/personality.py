"""A service with a hidden personality: it plays a choice of alternatives by altering requests and answers itself.

It stands in front of the mock in its default readings and uses neither the mock's switches nor its code for readings,
so that what `calibrate` finds in it proves something. It knows which rule the mock refused by from the reason header.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from .. import contract
from ..calibration.points import Point, points
from . import personality_answers as answers
from . import personality_repairs as repairs
from . import personality_rules as rules
from .base import Message, with_inputs
from .transport import OWN_HEADERS

LOOPBACK = "http://127.0.0.1:"
RULE = re.compile(r"\(rule (\w+)")
MOST_REPAIRS = 4


def drawn(seed: int) -> dict[str, str]:
    """A choice of alternatives: for each point one of its own, at random."""
    draw = random.Random(seed)
    chosen: dict[str, str] = {}
    by_rule: dict[str, str] = {}
    for name, point in sorted(points().items()):
        if point.rule:
            row = by_rule.setdefault(point.rule, draw.choice(rows_for(point)))
            chosen[name] = point.named.get(row, row)
        else:
            chosen[name] = draw.choice(list(point.answers))
    return chosen


def rows_for(point: Point) -> list[str]:
    """The rows that may answer a point's rule."""
    served = contract.row_for_rule(point.rule)
    candidates = contract.read("codes.json")["open_answers"]["candidates"].get(served.envelope, [])
    return list(dict.fromkeys([served.id, *candidates])) if served.code != 10000 else [served.id]


@dataclass
class PersonalityTransport(httpx.BaseTransport):
    """Passes requests on to `inner`, and answers as `chosen` (point -> alternative) would."""

    inner: httpx.BaseTransport
    chosen: Mapping[str, str]
    rows: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    """Link -> the picture behind it, where it is not the mock's."""

    def __post_init__(self) -> None:
        for name, alternative in self.chosen.items():
            point = points()[name]
            if point.rule:
                named = {known: row for row, known in point.named.items()}
                self.rows[point.rule] = named.get(alternative, alternative)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer of this service."""
        url = request.url
        if str(url) in self.pictures:
            return httpx.Response(200, headers=[("Content-Type", "image/jpeg")], content=self.pictures[str(url)])
        headers, query = tuple(request.headers.multi_items()), url.query.decode()
        asked = self._with_pictures(request, Message(headers, request.read(), request.method, url.path, query))
        reply = self._answered(request, asked)
        return httpx.Response(reply.status, headers=[*reply.headers], content=reply.body)

    def _answered(self, request: httpx.Request, asked: Message) -> Message:
        passed = repairs.before(asked, self.chosen)
        reply = self._passed(request, passed)
        for _ in range(MOST_REPAIRS):
            rule = _rule_of(reply)
            repaired = repairs.after(rule, passed, self.chosen) if rule else None
            if repaired is None:
                break
            passed = repaired
            reply = self._passed(request, passed)
        rule = _rule_of(reply) or (rules.broken(asked, self.chosen) if reply.is_success or reply.status == 200 else "")
        if rule:
            return self._refused(asked, reply, rule)
        if not reply.is_success:  # a code that was asked for
            return answers.wrapped(reply, asked, self.chosen)
        return answers.changed(asked, reply, self.chosen, self._fetched, self.pictures.__setitem__)

    def _with_pictures(self, request: httpx.Request, asked: Message) -> Message:
        """The request with the pictures behind its URLs, which this service looks at itself."""
        urls = asked.members.get("image_urls")
        if not urls or not isinstance(urls, list) or asked.members.get("binary_data_base64"):
            return asked
        if not all(isinstance(url, str) and url.startswith(LOOPBACK) for url in urls):
            return asked
        try:
            pictures = [httpx.get(url, trust_env=False).content for url in urls]
        except httpx.HTTPError:
            return asked
        return with_inputs(asked.without("image_urls"), pictures)

    def _passed(self, request: httpx.Request, message: Message) -> Message:
        headers = [pair for pair in message.headers if pair[0].lower() not in OWN_HEADERS]
        url = request.url.copy_with(path=message.path, query=message.query.encode() or None)
        response = self.inner.handle_request(httpx.Request(message.method, url, headers=headers, content=message.body))
        kept = tuple(pair for pair in response.headers.multi_items() if pair[0].lower() not in OWN_HEADERS)
        return Message(kept, response.read(), status=response.status_code)

    def _fetched(self, link: str) -> bytes:
        return self.pictures.get(link) or self.inner.handle_request(httpx.Request("GET", link)).read()

    def _refused(self, asked: Message, reply: Message, rule: str) -> Message:
        """The refusal of a rule, in the envelope of the row that was chosen for it."""
        row_id = self.rows.get(rule, contract.row_for_rule(rule).id)
        is_mine = _rule_of(reply) != rule or row_id != contract.row_for_rule(rule).id
        refused = answers.refusal(row_id, asked, reply) if is_mine else reply
        return answers.headers_of(answers.wrapped(refused, asked, self.chosen), row_id, asked, self.chosen)


def _rule_of(reply: Message) -> str:
    found = RULE.search(reply.header("x-volcv-mock-reason") or "")
    return found[1] if found and not reply.is_success else ""


def dumped(document: Any) -> bytes:
    """JSON without spaces."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
