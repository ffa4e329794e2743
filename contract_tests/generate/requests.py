"""Valid requests: the fields from the schema by the walker, the pictures by description.

What JSON cannot say is added here: the mask has the size of the picture, and lists of pictures hold
what `x-items` names.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from .. import contract
from ..model import PICTURE_FIELDS, Request
from ..pictures import Mask, Photo, Rect
from . import walker

SIDES = (64, 72, 96)


def transport(mode: str) -> str:
    """How pictures travel in an input mode: "base64" or "urls". Without pictures it makes no difference."""
    return "urls" if mode.startswith("urls") else "base64"


@cache
def items(req_key: str, mode: str) -> tuple[str, ...]:
    """What the picture list of a mode holds, such as ("picture", "mask"); nothing where a text is enough."""
    field = PICTURE_FIELDS[transport(mode)]
    return tuple(contract.request_schema(req_key, mode)["properties"][field].get("x-items", ()))


@cache
def field_schemas(req_key: str, mode: str) -> Mapping[str, Any]:
    """The members that are neither req_key nor a list of pictures."""
    members = contract.request_schema(req_key, mode)["properties"]
    return {name: member for name, member in members.items() if name not in ("req_key", *PICTURE_FIELDS.values())}


# Strategies are made once: one made inside a draw is checked again for every example, at half the speed. Few draws:
# what is a choice from a short table is one draw, whatever the number of its columns, and the simplest stands first.
FORMS = ("JPEG", "PNG", "progressive")
MARKED = ("a box", "a box", "a box", "nothing", "everything")
LEVELS = (255, 255, 200, 128)
HARMLESS = ("", "", "", "gamma chunk", "srgb chunk")


def _photo(scene: int, kind: str, width: int, height: int) -> Photo:
    form = "PNG" if kind == "PNG" else "JPEG"
    return Photo(width, height, form, scene, progressive=kind == "progressive")


PHOTOS = st.sampled_from([_photo(*row) for row in itertools.product(range(3), FORMS, SIDES, SIDES)])
EDGE = st.integers(0, max(SIDES) - 8)
EXTENT = st.integers(4, max(SIDES))
BOXES = st.tuples(EDGE, EDGE, EXTENT, EXTENT)


@cache
def picture_lists(wanted: tuple[str, ...]) -> st.SearchStrategy[tuple[Photo | Mask, ...]]:
    """A photo, and where the list wants one a mask of its size in any of the three forms a mask may have."""
    if not wanted:
        return st.just(())
    if "mask" not in wanted:
        return PHOTOS.map(lambda photo: (photo,))
    looks = st.sampled_from(list(itertools.product(contract.mask_demands()["modes"], LEVELS, HARMLESS, MARKED)))
    return st.tuples(PHOTOS, looks, BOXES).map(lambda drawn: _photo_and_mask(*drawn))


def _photo_and_mask(photo: Photo, look: tuple[str, int, str, str], box: tuple[int, ...]) -> tuple[Photo, Mask]:
    mode, level, flaw, marked = look
    left, top = min(box[0], photo.width - 8), min(box[1], photo.height - 8)
    inside = Rect(left, top, min(box[2], photo.width - left), min(box[3], photo.height - top))
    rect = {"a box": inside, "nothing": None, "everything": Rect(0, 0, photo.width, photo.height)}[marked]
    return photo, Mask(photo.width, photo.height, mode, rect, level=level, flaw=flaw)


@cache
def valid_requests(req_key: str, mode: str) -> st.SearchStrategy[Request]:
    """Requests that a schema's branch accepts, with pictures that every document allows."""
    schema = contract.request_schema(req_key, mode)
    fields = walker.values({**schema, "properties": field_schemas(req_key, mode), "required": [
        name for name in schema["required"] if name in field_schemas(req_key, mode)]})  # fmt: skip
    pictures = picture_lists(items(req_key, mode))
    if "x-area" in schema or "x-ratio" in schema:
        fields = fields.map(lambda drawn: in_extent(schema, drawn))
    return st.tuples(fields, pictures, st.booleans()).map(lambda drawn: _request((req_key, mode), *drawn))


def in_extent(schema: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields without the height of a pair that breaks `x-area` or `x-ratio`, and without ratios out of order."""
    kept = dict(fields)
    least, most = schema.get("x-ratio", ("", ""))
    if least in kept and most in kept and kept[least] > kept[most]:
        del kept[most]
    if {"width", "height"} <= kept.keys() and not _is_in_extent(schema, kept):
        del kept["height"]
    return kept


def _is_in_extent(schema: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    width, height = fields["width"], fields["height"]
    area = schema.get("x-area", {"minimum": 0, "maximum": width * height})
    names = schema.get("x-ratio", ())
    low, high = [fields.get(name, schema["properties"][name]["default"]) for name in names] or (0, width)
    return bool(area["minimum"] <= width * height <= area["maximum"] and low <= width / height <= high)


def _request(branch: tuple[str, str], fields: Mapping[str, Any], pictures: tuple[Photo | Mask, ...],
             other_list_is_empty: bool) -> Request:  # fmt: skip
    """The SDK's demo sends `image_urls: []` beside base64: an empty list counts as absent."""
    req_key, mode = branch
    other = PICTURE_FIELDS["urls" if transport(mode) == "base64" else "base64"]
    unused: dict[str, list[str]] = {other: []} if other_list_is_empty else {}
    return Request(req_key, {**fields, **unused}, pictures, transport(mode))


def plain_request(req_key: str, mode: str | None = None, **fields: Any) -> Request:
    """The simplest request a person would write: required fields, a small scene, a mask in the middle."""
    mode = mode or contract.served()[req_key]["modes"][0]
    required = contract.request_schema(req_key, mode)["required"]
    texts: dict[str, Any] = {name: "a puppy" for name in required if name in field_schemas(req_key, mode)}
    pictures = (Photo(96, 96), Mask(96, 96, marked=Rect(32, 32, 32, 32)))[: len(items(req_key, mode))]
    return Request(req_key, {**texts, **_smallest_size(req_key, mode), **fields}, pictures, transport(mode))


def _smallest_size(req_key: str, mode: str) -> dict[str, Any]:
    """The least width and height of an operation that paints from a text: its usual size takes long to paint."""
    members = field_schemas(req_key, mode) if contract.served()[req_key]["painter"] == "generate" else {}
    return {name: members[name]["x-gen"]["minimum"] for name in ("width", "height") if name in members}
