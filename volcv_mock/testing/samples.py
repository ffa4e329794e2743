"""Small valid request bodies, for tests and benchmarks without pictures of their own."""

from __future__ import annotations

import base64
from functools import cache
from typing import Any

from volcv_mock import contract
from volcv_mock.contract.samples import least_pictures, sample_members
from volcv_mock.imaging import png_writer

SIDE = 64
GREY, BLACK, WHITE = (128,), (0,), (255,)


def body(req_key: str, **parameters: Any) -> dict[str, Any]:
    """A body that passes every check. Raises ValueError for an unknown req_key."""
    known = contract.operations()
    if req_key not in known:
        near = contract.nearest(req_key, known)
        hint = f" Did you mean {near!r}?" if near else ""
        raise ValueError(f"unknown req_key {req_key!r}; permitted: {', '.join(known)}.{hint}")
    operation = known[req_key]
    mode = next((mode for mode in operation.modes if not mode.startswith("urls")), operation.modes[0])
    prompt = {operation.prompt_field: "a red kite"} if operation.prompt_field else {}
    given = {"req_key": req_key, **_pictures(req_key, mode), **prompt, **parameters}
    return {**sample_members(req_key, mode, given), **given}


def _pictures(req_key: str, mode: str) -> dict[str, list[str]]:
    """As many pictures as the mode needs; by URL only when the req_key takes nothing else."""
    field, roles = contract.picture_field(mode), contract.item_roles(req_key, mode)
    if not roles:
        return {}
    roles = contract.roles_of(roles, max(len(roles), least_pictures(req_key, mode, field)))
    if field == "image_urls":
        return {field: ["https://pictures.example.com/photo.jpg"] * len(roles)}
    return {field: [mask() if role == "mask" else picture() for role in roles]}


@cache
def picture() -> str:
    """A grey square, as base64 of a PNG."""
    return _text([[GREY * 3] * SIDE] * SIDE, "RGB")


@cache
def mask() -> str:
    """A white square in the middle, a quarter of the picture, as base64 of a PNG."""
    inner = range(SIDE // 4, SIDE - SIDE // 4)
    return _text([[WHITE if x in inner and y in inner else BLACK for x in range(SIDE)] for y in range(SIDE)], "L")


def _text(grid: list[list[tuple[int, ...]]], mode: str) -> str:
    return base64.b64encode(png_writer.joined(png_writer.pieces(grid, mode))).decode()
