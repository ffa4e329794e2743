"""SeedEdit: the whole picture recoloured, as a prompt would have it.

A colour matrix turns hues and tints (never HSV: that costs thirteen times as much), three curves tone
shadows, lights and the middle. `scale` leads from the untouched picture to the full effect.
Seeds step through hue and brightness so that those beside each other never look alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from volcv_mock.imaging.palette import named_hue, rgb
from volcv_mock.simulation import draws

if TYPE_CHECKING:
    from PIL.Image import Image

LUMA = (0.299, 0.587, 0.114)
SWAY = 40
"""Degrees over which seeds vary a hue that the prompt names."""
HUE_STEP, BRIGHTNESS_STEP = 13925035116211876495, 10511698010929265437
"""Of 2**64: the steps of the R2 sequence, 1/g and 1/g**2 with g**3 = g + 1; its points keep their distance."""
Row = tuple[float, float, float]


@dataclass(frozen=True)
class Grade:
    """What to do to a picture. `share` is 0 to 1; 0 leaves it as it is."""

    prompt: str
    negative_prompt: str
    seed: int
    share: float


def recolour(picture: Image, grade: Grade) -> Image:
    """The picture in other colours; the same object when there is nothing to do."""
    if grade.share <= 0:
        return picture
    rows = tuple(_between(own, full, grade.share) for own, full in zip(_IDENTITY, _matrix(grade), strict=True))
    flat = tuple(value for row in rows for value in (*row, 0.0))
    return picture.convert("RGB", flat).point(_curves(grade))


_IDENTITY: tuple[Row, Row, Row] = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def _matrix(grade: Grade) -> tuple[Row, Row, Row]:
    """A tint for a prompt that names a colour, a turned colour wheel for one that does not."""
    named, place = named_hue(grade.prompt), _step(grade, HUE_STEP)
    if named is not None:
        return _tint(named + SWAY * (place - 0.5))
    return _turned(math.radians(50 + 260 * place), 0.9 + 0.5 * _draw(grade, "full"))


def _tint(hue: float) -> tuple[Row, Row, Row]:
    """Mostly the grey of each pixel in one colour; a rest of the own colours keeps it a photograph."""
    colour = [part / 255 for part in rgb(hue % 360, 0.55, 0.85)]
    brightness = sum(part * luma for part, luma in zip(colour, LUMA, strict=True))
    red, green, blue = (0.62 * part / max(brightness, 0.2) for part in colour)
    own = 0.34
    return (
        (red * LUMA[0] + own, red * LUMA[1], red * LUMA[2]),
        (green * LUMA[0], green * LUMA[1] + own, green * LUMA[2]),
        (blue * LUMA[0], blue * LUMA[1], blue * LUMA[2] + own),
    )


def _turned(angle: float, full: float) -> tuple[Row, Row, Row]:
    """The colour wheel turned by an angle and made fuller, brightness kept (the usual luminance matrix)."""
    cos, sin = math.cos(angle) * full, math.sin(angle) * full
    red, green, blue = LUMA
    return (
        (red + cos * (1 - red) - sin * red, green - cos * green - sin * green, blue - cos * blue + sin * (1 - blue)),
        (red - cos * red + sin * 0.143, green + cos * (1 - green) + sin * 0.140, blue - cos * blue - sin * 0.283),
        (red - cos * red - sin * (1 - red), green - cos * green + sin * green, blue + cos * (1 - blue) + sin * blue),
    )


def _curves(grade: Grade) -> list[int]:
    """Shadows and lights drift apart by channel: what tells one seed from another at a glance."""
    return [value for channel in "RGB" for value in _curve(grade, channel)]


def _curve(grade: Grade, channel: str) -> list[int]:
    shadow = 44 * (_draw(grade, "shadow", channel) - 0.5) * grade.share
    light = 64 * (_draw(grade, "light", channel) - 0.5) * grade.share
    middle = 170 * (_step(grade, BRIGHTNESS_STEP) - 0.5) * grade.share
    return [_clipped(value + _lift(value / 255, shadow, middle, light)) for value in range(256)]


def _lift(tone: float, shadow: float, middle: float, light: float) -> float:
    return shadow * (1 - tone) ** 2 + middle * 4 * tone * (1 - tone) + light * tone**2


def _draw(grade: Grade, *what: str) -> float:
    return draws.uniform("grade", *what, grade.prompt, grade.negative_prompt, grade.seed)


def _step(grade: Grade, step: int) -> float:
    """Where the seed stands between 0 and 1, in whole numbers: a seed may be larger than a float is exact."""
    start = draws.integer(2**64, "grade", "step", step, grade.prompt, grade.negative_prompt)
    return (start + grade.seed * step) % 2**64 / 2**64


def _between(own: Row, full: Row, share: float) -> Row:
    red, green, blue = (a + (b - a) * share for a, b in zip(own, full, strict=True))
    return red, green, blue


def _clipped(value: float) -> int:
    return max(0, min(255, round(value)))
