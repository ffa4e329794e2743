"""Requests that relations start from: small scenes, a mask well inside, a fixed seed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .. import contract
from ..generate import plain_request
from ..model import Exchange, Request
from ..pictures import Mask, Photo, Rect, render
from ..pictures.pixels import changed_area, psnr_db, same_size
from ..planning.cases import Ask

SIDE = 160
HOLE = Rect(64, 64, 32, 32)
JPEG_REACH = 16
"""A JPEG block, or two where chroma is halved: how far an honest change may smear."""
ALIKE_DB = 32.0
"""Unchanged pixels after one JPEG: measured at 35 dB and more; below this something else happened."""
SAME_DB = 40.0
"""Two answers to one question, where files may differ: nearer than JPEG keeps a picture to itself."""
ROUNDING = 8
"""Levels of 255: one level before a JPEG of quality 90 grows to at most this."""
SEED = 4711
PROMPT = (
    "A puppy with a red ribbon sits in the evening sun, on a green lawn with two white chairs, near the house, 狗 🐶"
)
"""After a hundred characters it still has ASCII letters, a Chinese one and one beyond the basic plane to lose; the
documents of related operations advise 120 at most."""


def removal(variant: int = 0, **fields: Any) -> Request:
    return _inpainting("i2i_inpainting", variant, {"seed": SEED + variant, **fields})


def edit(variant: int = 0, **fields: Any) -> Request:
    return _inpainting("i2i_inpainting_edit", variant, {"seed": SEED + variant, "custom_prompt": PROMPT, **fields})


def official_edit(variant: int = 0, **fields: Any) -> Request:
    return _inpainting(
        "img2img_inpainting_edit_zi2i", variant, {"seed": SEED + variant, "custom_prompt": PROMPT, **fields}
    )


def outpainting(variant: int = 0, **fields: Any) -> Request:
    plain = plain_request("i2i_outpainting", **{"seed": SEED + variant, **fields})
    return replace(plain, pictures=(photo(variant, 128, 96),))


def seededit(variant: int = 0, **fields: Any) -> Request:
    plain = plain_request("byteedit_v2.0", **{"seed": SEED + variant, "prompt": PROMPT, **fields})
    return replace(plain, pictures=(photo(variant),))


def photo(variant: int, width: int = SIDE, height: int = SIDE) -> Photo:
    return Photo(width, height, "PNG", scene=variant % 7)


def _inpainting(req_key: str, variant: int, fields: dict[str, Any]) -> Request:
    plain = plain_request(req_key, **fields)
    return replace(plain, pictures=(photo(variant), Mask(SIDE, SIDE, marked=HOLE)))


BUILDERS = {"removal": removal, "edit": edit, "official-edit": official_edit, "outpainting": outpainting,
            "seededit": seededit}  # fmt: skip


def with_mask(request: Request, mask: Mask) -> Request:
    return replace(request, pictures=(request.pictures[0], mask))


def with_violation(request: Request, name: str) -> Request:
    """The same request, named after what is wrong with how it is sent."""
    return replace(request, violation=name)


def default(req_key: str, name: str) -> Any:
    mode = contract.operations()[req_key]["modes"][0]
    return contract.request_schema(req_key, mode)["properties"][name]["default"]


def source_picture(ask: Ask | Exchange) -> bytes:
    """The bytes of the picture a request sent."""
    assert ask.request is not None
    return render(ask.request.pictures[0])


def is_rounding(one: bytes, other: bytes) -> bool:
    """Whether no pixel differs by more than two machines' rounding, through one JPEG, may make it differ."""
    if not same_size(one, other):
        return False
    return not changed_area(one, other, above=ROUNDING)


def unlike(one: bytes, other: bytes, exact: bool) -> str:
    """Why two pictures that should be one and the same are not; empty when they are."""
    alike_db, wanted_db = psnr_db(one, other), 90.0 if exact else SAME_DB
    return f"only {alike_db:.1f} dB alike, wanted {wanted_db}" if alike_db < wanted_db else ""
