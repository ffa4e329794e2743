"""Whether a run reached the API at all. A refused key, a wrong path and a foreign server say nothing of conformance.

A single refusal of this kind may be drift; only a run in which every request that should succeed got one is not judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from volcv_mock.recording.redact import masked

from ..generate import plain_request
from ..model import SUCCESS, Exchange
from ..targets import Target
from .in_front import first_words, is_of_api, is_page, server_of
from .session import Session
from .verdicts import REFUSED_CREDENTIALS, Result, was_wanted

NO_CONTACT = "no_contact"
"""The member of a run's facts that says why nothing of it is judged."""
NO_ROUTE = (404, 405)
KEY, PATH, OTHER = "key", "path", "other"


def why_not_reached(results: Sequence[Result], target: Target) -> str:
    """Why the answers are not those of the API to a client it knows; empty when they are."""
    sent = list(_authorized(results))
    valid = [one for one in sent if one.expect and one.expect.success]
    kinds = Counter(filter(None, map(kind_of, valid or sent)))
    was_ended = not valid and any(one.reason == "unwelcome" for one in results) and kinds[KEY]
    if not sent or not (was_ended or kinds.total() == len(valid or sent)):
        return ""
    kind = KEY if was_ended else kinds.most_common(1)[0][0]
    example = next(one for one in valid or sent if kind_of(one) == kind)
    return f"{cause_of(kind, example, target)} Nothing is said of its conformance."


def why_first_refused(target: Target) -> str:
    """The same of one valid request, for runs that judge each case by itself. Raises Unreachable."""
    exchange = Session(target).ask(plain_request("i2i_inpainting"), SUCCESS)
    kind = kind_of(exchange)
    return cause_of(kind, exchange, target) if kind else ""


def kind_of(exchange: Exchange) -> str:
    """What kept the API from looking at a request that should have reached it; empty when nothing did."""
    answer = exchange.answer
    if answer.status >= 500:  # an outage: the address and the key may be right
        return ""
    if answer.status in REFUSED_CREDENTIALS and not (was_wanted(exchange) or is_page(answer.body)):
        return KEY
    if not is_of_api(answer):
        return OTHER
    return PATH if answer.status in NO_ROUTE else ""


def _authorized(results: Iterable[Result]) -> Iterator[Exchange]:
    for result in results:
        for exchange, _ in result.recorded:
            if exchange.expect and exchange.sent.is_authorized and exchange.step == "sync":
                yield exchange


def cause_of(kind: str, example: Exchange, target: Target) -> str:
    """A kind of refusal in words, with what to correct."""
    status = f"HTTP {example.answer.status}"
    if kind == KEY:
        return f"the target refuses the key ({status}). {target.key_hint}".rstrip()
    if kind == PATH:
        return f"the target serves no CVProcess at this path ({status}). Correct the path in --base-url."
    content = example.answer.header("content-type") or "no Content-Type"
    server, words = server_of(example.answer) or "unnamed", masked(first_words(example.answer.body), target.secrets)
    what = f"{status}, {content}, Server {server}, {words}"
    return f"what answers is no CVProcess: {what}. Correct the address."


def as_unjudged(results: Iterable[Result], why: str) -> list[Result]:
    """The results of a run that did not reach the API: none of them is a verdict."""
    return [replace(one, verdict="inconclusive", reason=why, findings=()) for one in results]
