"""The HTML report: every case with what was sent, what came back, and the pictures, in one file without links."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from html import escape

from ..model import Exchange
from ..pictures import Raw, read_facts, render
from ..runner.verdicts import Result
from .score import Score

SHOWN_BYTES = 300_000
STYLE = """
body{font:15px/1.5 system-ui;margin:2rem auto;max-width:64rem;color:#222}
img{max-height:10rem;border:1px solid #bbb;image-rendering:pixelated;margin:.3rem}
article{padding:.2rem 1rem;margin:1rem 0;background:#f7f7f7}code{font-size:.9em}
.drift{border-left:.4rem solid #c22}.conform{border-left:.4rem solid #2a2}.inconclusive{border-left:.4rem solid #c90}
figure{display:inline-block;margin:.3rem}figcaption{font-size:.8em;color:#555}
"""


def page(results: Sequence[Result], score: Score, target: str) -> str:
    """The report as HTML: drift first, then inconclusive, then conform."""
    order = ("drift", "inconclusive", "conform")
    rows = sorted(results, key=lambda result: order.index(result.verdict))
    body = "\n".join(line for result in rows for line in _case(result))
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>CVProcess contract, {escape(target)}</title>"
        f"<style>{STYLE}</style><h1>CVProcess contract, {escape(target)}</h1><p>{escape(str(score))}</p>{body}</html>\n"
    )


def _case(result: Result) -> Iterator[str]:
    title = escape(f"{result.case_id}: {result.verdict} {result.reason}")
    yield f'<article class="{result.verdict}"><h2>{title}</h2>'
    for finding in result.findings:
        yield f"<p>{escape(finding.line())}</p>"
    for name, exchange in result.exchanges:
        yield from _exchange(name, exchange)
    yield "</article>"


def _exchange(name: str, exchange: Exchange) -> Iterator[str]:
    answer = exchange.answer
    asked, came = escape(repr(exchange.request)[:300]), escape(f"HTTP {answer.status}, {answer.code}")
    yield f"<p><b>{escape(name)}</b> <code>{asked}</code> → {came}</p>"
    for picture in exchange.request.pictures if exchange.request else ():
        if not isinstance(picture, Raw):
            yield _figure(render(picture), repr(picture))
    if exchange.picture:
        yield _figure(exchange.picture, f"answer ({exchange.picture_place})")


def _figure(data: bytes, caption: str) -> str:
    facts = read_facts(data)
    if len(data) > SHOWN_BYTES or facts.format not in ("PNG", "JPEG"):
        return f"<figure><figcaption>{escape(caption)}: {facts.format}, {len(data)} bytes</figcaption></figure>"
    source = f"data:image/{facts.format.lower()};base64,{base64.b64encode(data).decode()}"
    return f'<figure><img src="{source}" alt=""><figcaption>{escape(caption)}</figcaption></figure>'
