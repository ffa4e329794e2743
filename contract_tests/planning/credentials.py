"""Wrong credentials: a Bearer key or a signature that must be refused before anything is looked at.

Made from the target's own credentials, because a target that compares only the beginning of a key, or verifies no
signature, shows it only to a credential that is nearly right.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import httpx

from ..clock import now_utc
from ..model import Sent
from ..targets import Target
from ..targets.official import Signature

Headers = dict[str, str]
BEARER: Mapping[str, Callable[[str], str]] = {
    "none": lambda key: "",
    "another key": lambda key: f"Bearer {_other(key)}",
    "the key and one more character": lambda key: f"Bearer {key}0",
    "the key with another end": lambda key: f"Bearer {key[:-4]}{_other(key[-4:])}",
    "an empty Bearer": lambda key: "Bearer",
    "Basic instead of Bearer": lambda key: "Basic dXNlcjpwYXNzd29yZA==",
    "the key without Bearer": lambda key: _other(key),
}
"""By name, the value of Authorization, made from the target's own key."""


STAND_IN, STAND_IN_SIGNATURE = "sk-0123456789abcdef", Signature("AKLT0123456789", "c2VjcmV0")
"""For a recording, which holds no credentials."""


def _other(key: str) -> str:
    """A key of the same form and length: letters and digits are exchanged for others, a leading sk- stays."""
    head = "sk-" if key.startswith("sk-") else ""
    return head + "".join(_next(one) for one in key[len(head) :])


def _next(character: str) -> str:
    """The letter or digit after it, from its end to its beginning."""
    for first, last in (("0", "9"), ("a", "z"), ("A", "Z")):
        if first <= character <= last:
            return first if character == last else chr(ord(character) + 1)
    return character


def _signed(request: httpx.Request, auth: httpx.Auth) -> Headers:
    next(auth.auth_flow(request))
    return {name: request.headers[name] for name in ("Authorization", "X-Date", "X-Content-Sha256")}


def _wrong_secret(request: httpx.Request, auth: Signature) -> Headers:
    return _signed(request, Signature(auth.access_key, _other(auth.secret_key)))


def _of_another_body(request: httpx.Request, auth: Signature) -> Headers:
    """Signed for a body that is not sent; its digest stands in the header, as signed."""
    other = httpx.Request(request.method, request.url, headers=request.headers, content=request.content + b" ")
    return _signed(other, auth)


def _at(offset: dt.timedelta, request: httpx.Request, auth: Signature) -> Headers:
    return _signed(request, Signature(auth.access_key, auth.secret_key, lambda: now_utc() + offset))


SIGNATURES: Mapping[str, Callable[[httpx.Request, Signature], Headers]] = {
    "no signature": lambda request, auth: {},
    "a Bearer key instead of a signature": lambda request, auth: {"Authorization": "Bearer sk-0123456789abcdef"},
    "a signature with another secret": _wrong_secret,
    "a signature of another body": _of_another_body,
    "an expired date": partial(_at, dt.timedelta(hours=-2)),
    "a date to come": partial(_at, dt.timedelta(hours=2)),
}


def with_wrong(name: str, sent: Sent, target: Target) -> Sent:
    """The request with this wrong credential, and none of the target's own."""
    bare = replace(sent, is_authorized=False)
    return replace(bare, headers=(*sent.headers, *_headers(name, bare, target).items()))


def _headers(name: str, bare: Sent, target: Target) -> Headers:
    if name in BEARER:
        _, _, key = target.credentials.get("Authorization", "").partition(" ")
        value = BEARER[name](key or STAND_IN)
        return {"Authorization": value} if value else {}
    auth = next((one for one in (target.auth, target.signature) if isinstance(one, Signature)), STAND_IN_SIGNATURE)
    return SIGNATURES[name](target.prepare(bare), auth)
