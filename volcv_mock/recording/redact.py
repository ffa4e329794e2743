"""Redaction of credentials, by place and by value.

By place: headers and query values that carry credentials are masked. By value: a secret that is still
found anywhere, plain, URL-encoded or in base64, stops the save; nothing is ever masked silently there.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit, urlunsplit

from volcv_mock.recording.addresses import ENDPOINT, MASK, path_before_endpoint

SECRET_HEADERS = frozenset({"authorization", "x-security-token", "cookie", "set-cookie", "proxy-authorization"})
SECRET_QUERY = frozenset({"x-signature", "x-credential", "x-security-token", "signature", "token", "sign"})
SECRET_VARIABLES = ("VOLCV_API_KEY", "VOLC_ACCESSKEY", "VOLC_SECRETKEY", "VOLCV_MOCK_API_KEY", "VOLCV_MOCK_SK")
URL_SAFE = bytes.maketrans(b"+/", b"-_")
VISIBLE = re.compile("[!-~]+")
SHORTEST_PART = 8
SHORTEST_GIVEN = 5
_IN_LIST, _IN_URL = re.compile(r"[=,\s]+"), re.compile(r"[/:@?#&=,;\s]+")
KEY_BEGINNINGS = ("sk-", "AKLT", "AKTP")
"""Of resellers, and of the vendor's permanent and temporary access keys."""
_KEY_BEGINNING = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(KEY_BEGINNINGS)})")
_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD")


class SecretFound(Exception):
    """A save was stopped: a credential would have been written. The message never shows it."""


def headers(pairs: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Headers with the secret ones masked; a scheme such as Bearer stays."""
    return [[name, _masked(value) if name.lower() in SECRET_HEADERS else value] for name, value in pairs]


def _masked(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space else MASK


def url(text: str) -> str:
    """A URL with its signed query values masked, and loopback ports, which differ in every run, left out."""
    parts = urlsplit(text)
    if parts.hostname == "127.0.0.1":
        parts = parts._replace(netloc="127.0.0.1")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = "&".join(f"{name}={MASK if name.lower() in SECRET_QUERY else quote(value)}" for name, value in pairs)
    return urlunsplit(parts._replace(query=query))


def known_secrets(environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Every value of the environment that looks like a credential by its name, and by itself.

    The variables of this project count whatever they hold; of others only values long and random enough, so that
    an ordinary word stops no recording. A path to a key file is none; a key that merely starts with a slash, as
    base64 may, is one.
    """
    named = {name for name in environment if any(word in name.upper() for word in _WORDS)} | set(SECRET_VARIABLES)
    values = {name: environment.get(name, "") for name in sorted(named)}
    return tuple(value for name, value in values.items()
                 if len(value) >= SHORTEST_PART and not os.path.exists(value)
                 and (name in SECRET_VARIABLES or looks_random(value)))  # fmt: skip


def looks_random(value: str) -> bool:
    """Whether some run of letters and digits in a value is no word, number or name of a person's making.

    A run of 8 or more counts when it mixes letters and digits, one of 12 or more when it also changes between
    upper and lower case inside, and any of 20 or more.
    """
    return any(_is_random(run) for run in re.findall("[A-Za-z0-9]+", value))


def parts_given(values: Iterable[str]) -> list[str]:
    """Values that a person gave, whole and in the parts that a URL or a list has, also percent-decoded; longest first.
    A library may quote any of them. Shorter ones, such as a port, are left out."""
    texts = [text for value in values for text in (value, unquote(value))]
    parts = {part for text in texts for part in (text, *_IN_LIST.split(text), *_IN_URL.split(text))}
    return sorted((part for part in parts if len(part) >= SHORTEST_GIVEN), key=len, reverse=True)


def mask_key(key: str) -> str:
    """The part of a key that may be shown: its kind, and no character that identifies it."""
    beginning = next(filter(key.startswith, KEY_BEGINNINGS), "")
    return f"{beginning}{MASK}"


def is_like_key(text: str) -> bool:
    """Whether a text that was given for something else may be a key: it begins as one, or it is random and no path."""
    is_named = len(text) >= SHORTEST_PART and text.startswith(KEY_BEGINNINGS)
    return is_named or (not set(text) & set("./\\:") and looks_random(text))


@lru_cache(maxsize=64)
def requested_path(path: str) -> str:
    """A path that was requested, with what may be a credential in it masked: all that stands before an endpoint, as in
    an address, and elsewhere each segment that may be a key. Other segments stay: they tell what was called, also when
    it was an endpoint twice, as of a client that adds the path to a base URL that has it."""
    before = path_before_endpoint(path)
    if before.replace(ENDPOINT, "").strip("/"):
        return f"/{MASK}{path[len(before) :]}"
    return "/".join(MASK if _may_be_key(unquote(each)) else each for each in path.split("/"))


def _may_be_key(segment: str) -> bool:
    return "@" in segment or _KEY_BEGINNING.search(segment) is not None or looks_random(segment)


def _is_random(run: str) -> bool:
    mixes = not run.isalpha() and not run.isdigit()
    changes = re.search("[a-z][A-Z]+[a-z]*[A-Z]", run) is not None
    return len(run) >= 20 or (len(run) >= SHORTEST_PART and mixes) or (len(run) >= 12 and changes)


@lru_cache(maxsize=64)
def spellings(secret: str) -> tuple[bytes, ...]:
    """A secret as it might appear: plain, escaped, URL-encoded, and in either base64 alphabet at each of three offsets.

    Its visible ASCII parts count too: a library that quotes a key with a line end in it escapes the line end.
    """
    parts = [part for part in VISIBLE.findall(secret) if len(part) >= SHORTEST_PART]
    found = [spelled for one in dict.fromkeys([secret, *parts]) for spelled in _spelled(one)]
    return tuple(sorted(dict.fromkeys(found), key=len, reverse=True))


def _spelled(secret: str) -> Iterator[bytes]:
    plain = secret.encode("utf-8", "surrogateescape")
    yield plain
    yield from (text[1:-1].encode() for text in (ascii(secret), json.dumps(secret), ascii(plain)[1:]))
    for quoted in (quote(plain, safe=""), quote_plus(plain)):
        yield from (quoted.encode(), _lower(quoted).encode())
    for piece in (_inside(plain, before) for before in range(3)):
        if len(piece) >= SHORTEST_PART:
            yield from (piece, piece.translate(URL_SAFE))


def _lower(quoted: str) -> str:
    """%2F written %2f: both are in use."""
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quoted)


def masked(text: str, secrets: Iterable[str]) -> str:
    """A text for a person, with every spelling of every secret masked."""
    for secret in filter(None, secrets):
        for spelling in spellings(secret):
            text = text.replace(spelling.decode("utf-8", "surrogateescape"), MASK)
    return text


def _inside(plain: bytes, before: int) -> bytes:
    """The base64 characters that depend on the secret alone, when `before` bytes (modulo 3) precede it."""
    coded = base64.b64encode(b"\0" * before + plain).rstrip(b"=")
    is_mixed = (before + len(plain)) % 3 != 0
    return coded[(0, 2, 3)[before] : len(coded) - is_mixed]


def assert_clean(data: bytes, secrets: Iterable[str], what: str) -> None:
    """Raise SecretFound when any spelling of any secret is in `data`."""
    for number, secret in enumerate(secrets, start=1):
        if secret and any(spelling in data for spelling in spellings(secret)):
            raise SecretFound(f"{what} was not saved: it holds credential number {number} of {len(tuple(secrets))}")
