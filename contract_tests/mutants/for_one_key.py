"""Deviations of one req_key, mode or form only: everything else is as it should be."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageDraw

from ..relations.scenes import NAMES
from .base import AnswerChange, Message, Mutant, on_picture
from .dials import always, logo, seed, unless_given
from .tolerances import fields

Body = dict[str, Any]
Change = Callable[[Body], Body]
KEYS = {name: req_key for req_key, name in NAMES.items()}
PROMPT_FIELDS = ("custom_prompt", "prompt")


def of(kind: str, change: Change) -> Change:
    """The change for the requests of one operation."""
    return lambda body: change(body) if body.get("req_key") == KEYS[kind] else body


def canvas(change: Change) -> Change:
    """For outpainting by canvas only: two pictures."""
    return of("outpainting", lambda body: change(body) if len(body.get("binary_data_base64") or ()) == 2 else body)


def prompts(change: Callable[[str], str]) -> Change:
    """The prompts of a request changed; one that loses everything becomes a letter."""

    def changed(body: Body) -> Body:
        given = {name: body[name] for name in PROMPT_FIELDS if isinstance(body.get(name), str) and body[name]}
        return {**body, **{name: change(text) or "x" for name, text in given.items()}}

    return changed


def texts(change: Callable[[str], str]) -> Change:
    """The watermark's own text changed."""
    return logo(lambda one: {**one, "logo_text_content": change(one["logo_text_content"])}
                if isinstance(one.get("logo_text_content"), str) else one)  # fmt: skip


def ascii_only(text: str) -> str:
    """The text without what is not ASCII."""
    return text.encode("ascii", "ignore").decode()


def question_marks(text: str) -> str:
    """The text with a question mark for each character that is not ASCII."""
    return text.encode("ascii", "replace").decode()


def without_emoji(text: str) -> str:
    """The text without characters beyond the basic plane."""
    return "".join(one for one in text if ord(one) < 0x10000)


def next_corner(one: Body) -> Body:
    """The watermark in the corner after the one asked for."""
    return {**one, "position": (one.get("position", 0) + 1) % 4}


def _mutant(kind: str, what: str, case: str, change: Change) -> Mutant:
    return Mutant(f"{kind}: {what}", (f"{case}-{kind}",), request=fields(of(kind, change)))


def _prompt(kind: str, what: str, case: str, change: Callable[[str], str]) -> Mutant:
    return _mutant(kind, what, f"MR17-{case}", prompts(change))


