"""One case of the HTML report: what the documents say beside what was found, then its exchanges with their pictures."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Any

from volcv_mock.recording.exchanges import as_record

from .. import contract
from ..model import Exchange, Expect, Finding
from ..pictures import Raw, read_facts, render
from ..runner.verdicts import Result

SHOWN_BYTES = 300_000
"""A larger picture is named, not shown."""
SHOWN_TEXT = 4_000
"""Characters of a request or an answer."""
LONG = 120
"""Texts in them, such as a picture, are cut to this length."""


@dataclass
class PagePictures:
    """The pictures of the page, each once; an image element gets its own when its case is opened."""

    by_digest: dict[str, str] = field(default_factory=dict)

    def add(self, data: bytes, kind: str) -> str:
        """Keep a picture; returns the name by which an element refers to it."""
        name = hashlib.sha256(data).hexdigest()[:16]
        self.by_digest.setdefault(name, f"data:image/{kind.lower()};base64,{base64.b64encode(data).decode()}")
        return name


def case(result: Result, pictures: PagePictures) -> str:
    """A case as a section to open; open when it drifted."""
    reason = f": {result.reason}" if result.reason else ""
    title = f'{escape(result.case_id)} <span class="verdict">{result.verdict}</span>{escape(reason)}'
    told = "".join(_findings(result))
    exchanges = "".join(_exchange(name, one, result, pictures) for name, one in result.exchanges)
    return (
        f'<details class="{result.verdict}" id="{escape(result.case_id)}" data-verdict="{result.verdict}" '
        f'data-operations="{escape(" ".join(operations_of(result)))}"{" open" * (result.verdict == "drift")}>'
        f"<summary>{title}</summary>{told}{exchanges}</details>"
    )


def operations_of(result: Result) -> tuple[str, ...]:
    """The req_keys that a case is about, also of one that was not sent: its obligations name them."""
    asked = {one.request.req_key for _, one in result.exchanges if one.request and one.request.req_key}
    asked |= {word for obligation in result.obligations for word in obligation.split(" ")[1:2]}
    return tuple(sorted(asked & set(contract.operations()) | result.operations))


def _findings(result: Result) -> Iterator[str]:
    if not result.findings:
        return
    yield '<div class="scroll"><table><tr><th>found</th><th>expected</th><th>the documents say</th></tr>'
    for finding in result.findings:
        cells = escape(finding.text), escape(_expected(finding)), _sources(finding)
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</table></div>"


def _expected(finding: Finding) -> str:
    weight = {"error": "", "warn": " (a warning: no document promises it)", "info": " (for information)"}
    return f"{finding.sentence}{weight[finding.severity]}"


def _sources(finding: Finding) -> str:
    quote = contract.quote(finding.source)
    certainty = f"{finding.grade}; check {finding.check}"
    return f'{escape(quote or finding.source)}<br><span class="faint">{escape(certainty)}</span>'


def _exchange(name: str, exchange: Exchange, result: Result, pictures: PagePictures) -> str:
    answer = exchange.answer
    code = "no code" if answer.code is None else f"code {answer.code}"
    figures = "".join(_figures(exchange, pictures, is_shown=result.verdict == "drift"))
    return (
        f"<h3>{escape(name)}: HTTP {answer.status}, {escape(code)}</h3>"
        f'<p class="faint">{escape(wanted(exchange.expect))}</p>'
        f"<pre>{escape(_sent(exchange))}</pre><pre>{escape(_received(exchange))}</pre>"
        f'<div class="pictures">{figures}</div>'
    )


def wanted(expect: Expect | None) -> str:
    """What a document promises for the request, in words."""
    if expect is None:
        return "expected: nothing in particular"
    if expect.success:
        return "expected: success (HTTP 200, code 10000)"
    row = contract.rows().get(expect.row)
    answer = f"HTTP {row.http_status}, code {row.code if row.code is not None else row.name}" if row else "any refusal"
    return f"expected: {answer}" + (f", for the rule {expect.rule}" if expect.rule else "")


def _sent(exchange: Exchange) -> str:
    sent = exchange.sent
    query = "&".join(f"{name}={value}" for name, value in sent.query)
    body = exchange.request.skeleton() if exchange.request else f"{len(sent.body)} bytes"
    return _cut(f"{sent.method} {sent.path or ''}?{query}\n{_json(body)}")


def _received(exchange: Exchange) -> str:
    """The answer as it is recorded, that is without signatures of links."""
    body = as_record(exchange, {})["answer"]["body"]
    if isinstance(body, dict) and "$json" in body:
        body = json.loads(body["$json"])
    return _cut(f"HTTP {exchange.answer.status}\n{_json(body)}")


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(_short(value), ensure_ascii=False, indent=2)


def _short(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _short(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_short(one) for one in value]
    return f"{value[:LONG]}… ({len(value)} characters)" if isinstance(value, str) and len(value) > LONG else value


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]}\n… ({len(text)} characters)"


def _figures(exchange: Exchange, pictures: PagePictures, *, is_shown: bool) -> Iterator[str]:
    for picture in exchange.request.pictures if exchange.request else ():
        if not isinstance(picture, Raw):
            yield _figure(render(picture), f"sent: {described(picture)}", pictures, is_shown=is_shown)
    if exchange.picture:
        place = "as a link" if exchange.picture_place == "url" else "as base64"
        yield _figure(exchange.picture, f"received {place}", pictures, is_shown=is_shown)


def described(picture: object) -> str:
    """A picture in words: "photo, 64x64, JPEG, RGB, scene 0"."""
    kind, _, rest = repr(picture).partition("(")
    return f"{kind.lower()}, {rest[:-1]}"


def _figure(data: bytes, caption: str, pictures: PagePictures, *, is_shown: bool) -> str:
    facts = read_facts(data)
    if len(data) > SHOWN_BYTES or facts.format not in ("PNG", "JPEG"):
        return (
            f"<figure><figcaption>{escape(caption)}: {facts.format}, {len(data)} bytes, not shown</figcaption></figure>"
        )
    name = pictures.add(data, facts.format)
    source = f'src="{pictures.by_digest[name]}"' if is_shown else f'data-picture="{name}"'
    return f'<figure><img {source} alt="{escape(caption)}"><figcaption>{escape(caption)}</figcaption></figure>'
