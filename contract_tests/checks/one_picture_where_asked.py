"""A success carries exactly one picture: behind a URL when return_url was true, else as base64."""

from __future__ import annotations

from .. import contract
from ..model import Exchange
from .base import Check, Texts, asked_for_url, gave_picture_at_once, short

LISTS = {"base64": "binary_data_base64", "url": "image_urls"}


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    if not gave_picture_at_once(exchange):
        return
    most = contract.output_of(exchange.request.req_key if exchange.request else "")["most"]
    for name in LISTS.values():
        found = exchange.answer.data.get(name)
        if found is not None and not (isinstance(found, list) and len(found) <= most):
            yield f"data.{name} is {short(found)}, wanted a list of at most {most}"
    wanted = "url" if asked_for_url(exchange) else "base64"
    if not exchange.answer.data.get(LISTS[wanted]):
        yield f"no picture in data.{LISTS[wanted]}, though return_url was {asked_for_url(exchange)}"


CHECK = Check("one_picture_where_asked", "one picture, as a link when return_url asks for it",
              "S3-out-base64, S3-out-urls, S3-return-url, S1-out-base64, S1-out-urls, S1-return-url, P-seen-seededit",
              check)  # fmt: skip
