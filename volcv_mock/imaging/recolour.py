"""Recolours a whole picture by a prompt, for SeedEdit.

A colour that the prompt names tints, a mood (mood.py) changes light and saturation; without either, hues are rotated.
A colour matrix rotates hues or tints (converting to HSV would cost thirteen times as much); tone curves change
shadows, midtones and highlights. `share` blends from the original to the full effect. Consecutive seeds give clearly
different hues and brightness.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from volcv_mock._util.frozen import frozen
from volcv_mock.imaging.boxes import slices
from volcv_mock.imaging.mood import Mood, mood_of
from volcv_mock.imaging.palette import named_hue, rgb
from volcv_mock.simulation import draws

if TYPE_CHECKING:
    from PIL.Image import Image

LUMA = (0.299, 0.587, 0.114)
SWAY = 40
"""Range in degrees over which seeds vary a hue that the prompt names."""
HUE_STEP, BRIGHTNESS_STEP = 13925035116211876495, 10511698010929265437
"""Steps of the R2 low-discrepancy sequence, in units of 2**-64: 1/g and 1/g**2 with g**3 = g + 1."""
BRIGHTNESS, MOOD_BRIGHTNESS = 170, 112
"""Grey levels over which seeds vary the midtones; less where the prompt asks for light or darkness."""
MOOD_SWAY = 0.8
Row = tuple[float, float, float]


@frozen
class Recolouring:
    """What determines the new colours. `share` is 0 to 1; 0 leaves the picture unchanged."""

    prompt: str
    negative_prompt: str
    seed: int
    share: float


def recolour(picture: Image, recolouring: Recolouring) -> Image:
    """The recoloured picture; the same object if `share` is 0."""
    from PIL import Image  # lazy: start-up time

    if recolouring.share <= 0:
        return picture
    rows = tuple(
        _between(own, full, recolouring.share) for own, full in zip(_IDENTITY, _matrix(recolouring), strict=True)
    )
    flat, curves = tuple(value for row in rows for value in (*row, 0.0)), _curves(recolouring)
    painted = Image.new("RGB", picture.size)
    for part in slices((0, 0, *picture.size)):
        painted.paste(picture.crop(part).convert("RGB", flat).point(curves), part[:2])
    return painted


_IDENTITY: tuple[Row, Row, Row] = ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def _matrix(recolouring: Recolouring) -> tuple[Row, Row, Row]:
    """A tint if the prompt names a colour, and a mood if it names one; else a rotation of hues."""
    named, mood, place = named_hue(recolouring.prompt), mood_of(recolouring.prompt), _step(recolouring, HUE_STEP)
    tint = _tint(named + SWAY * (place - 0.5)) if named is not None else None
    if mood is not None:
        return _in_mood(tint or _turned(0.0, mood.fullness), mood, place)
    if tint is not None:
        return tint
    return _turned(math.radians(50 + 260 * place), 0.9 + 0.5 * _draw(recolouring, "full"))


def _tint(hue: float) -> tuple[Row, Row, Row]:
    """Mostly the luminance of each pixel in one hue, with a part of its own colour."""
    colour = [part / 255 for part in rgb(hue % 360, 0.55, 0.85)]
    brightness = sum(part * luma for part, luma in zip(colour, LUMA, strict=True))
    red, green, blue = (0.62 * part / max(brightness, 0.2) for part in colour)
    own = 0.34
    return (
        (red * LUMA[0] + own, red * LUMA[1], red * LUMA[2]),
        (green * LUMA[0], green * LUMA[1] + own, green * LUMA[2]),
        (blue * LUMA[0], blue * LUMA[1], blue * LUMA[2] + own),
    )


def _in_mood(rows: tuple[Row, Row, Row], mood: Mood, place: float) -> tuple[Row, Row, Row]:
    """The rows times the gains, more or less of them by the seed."""
    weight = 1 + MOOD_SWAY * (place - 0.5)
    red, green, blue = (_scaled(row, gain**weight) for row, gain in zip(rows, mood.gains, strict=True))
    return red, green, blue


def _scaled(row: Row, factor: float) -> Row:
    return row[0] * factor, row[1] * factor, row[2] * factor


def _turned(angle: float, full: float) -> tuple[Row, Row, Row]:
    """Hue rotation and saturation with constant luminance (the usual matrix)."""
    cos, sin = math.cos(angle) * full, math.sin(angle) * full
    red, green, blue = LUMA
    return (
        (red + cos * (1 - red) - sin * red, green - cos * green - sin * green, blue - cos * blue + sin * (1 - blue)),
        (red - cos * red + sin * 0.143, green + cos * (1 - green) + sin * 0.140, blue - cos * blue - sin * 0.283),
        (red - cos * red - sin * (1 - red), green - cos * green + sin * green, blue + cos * (1 - blue) + sin * blue),
    )


def _curves(recolouring: Recolouring) -> list[int]:
    """Tone curves per channel; they make seeds easy to tell apart."""
    return [value for channel in "RGB" for value in _curve(recolouring, channel)]


def _curve(recolouring: Recolouring, channel: str) -> list[int]:
    shadow = 44 * (_draw(recolouring, "shadow", channel) - 0.5) * recolouring.share
    light = 64 * (_draw(recolouring, "light", channel) - 0.5) * recolouring.share
    mood = mood_of(recolouring.prompt)
    lift, range_ = (mood.lift, MOOD_BRIGHTNESS) if mood else (0.0, BRIGHTNESS)
    middle = (lift + range_ * (_step(recolouring, BRIGHTNESS_STEP) - 0.5)) * recolouring.share
    return [_clipped(value + _lift(value / 255, shadow, middle, light)) for value in range(256)]


def _lift(tone: float, shadow: float, middle: float, light: float) -> float:
    return shadow * (1 - tone) ** 2 + middle * 4 * tone * (1 - tone) + light * tone**2


def _draw(recolouring: Recolouring, *what: str) -> float:
    return draws.uniform("grade", *what, recolouring.prompt, recolouring.negative_prompt, recolouring.seed)


def _step(recolouring: Recolouring, step: int) -> float:
    """The position of the seed between 0 and 1. Integer arithmetic: a seed may exceed the exact range of a float."""
    start = draws.integer(2**64, "grade", "step", step, recolouring.prompt, recolouring.negative_prompt)
    return (start + recolouring.seed * step) % 2**64 / 2**64


def _between(own: Row, full: Row, share: float) -> Row:
    red, green, blue = (a + (b - a) * share for a, b in zip(own, full, strict=True))
    return red, green, blue


def _clipped(value: float) -> int:
    return max(0, min(255, round(value)))
