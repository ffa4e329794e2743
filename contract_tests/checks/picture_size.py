"""The picture keeps its size, but for outpainting, which enlarges it as asked.

No document promises a size for SeedEdit: its own sample answers 1024 x 1024 (S0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import contract
from ..model import Exchange, Request
from ..pictures import Photo
from .base import Check, Graded, Texts, gave_success


def check(exchange: Exchange, memory: dict[str, str]) -> Texts:
    request, facts = exchange.request, exchange.picture_facts
    if not request or not facts or not gave_success(exchange) or request.req_key not in contract.operations():
        return
    if exchange.expect and not exchange.expect.success:
        return
    photo = request.pictures[0] if request.pictures else None
    if not isinstance(photo, Photo) or photo.orientation > 4 or facts.format == "unknown":
        return
    wanted = expected_size(request, photo)
    painter = contract.operations()[request.req_key]["painter"]
    slack = 1 if "assumptions" in exchange.capabilities else SLACK.get(painter, 1)
    if any(abs(found - side) > slack for found, side in zip(facts.size, wanted, strict=True)):
        text = f"the picture is {facts.width}x{facts.height}, wanted {wanted[0]}x{wanted[1]}"
        yield Graded(text, "assumed" if painter == "recolour" else CHECK.grade)


SLACK = {"outpainting": 8}
"""Pixels by which a live service may round a side: models paint in blocks of 8, and no document says how (S2)."""


def expected_size(request: Request, photo: Photo) -> tuple[int, int]:
    """Each side grows by its shares (MR 12); the whole is then capped, proportions kept."""
    if contract.operations()[request.req_key]["painter"] != "outpainting":
        return photo.width, photo.height
    share = _values(request)
    width, height = float(photo.width), float(photo.height)
    if len(request.pictures) == 1:
        width *= 1 + share["left"] + share["right"]
        height *= 1 + share["top"] + share["bottom"]
    factor = min(1.0, share["max_width"] / width, share["max_height"] / height)
    return round(width * factor), round(height * factor)


def _values(request: Request) -> Mapping[str, Any]:
    mode = contract.operations()[request.req_key]["modes"][0]
    members = contract.request_schema(request.req_key, mode)["properties"]
    names = ("top", "bottom", "left", "right", "max_width", "max_height")
    return {name: request.fields.get(name, members[name]["default"]) for name in names}


CHECK = Check("picture_size", "outpainting enlarges by shares, capped; everything else keeps the size",
              "S2-top-bottom, S2-left-right, S2-max-sides, S2-canvas, P-clients-sides", check,
              grade="prose")  # fmt: skip
