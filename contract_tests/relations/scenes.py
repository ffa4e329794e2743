"""One request for each req_key and input mode, and the area that its answer must paint anew.

The relations over every req_key (`each_difference_shows.py`, `new_area_is_painted.py`) start here, so that a
deviation of one req_key, one mode or one output form has a case of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .. import contract
from ..generate import plain_request
from ..generate.requests import field_schemas, transport
from ..model import Request
from ..pictures import Mask, Rect
from ..pictures.pixels import Box
from . import builders as b

SHARES = {"left": 0.5, "right": 0.25, "top": 0.5, "bottom": 0.25}
WIDTH, HEIGHT = 128, 96
PADDING = Rect(0, 0, 64, b.SIDE)
"""The part of a canvas that is to be painted."""
NAMES = {"i2i_inpainting": "removal", "i2i_inpainting_edit": "edit", "img2img_inpainting_edit_zi2i": "official-edit",
         "i2i_outpainting": "outpainting", "byteedit_v2.0": "seededit"}  # fmt: skip
"""The req_keys of S0 to S3, by their name in the ids of cases."""


FORMS: Mapping[str, Mapping[str, Any]] = {"base64": {}, "link": {"return_url": True}}
"""The forms in which an answer's picture comes, and the fields that ask for each."""


@dataclass(frozen=True)
class Scene:
    """A req_key in one input mode."""

    req_key: str
    mode: str

    @property
    def name(self) -> str:
        """As it stands in the id of a case: the first mode of a req_key has no word of its own."""
        modes = contract.operations()[self.req_key]["modes"]
        return NAMES[self.req_key] + ("" if self.mode == modes[0] else f"-{self.mode.replace('base64_', '')}")

    def case_name(self, form: str = "base64") -> str:
        """`name`, and the output form unless it is the usual one."""
        return self.name + ("" if form == "base64" else f"-{form}")

    def case_id(self, relation: str, unnamed: str) -> str:
        """The id of a case of a relation. That of the scene `unnamed` is the relation's alone."""
        return relation if self.name == unnamed else f"{relation}-{self.name}"

    @property
    def is_canvas(self) -> bool:
        """Whether outpainting gets a padded picture and its mask."""
        return self.mode.endswith("canvas")

    @property
    def needs(self) -> frozenset[str]:
        """The capabilities that a target must have for this mode."""
        return frozenset({"reaches_loopback"}) if transport(self.mode) == "urls" else frozenset()

    @property
    def members(self) -> Mapping[str, Any]:
        """The schemas of the fields that are neither req_key nor pictures."""
        return field_schemas(self.req_key, self.mode)

    @property
    def prompt_field(self) -> str:
        """Empty for an operation without a prompt."""
        return contract.operations()[self.req_key]["prompt_field"] or ""

    def request(self, variant: int, form: str = "base64", **fields: Any) -> Request:
        """A valid request; its seed and picture change with the variant. `form` is how the answer's picture comes."""
        prompt = {self.prompt_field: b.PROMPT} if self.prompt_field else {}
        shares = SHARES if self.has_shares else {}
        wanted = {"seed": b.SEED + variant, **prompt, **shares, **FORMS[form], **fields}
        plain = plain_request(self.req_key, self.mode, **wanted)
        return replace(plain, pictures=self._pictures(variant))

    @property
    def has_shares(self) -> bool:
        """Whether outpainting gets ratios."""
        return "left" in self.members and not self.is_canvas

    def _pictures(self, variant: int) -> tuple[Any, ...]:
        if self.has_shares:
            return (b.photo(variant, WIDTH, HEIGHT),)
        if self.is_canvas:
            return b.photo(variant), Mask(b.SIDE, b.SIDE, marked=PADDING)
        if NAMES[self.req_key] == "seededit":
            return (b.photo(variant),)
        return b.photo(variant), Mask(b.SIDE, b.SIDE, marked=b.HOLE)


def scenes() -> tuple[Scene, ...]:
    """Every req_key of the five pages in every input mode."""
    return tuple(Scene(req_key, mode) for req_key, mode in contract.branches() if req_key in NAMES)


def first_scenes() -> tuple[Scene, ...]:
    """Each req_key once, in its first input mode."""
    return tuple(one for one in scenes() if one.mode == contract.operations()[one.req_key]["modes"][0])


def new_areas(request: Request) -> tuple[Box, ...]:
    """The boxes of the answer that must be painted: what the mask marks, or what lies outside the original."""
    mask = request.pictures[1] if len(request.pictures) > 1 else None
    if isinstance(mask, Mask):
        assert mask.marked is not None, "a scene marks something"
        box = mask.marked
        return ((box.x, box.y, box.x + box.width, box.y + box.height),)
    width, height = request.pictures[0].width, request.pictures[0].height  # type: ignore[union-attr]
    if "left" not in request.fields:
        return ((0, 0, width, height),)
    return _beyond(Rect(*_origin(request.fields, width, height), width, height), *_grown(request.fields, width, height))


def _origin(fields: Mapping[str, Any], width: int, height: int) -> tuple[int, int]:
    return round(width * fields.get("left", 0)), round(height * fields.get("top", 0))


def _grown(fields: Mapping[str, Any], width: int, height: int) -> tuple[int, int]:
    return (round(width * (1 + fields.get("left", 0) + fields.get("right", 0))),
            round(height * (1 + fields.get("top", 0) + fields.get("bottom", 0))))  # fmt: skip


def _beyond(kept: Rect, width: int, height: int) -> tuple[Box, ...]:
    """The strips beside, above and below a kept rectangle, those without extent left out."""
    right, bottom = kept.x + kept.width, kept.y + kept.height
    strips = ((0, 0, kept.x, height), (right, 0, width, height), (0, 0, width, kept.y), (0, bottom, width, height))
    return tuple(one for one in strips if one[2] - one[0] > 4 and one[3] - one[1] > 4)
