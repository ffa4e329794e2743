"""Valid requests: the fields from the schema by the walker, the pictures by description.

What JSON cannot say is added here: the mask has the size of the picture, and lists of pictures hold
what `x-items` names.
"""

from __future__ import annotations

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
    """How pictures travel in an input mode: "base64" or "urls"."""
    return mode.partition("_")[0]


def items(req_key: str, mode: str) -> tuple[str, ...]:
    """What the picture list of a mode holds, such as ("picture", "mask")."""
    field = PICTURE_FIELDS[transport(mode)]
    return tuple(contract.request_schema(req_key, mode)["properties"][field]["x-items"])


def field_schemas(req_key: str, mode: str) -> Mapping[str, Any]:
    """The members that are neither req_key nor a list of pictures."""
    members = contract.request_schema(req_key, mode)["properties"]
    return {name: member for name, member in members.items() if name not in ("req_key", *PICTURE_FIELDS.values())}


@st.composite
def masks(draw: st.DrawFn, width: int, height: int) -> Mask:
    """Valid masks: a rectangle, nothing or everything marked, in any of the three forms a mask may have."""
    left, top = draw(st.integers(0, width - 8)), draw(st.integers(0, height - 8))
    box = Rect(left, top, draw(st.integers(4, width - left)), draw(st.integers(4, height - top)))
    marked = draw(st.sampled_from([box, box, box, None, Rect(0, 0, width, height)]))
    mode = draw(st.sampled_from(contract.mask_demands()["modes"]))
    flaw = draw(st.sampled_from(["", "", "", "gamma chunk", "srgb chunk"]))
    return Mask(width, height, mode, marked, level=draw(st.sampled_from([255, 255, 200, 128])), flaw=flaw)


@st.composite
def photos(draw: st.DrawFn) -> Photo:
    width, height = draw(st.sampled_from(SIDES)), draw(st.sampled_from(SIDES))
    kind = draw(st.sampled_from(["JPEG", "PNG", "progressive"]))
    scene = draw(st.integers(0, 2))
    return Photo(width, height, "PNG" if kind == "PNG" else "JPEG", scene, progressive=kind == "progressive")


@st.composite
def picture_lists(draw: st.DrawFn, wanted: tuple[str, ...]) -> tuple[Photo | Mask, ...]:
    photo = draw(photos())
    return (photo, draw(masks(photo.width, photo.height))) if "mask" in wanted else (photo,)


@cache
def valid_requests(req_key: str, mode: str) -> st.SearchStrategy[Request]:
    """Requests that a schema's branch accepts, with pictures that every document allows."""
    schema = contract.request_schema(req_key, mode)
    fields = walker.values({**schema, "properties": field_schemas(req_key, mode), "required": [
        name for name in schema["required"] if name in field_schemas(req_key, mode)]})  # fmt: skip
    pictures = picture_lists(items(req_key, mode))
    return st.builds(_request, st.just((req_key, mode)), fields, pictures, st.booleans())


def _request(branch: tuple[str, str], fields: Mapping[str, Any], pictures: tuple[Photo | Mask, ...],
             other_list_is_empty: bool) -> Request:  # fmt: skip
    """The SDK's demo sends `image_urls: []` beside base64: an empty list counts as absent."""
    req_key, mode = branch
    other = PICTURE_FIELDS["urls" if transport(mode) == "base64" else "base64"]
    aside = {other: []} if other_list_is_empty else {}
    return Request(req_key, {**fields, **aside}, pictures, transport(mode))


def plain_request(req_key: str, mode: str | None = None, **fields: Any) -> Request:
    """The simplest request a person would write: required fields, a small scene, a mask in the middle."""
    mode = mode or contract.operations()[req_key]["modes"][0]
    required = contract.request_schema(req_key, mode)["required"]
    texts = {name: "a puppy" for name in required if name in field_schemas(req_key, mode)}
    pictures = (Photo(96, 96), Mask(96, 96, marked=Rect(32, 32, 32, 32)))[: len(items(req_key, mode))]
    return Request(req_key, {**texts, **fields}, pictures, transport(mode))
