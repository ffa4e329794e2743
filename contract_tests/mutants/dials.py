"""Deviations in parameters: each understood wrongly, or ignored."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageOps

from .base import Memory, Message, Mutant, inputs, saved, with_inputs
from .tolerances import fields


def always(name: str, value: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A valid value of a field replaced by another; invalid ones are left to the truth."""

    def change(body: dict[str, Any]) -> dict[str, Any]:
        is_fit = type(body.get(name)) in (int, float, str) and type(body[name]) is not bool
        return {**body, name: value} if name in body and is_fit and _is_valid(name, body[name]) else body

    return change


def _is_valid(name: str, value: Any) -> bool:
    ranges = {
        "strength": (0, 1),
        "scale": (1, 20),
        "seed": (-1, 2**63),
        "dilate_size": (-(2**31), 2**31),
        "steps": (0, 2**31),
    }
    if name in ranges:
        return type(value) in (int, float) and ranges[name][0] <= value <= ranges[name][1]
    return value in ("H", "M", "L") if name == "quality" else True


def unless_given(name: str, value: Any, req_keys: tuple[str, ...]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Another default for a parameter of these req_keys."""
    return lambda body: body if name in body or body.get("req_key") not in req_keys else {**body, name: value}


def seed(change: Callable[[int], int]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Change a valid seed on its way to the mock."""
    return lambda body: (
        {**body, "seed": change(body["seed"])} if type(body.get("seed")) is int and body["seed"] >= -1 else body
    )


def logo(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Change a valid watermark on its way to the mock."""

    def changed(body: dict[str, Any]) -> dict[str, Any]:
        found = body.get("logo_info")
        if (
            not isinstance(found, dict)
            or found.get("add_logo") is not True
            or found.get("position", 0) not in (0, 1, 2, 3)
        ):
            return body
        return {**body, "logo_info": change(dict(found))}

    return changed


def inverted(asked: Message, memory: Memory) -> Message:
    """Black taken for the area to change."""
    pictures = inputs(asked)
    if len(pictures) != 2:
        return asked
    try:
        with Image.open(io.BytesIO(pictures[1])) as mask:
            if mask.mode != "L":
                return asked
            return with_inputs(asked, [pictures[0], saved(ImageOps.invert(mask.convert("L")), "PNG")])
    except Exception:  # a broken mask is for the truth to refuse
        return asked


def whole_floats_refused(asked: Message, memory: Memory) -> Message:
    """Refuse 25.0 where 25 is allowed."""
    if any(
        isinstance(value, float) and value.is_integer() and name in ("seed", "steps")
        for name, value in asked.members.items()
    ):
        return asked.with_members(seed="a float")
    return asked


def never_the_same(asked: Message, memory: Memory) -> Message:
    """Draw a new seed although the request fixes one."""
    body = asked.members
    return (
        asked.with_members(seed=random.randrange(1, 2**31))
        if type(body.get("seed")) is int and body["seed"] > 0
        else asked
    )


def url_ignored(asked: Message, memory: Memory) -> Message:
    """Answer with base64 although a link was asked for."""
    return asked.with_members(return_url=False) if asked.members.get("return_url") is True else asked


EDITS = ("i2i_inpainting_edit", "img2img_inpainting_edit_zi2i")
DIALS = (
    Mutant("seed ignored", ("MR03-other-edit",), request=fields(seed(lambda value: 5))),
    Mutant("seed -1 always the same", ("MR04",), request=fields(seed(lambda value: 5 if value == -1 else value))),
    Mutant("the same seed, another picture", ("MR03-same",), request=never_the_same),
    Mutant(
        "quality ignored", ("MR17-quality-removal", "MR17-quality-h-removal"), request=fields(always("quality", "M"))
    ),
    Mutant("strength ignored", ("MR11",), request=fields(always("strength", 0.8))),
    Mutant("dilate_size ignored", ("MR10",), request=fields(always("dilate_size", 15))),
    Mutant("steps ignored", ("MR17-steps-edit",), request=fields(always("steps", 25))),
    Mutant("prompt ignored", ("MR17-prompt-edit",), request=fields(always("custom_prompt", "anything"))),
    Mutant("return_url ignored", ("one_picture_where_asked",), request=url_ignored),
    Mutant("the mask upside down in meaning", ("MR01-removal", "MR01-edit", "MR02"), request=inverted),
    Mutant(
        "watermark in the wrong corner",
        ("MR08",),
        request=fields(logo(lambda one: {**one, "position": (one.get("position", 0) + 1) % 4})),
    ),
    Mutant(
        "corners counted the other way",
        ("MR08",),
        request=fields(logo(lambda one: {**one, "position": (0, 3, 2, 1)[one.get("position", 0)]})),
    ),
    Mutant("watermark never drawn", ("MR08", "MR09"), request=fields(logo(lambda one: {**one, "add_logo": False}))),
    Mutant("opacity ignored", ("MR09",), request=fields(logo(lambda one: {**one, "opacity": 0.3}))),
    Mutant(
        "the watermark's own text ignored",
        ("MR08-text",),
        request=fields(logo(lambda one: {name: value for name, value in one.items() if name != "logo_text_content"})),
    ),
    Mutant("the watermark always Chinese", ("MR08-text",), request=fields(logo(lambda one: {**one, "language": 0}))),
    Mutant("30 steps by default for edit", ("MR07-edit",), request=fields(unless_given("steps", 30, EDITS))),
    Mutant(
        "dilate_size 0 by default",
        ("MR07-removal",),
        request=fields(unless_given("dilate_size", 0, ("i2i_inpainting",))),
    ),
    Mutant(
        "strength 0.5 by default", ("MR07-removal",), request=fields(unless_given("strength", 0.5, ("i2i_inpainting",)))
    ),
    Mutant(
        "opaque watermark by default", ("MR07-watermark",), request=fields(logo(lambda one: {"opacity": 1.0, **one}))
    ),
    Mutant("whole floats refused", ("MR14", "MR14-floats"), request=whole_floats_refused),
    Mutant("max_width ignored", ("picture_size",), request=fields(always("max_width", 4096))),
    Mutant(
        "left and right exchanged",
        ("MR12-shares",),
        request=fields(
            lambda body: (
                {**body, "left": body["right"], "right": body["left"]} if {"left", "right"} <= body.keys() else body
            )
        ),
    ),
)
