"""Valid requests of one class refused, wrong credentials accepted, and refusals that are wrong now and then."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .. import contract
from ..clock import now_utc
from ..pictures import read_facts
from ..relations.each_valid_class_accepted import TOGETHER
from ..targets.mock import KEY
from .base import AnswerChange, Memory, Message, Mutant, Request, inputs
from .for_one_key import KEYS

OLD_S = 600
EVERY = 6


def refusing(kind: str, is_odd: Callable[[Message], bool]) -> Request:
    """A proxy that refuses the valid requests of one operation that are of a class."""

    def request(asked: Message, memory: Memory) -> Message:
        is_one = asked.method == "POST" and asked.members.get("req_key") == KEYS[kind]
        return asked.with_members(seed="refused") if is_one and is_odd(asked) else asked

    return request


def sides(fits: Callable[[int, int], bool]) -> Callable[[Message], bool]:
    """Whether the picture of a request has sides that fit."""

    def is_odd(asked: Message) -> bool:
        found = inputs(asked)
        return bool(found) and fits(*read_facts(found[0]).size)

    return is_odd


def mask_mode(mode: str) -> Callable[[Message], bool]:
    """Whether the mask of a request has this mode."""

    def is_odd(asked: Message) -> bool:
        found = inputs(asked)
        return len(found) == 2 and read_facts(found[1]).mode == mode

    return is_odd


def _refusal(kind: str, what: str, case: str, is_odd: Callable[[Message], bool]) -> Mutant:
    scenes = (kind, f"{kind}-canvas")
    names = [f"AC-{name}-{scene}" for scene in scenes for name in (case, f"{case}-alone")]
    several = [f"AC-{some[0]}-and-others-{kind}" for some in TOGETHER if case in some]
    return Mutant(f"{kind}: {what} refused", (*names, *several), request=refusing(kind, is_odd))


def has_charset(asked: Message) -> bool:
    """Whether the media type carries a charset."""
    return "charset" in (asked.header("content-type") or "")


def is_older(asked: Message) -> bool:
    """Whether the Action is that of the operation's own page."""
    return "Action=CVProcess" not in asked.query


ODD = sides(lambda width, height: bool(width % 2 or height % 2))
WIDE = sides(lambda width, height: width > 4000 or height > 4000)
REFUSED = (
    *(_refusal(kind, "odd sides", "odd-sides", ODD) for kind in ("edit", "seededit")),
    *(_refusal(kind, "4095 pixels", "widest", WIDE) for kind in ("official-edit", "outpainting")),
    *(_refusal(kind, "a charset", "charset", has_charset) for kind in ("removal", "outpainting")),
    *(_refusal(kind, "its older Action", "older-action", is_older) for kind in ("edit", "outpainting")),
    _refusal("edit", "an RGB mask", "mask-rgb", mask_mode("RGB")),
    _refusal("official-edit", "an RGBA mask", "mask-rgba", mask_mode("RGBA")),
    _refusal("outpainting", "an RGBA mask", "mask-rgba", mask_mode("RGBA")),
    _refusal("seededit", "a large seed", "largest-seed", lambda asked: asked.members.get("seed") == 2**31 - 1),
)


def admitted(asked: Message) -> Message:
    """The request as the upstream accepts it, whatever its credential was."""
    return replace(asked, path="/volcv/v1").with_header("Authorization", f"Bearer {KEY}")


def accepting(path: str, is_wrong: Callable[[Message, str], bool]) -> Request:
    """A proxy that accepts a wrong credential at an endpoint. `is_wrong` gets the Authorization header too."""

    def request(asked: Message, memory: Memory) -> Message:
        if asked.method != "POST" or asked.path != path:
            return asked
        return admitted(asked) if is_wrong(asked, asked.header("authorization") or "") else asked

    return request


def is_out_of_date(asked: Message, credential: str) -> bool:
    """Whether a signature is older or newer than ten minutes."""
    try:
        at = dt.datetime.strptime(asked.header("x-date") or "", "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        return False
    return abs((now_utc() - at).total_seconds()) > OLD_S


def is_of_another_body(asked: Message, credential: str) -> bool:
    """Whether the signed digest is not that of the body."""
    digest = asked.header("x-content-sha256")
    return digest is not None and digest != hashlib.sha256(asked.body).hexdigest()


def _bearer(name: str, case: str, is_wrong: Callable[[Message, str], bool]) -> Mutant:
    return Mutant(name, (f"CR-key-{case}",), request=accepting("/volcv/v1", is_wrong))


def _signed(name: str, case: str, is_wrong: Callable[[Message, str], bool]) -> Mutant:
    return Mutant(name, (f"CR-sign-{case}",), request=accepting("/", is_wrong), endpoint="official")


CREDENTIALS = (
    _bearer("any sk- key accepted", "another-key", lambda asked, one: one.startswith("Bearer sk-")),
    _bearer("a key compared by its beginning", "the-key-with-another-end", lambda asked, one: KEY[:12] in one),
    _bearer("a longer key accepted", "the-key-and-one-more-character", lambda asked, one: KEY in one),
    _bearer("an empty Bearer accepted", "an-empty-bearer", lambda asked, one: one.strip() == "Bearer"),
    _bearer("Basic accepted", "basic-instead-of-bearer", lambda asked, one: one.startswith("Basic ")),
    _bearer("a key without Bearer accepted", "the-key-without-bearer", lambda asked, one: one.startswith("sk-")),
    _signed("a signature not verified", "a-signature-with-another-secret", lambda asked, one: one.startswith("HMAC")),
    _signed("the official endpoint without signature", "no-signature", lambda asked, one: not one),
    _signed("a Bearer key at the official endpoint", "a-bearer-key-instead-of-a-signature",
            lambda asked, one: one.startswith("Bearer")),
    _signed("an expired date accepted", "an-expired-date", is_out_of_date),
    _signed("the body not part of the signature", "a-signature-of-another-body", is_of_another_body),
)  # fmt: skip


def now_and_then(status: int = 400, **members: Any) -> AnswerChange:
    """Some successes become a risk code, with one thing wrong."""
    row = next(row for row in contract.rows_for_code(50411))

    def answer(asked: Message, reply: Message, memory: Memory) -> Message:
        if not reply.is_success:
            return reply
        memory["count"] = memory.get("count", 0) + 1
        if memory["count"] % EVERY:
            return reply
        refusal = {"code": row.code, "status": row.code, "message": row.message, "data": None}
        return replace(reply.with_members(**{**refusal, **members}), status=status)

    return answer


RARE = (
    Mutant("a risk code with a wrong message now and then", ("message_matches",),
           answer=now_and_then(message="Sorry"), needs_traffic=True),
    Mutant("a risk code with HTTP 403 now and then", ("http_status_matches",),
           answer=now_and_then(status=403), needs_traffic=True),
    Mutant("a risk code with HTTP 200 now and then", ("http_status_matches", "success_is_http_200"),
           answer=now_and_then(status=200), needs_traffic=True),
    Mutant("a risk code with data now and then", ("no_data_on_refusal",),
           answer=now_and_then(data={"binary_data_base64": []}), needs_traffic=True),
)  # fmt: skip
ACCEPTANCE = (*REFUSED, *CREDENTIALS, *RARE)