def grey_inside(image: Image.Image, kind: str, body: Body) -> Image.Image:
    """One flat colour where something new should be: in the middle, in the left strip, or on the canvas."""
    width, height = image.size
    box = {"hole": (64, 64, 95, 95), "left": (0, 0, width // 4, height), "canvas": (0, 0, 63, height)}[kind]
    ImageDraw.Draw(image).rectangle(box, fill=(127, 127, 127))
    return image


def blank(kind: str, area: str, when: Callable[[Body], bool] = lambda body: True) -> AnswerChange:
    """One flat area in the pictures of an operation."""

    def changed(asked: Message, image: Image.Image) -> Image.Image:
        body = dict(asked.members)
        return grey_inside(image, area, body) if body.get("req_key") == KEYS[kind] and when(body) else image

    return on_picture(changed)


def dot(kind: str) -> AnswerChange:
    """A few pixels far from the mask."""

    def changed(asked: Message, image: Image.Image) -> Image.Image:
        if asked.members.get("req_key") == KEYS[kind]:
            ImageDraw.Draw(image).rectangle((4, 4, 6, 6), fill=(255, 0, 255))
        return image

    return on_picture(changed)


def dot_in_original(asked: Message, image: Image.Image) -> Image.Image:
    """A few pixels in what outpainting keeps."""
    if asked.members.get("req_key") == KEYS["outpainting"]:
        x, y = image.width // 2 + 16, image.height // 2 + 16
        ImageDraw.Draw(image).rectangle((x, y, x + 2, y + 2), fill=(255, 0, 255))
    return image


def _pictures(body: Body) -> int:
    return len(body.get("binary_data_base64") or ())


SEEDS = (
    *(_mutant(kind, "the seed ignored", "MR03-other", seed(lambda value: 5)) for kind in KEYS),
    *(_mutant(kind, "seed -1 always the same", "MR04", seed(lambda value: 5 if value == -1 else value))
      for kind in ("removal", "official-edit")),
    *(_mutant(kind, "the same seed, another picture", "MR03-same", seed(lambda value: random.randrange(1, 2**31)
      if value > 0 else value)) for kind in ("removal", "official-edit")),
    Mutant("outpainting by canvas: the seed ignored", ("MR03-other-outpainting-canvas",),
           request=fields(canvas(seed(lambda value: 5)))),
)  # fmt: skip
WATERMARKS = (
    *(_mutant(kind, "no watermark", "MR08", logo(lambda one: {**one, "add_logo": False}))
      for kind in KEYS if kind != "removal"),
    Mutant("removal: no watermark", ("MR08",),
           request=fields(of("removal", logo(lambda one: {**one, "add_logo": False})))),
    _mutant("official-edit", "the watermark one corner on", "MR08", logo(next_corner)),
    _mutant("seededit", "the watermark one corner on", "MR08", logo(next_corner)),
    _mutant("edit", "the watermark's text cut to 10 characters", "MR08-text", texts(lambda text: text[:10])),
    _mutant("seededit", "the watermark's text in ASCII only", "MR08-text", texts(ascii_only)),
    _mutant("outpainting", "the watermark's text with question marks", "MR08-text", texts(question_marks)),
)  # fmt: skip
DIALS_OF_ONE = (
    _mutant("removal", "steps ignored", "MR17-steps", always("steps", 30)),
    _mutant("official-edit", "steps ignored", "MR17-steps", always("steps", 25)),
    _mutant("outpainting", "steps ignored", "MR17-steps", always("steps", 30)),
    _mutant("edit", "scale ignored", "MR17-scale", always("scale", 5)),
    _mutant("outpainting", "scale ignored", "MR17-scale", always("scale", 7)),
    _mutant("seededit", "scale ignored", "MR17-scale",
            lambda body: {**body, "scale": 0.5} if isinstance(body.get("scale"), int | float) and body["scale"] == 1
            else body),
    _mutant("outpainting", "strength ignored", "MR17-strength", always("strength", 0.8)),
    _mutant("seededit", "negative_prompt ignored", "MR17-negative",
            lambda body: {name: value for name, value in body.items() if name != "negative_prompt"}),
    *(_mutant(kind, "opacity ignored", "MR09", logo(lambda one: {**one, "opacity": 0.6}))
      for kind in ("edit", "official-edit", "outpainting", "seededit")),
    _mutant("official-edit", "35 steps by default", "MR07", unless_given("steps", 35, (KEYS["official-edit"],))),
    _mutant("removal", "quality L taken for M", "MR17-quality",
            lambda body: {**body, "quality": "M"} if body.get("quality") == "L" else body),
)  # fmt: skip
WITH_PROMPT = ("edit", "official-edit", "outpainting", "seededit")
PROMPTS = (
    *(_prompt(kind, "the prompt cut to 10 characters", "prompt", lambda text: text[:10]) for kind in WITH_PROMPT),
    *(_prompt(kind, "the prompt cut to 100 characters", "prompt", lambda text: text[:100])
      for kind in ("official-edit", "seededit")),
    *(_prompt(kind, "the prompt in ASCII only", "prompt-chinese", ascii_only) for kind in ("edit", "outpainting")),
    *(_prompt(kind, "the prompt with question marks", "prompt-chinese", question_marks)
      for kind in ("official-edit", "seededit")),
    *(_prompt(kind, "the prompt without emoji", "prompt-emoji", without_emoji) for kind in WITH_PROMPT),
    *(_prompt(kind, "the prompt in lower case", "prompt-capital", str.lower) for kind in WITH_PROMPT),
)  # fmt: skip
AREAS = (
    Mutant("edit: grey where the mask is white", ("MR21-edit",), answer=blank("edit", "hole")),
    Mutant("official-edit: grey where the mask is white", ("MR21-official-edit",),
           answer=blank("official-edit", "hole")),
    Mutant("outpainting: a blank strip", ("MR21-outpainting",), answer=blank("outpainting", "left",
           lambda body: _pictures(body) == 1)),
    Mutant("outpainting: a blank strip when capped", ("MR21-capped-outpainting",), answer=blank("outpainting", "left",
           lambda body: body.get("max_width", 4096) < 200)),
    Mutant("outpainting: a blank canvas", ("MR21-outpainting-canvas",), answer=blank("outpainting", "canvas",
           lambda body: _pictures(body) == 2)),
    Mutant("outpainting: a dot in the original", ("MR12-shares", "MR12-canvas"), answer=on_picture(dot_in_original)),
    *(Mutant(f"{kind}: a dot far from the mask", (f"MR01-{kind}",), answer=dot(kind))
      for kind in ("removal", "edit", "official-edit")),
)  # fmt: skip
FOR_ONE_KEY = (*SEEDS, *WATERMARKS, *DIALS_OF_ONE, *PROMPTS, *AREAS)
