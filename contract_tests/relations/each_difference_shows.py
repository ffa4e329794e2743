"""MR 3 and MR 17: a request that differs in one respect gives another picture, for each req_key, mode and form.

Another seed, a dial, or a prompt that differs in its later characters, in a Chinese character, in an emoji or in
one capital letter. Judged within the area to be changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..pictures.pixels import Box, difference, opened
from ..planning.cases import Ask, Case, Exchanges
from . import builders as b
from .scenes import FORMS, NAMES, Scene, new_areas, scenes

PROMPTS: Mapping[str, tuple[str, str]] = {
    "prompt": ("house", "horse"),
    "prompt-chinese": ("狗", "猫"),
    "prompt-emoji": ("🐶", "🐱"),
    "prompt-capital": ("A puppy", "a puppy"),
}
"""What two prompts differ in."""
DIALS: Mapping[str, tuple[str, Any]] = {
    "quality": ("quality", "L"),
    "quality-h": ("quality", "H"),
    "steps": ("steps", 60),
    "scale": ("scale", None),
    "strength": ("strength", 0.3),
    "negative": ("negative_prompt", "blurry and dark"),
}
"""A field and a value far from its default; None stands for the maximum of the schema."""
WITHOUT_EFFECT = {("i2i_inpainting", "scale"), ("i2i_inpainting", "strength")}
"""`scale` weights a prompt, and removal has none; MR 11 tests removal's `strength`."""
SEED_SOURCES = {"removal": "S3-seed, S3-seed-repeat", "edit": "S1-seed, S1-seed-repeat, S3-seed-repeat",
                "official-edit": "S1-seed, S1-seed-repeat", "outpainting": "S2-scale",
                "seededit": "S0-seededit-seed"}  # fmt: skip
SOURCES = {
    "prompt": {"edit": "S1-custom-prompt, S0-edit-example", "official-edit": "S1-custom-prompt",
               "outpainting": "S2-prompt", "seededit": "S0-seededit-prompt"},
    "quality": {"removal": "S3-quality-h, S3-quality-l, S3-quality-m"},
    "steps": {"removal": "S3-steps", "edit": "S3-steps, S1-steps", "official-edit": "S1-steps",
              "outpainting": "S2-steps"},
    "scale": {"edit": "S1-scale-range, S3-scale-range", "official-edit": "S1-scale-range", "outpainting": "S2-scale",
              "seededit": "S0-seededit-seed, V-sibling-scale"},
    "strength": {"outpainting": "S2-steps"},
    "negative": {"seededit": "S0-seededit-negative"},
}  # fmt: skip


@dataclass(frozen=True)
class RequestDifference:
    """One respect in which two requests differ, and the fields of the second."""

    name: str
    field: str
    value: Any
    above: int = 2
    """Levels by which at least one pixel must differ."""


def differences(scene: Scene) -> Iterator[RequestDifference]:
    """Those that the operation of a scene has fields for."""
    for name, (field, value) in DIALS.items():
        if field in scene.members and (scene.req_key, field) not in WITHOUT_EFFECT:
            yield RequestDifference(name, field, scene.members[field]["maximum"] if value is None else value)
    for name, (old, new) in PROMPTS.items() if scene.prompt_field else ():
        yield RequestDifference(name, scene.prompt_field, b.PROMPT.replace(old, new))


def asks(scene: Scene, form: str, what: RequestDifference, variant: int) -> dict[str, Ask]:
    return {"one": Ask(scene.request(variant, form)),
            "other": Ask(scene.request(variant, form, **{what.field: what.value}))}  # fmt: skip


def asks_seed(scene: Scene, form: str, variant: int) -> dict[str, Ask]:
    return {"one": Ask(scene.request(variant, form)),
            "other": Ask(scene.request(variant, form, seed=b.SEED + variant + 1))}  # fmt: skip


def compare(what: str, above: int, exchanges: Exchanges, exact: bool) -> Iterator[str]:
    one, other = exchanges["one"], exchanges["other"]
    assert one.request is not None
    areas = new_areas(one.request)
    if largest_difference(one.received_picture, other.received_picture, areas) <= above:
        yield f"another {what} gave the same picture in the area to be changed: it seems to be ignored"


def largest_difference(one: bytes, other: bytes, areas: tuple[Box, ...]) -> int:
    """The largest difference of a pixel within some boxes; pictures of two sizes differ by all."""
    if opened(one).size != opened(other).size:
        return 255
    shown = difference(one, other)
    return max(int(shown.crop(box).getextrema()[1]) for box in areas)  # type: ignore[arg-type]


def _source(what: str, kind: str) -> str:
    return SOURCES[what.partition("-")[0]][kind]


def _cases() -> Iterator[Case]:
    for scene in scenes():
        for form in FORMS:
            yield from _cases_of(scene, form)


def _cases_of(scene: Scene, form: str) -> Iterator[Case]:
    kind, name, is_usual = NAMES[scene.req_key], scene.case_name(form), form == "base64"
    yield Case(f"MR03-other-{name}", "another seed gives another picture", SEED_SOURCES[kind],
               partial(asks_seed, scene, form), partial(compare, "seed", 12), needs=scene.needs, is_live=is_usual,
               is_probable=True, cells=("seed",))  # fmt: skip
    for what in differences(scene):
        yield Case(f"MR17-{what.name}-{name}", f"{what.field} changes the picture", _source(what.name, kind),
                   partial(asks, scene, form, what), partial(compare, what.name, what.above), needs=scene.needs,
                   is_live=is_usual and not scene.is_canvas, cells=(what.name,))  # fmt: skip


CASES = tuple(_cases())
