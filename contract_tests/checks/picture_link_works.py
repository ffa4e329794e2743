"""A link is absolute and gives the picture without credentials."""

from __future__ import annotations

from ..model import Exchange
from .base import Check, Texts, gave_success, short


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    for url in exchange.answer.data.get("image_urls") or ():
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            yield f"the link is {short(url)}, wanted http:// or https://"
    if gave_success(exchange) and exchange.picture_place == "url" and exchange.picture_status != 200:
        yield f"the link answered HTTP {exchange.picture_status or 'nothing'} at once, wanted 200"


CHECK = Check("picture_link_works", "the answer carries a link that lives 24 hours",
              "S3-out-urls, S3-return-url, S1-out-urls, S1-return-url", check)  # fmt: skip
