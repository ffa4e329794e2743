"""MR 6: the same bytes as base64 or behind a URL give the same answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ..planning.cases import Ask, Case, Exchanges
from . import builders as b


def asks(kind: str, variant: int) -> dict[str, Ask]:
    request = b.BUILDERS[kind](variant)
    return {"base64": Ask(request), "urls": Ask(replace(request, pictures_in="urls"))}


def compare(exchanges: Exchanges, exact: bool) -> Iterator[str]:
    if why := b.unlike(exchanges["base64"].received_picture, exchanges["urls"].received_picture, exact):
        yield f"the same pictures by URL gave another picture: {why}"


SOURCES = {"removal": "S3-either, S3-urls, S3-base64", "edit": "S1-either, S1-urls, S1-base64",
           "official-edit": "S1-either, S1-urls, S1-base64", "outpainting": "S2-one-picture, S3-either",
           "seededit": "S0-seededit-picture, S3-either"}  # fmt: skip
CASES = tuple(
    Case(f"MR06-{kind}", "pictures may come as base64 or as URLs", source, partial(asks, kind), compare,
         needs=frozenset({"reaches_loopback"}), is_probable=True) for kind, source in SOURCES.items()
)  # fmt: skip
