"""Moods: words of a prompt that ask for light, weather or a look, such as evening, snow or black and white.

A mood is what a colour matrix and a tone curve can do; there is no model. palette.py knows the words for colours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from volcv_mock._util.frozen import frozen

Gains = tuple[float, float, float]
SEARCHED = 2000
"""Characters of a prompt that are searched."""


@frozen
class Mood:
    """Factors of red, green and blue, one of the saturation, and grey levels added to the midtones."""

    gains: Gains
    fullness: float
    lift: float


MOODS: Mapping[str, Mood] = {
    "evening dusk 傍晚 黄昏": Mood((0.84, 0.55, 0.40), 0.9, -50),
    "night midnight 夜 晚上": Mood((0.40, 0.44, 0.66), 0.6, -28),
    "morning dawn sunrise 早晨 清晨": Mood((1.12, 0.98, 0.80), 1.0, 15),
    "snow winter frost 雪 冬": Mood((0.95, 1.02, 1.12), 0.35, 60),
    "autumn 秋": Mood((1.12, 0.84, 0.50), 1.2, 0),
    "summer spring sunny 夏 春 晴": Mood((1.06, 1.03, 0.88), 1.4, 25),
    "rain fog storm cloudy overcast 雨 雾 阴天": Mood((0.78, 0.85, 0.92), 0.4, -15),
    "black and white monochrome grayscale greyscale 黑白": Mood((1.0, 1.0, 1.0), 0.0, 0),
    "vintage retro sepia 复古 怀旧": Mood((1.08, 0.90, 0.65), 0.25, 0),
    "bright light 明亮 变亮": Mood((1.08, 1.08, 1.08), 1.0, 60),
    "dark dim 变暗 昏暗": Mood((0.55, 0.55, 0.55), 1.0, -40),
    "warm 暖": Mood((1.18, 1.0, 0.75), 1.0, 0),
    "cold cool 冷": Mood((0.66, 0.95, 1.32), 1.0, 0),
}
"""The words of each mood; the earliest in the prompt counts. `black and white` is one word."""
PHRASE = "black and white"


def mood_of(prompt: str) -> Mood | None:
    """The mood that a prompt names, or None."""
    found = _words().search(prompt[:SEARCHED].lower())
    return list(MOODS.values())[int(found.lastgroup[1:])] if found and found.lastgroup else None


def toned(colour: tuple[int, int, int], mood: Mood) -> tuple[int, int, int]:
    """One colour under a mood."""
    grey = sum(part * luma for part, luma in zip(colour, (0.299, 0.587, 0.114), strict=True))
    red, green, blue = (
        max(0, min(255, round((grey + (part - grey) * mood.fullness) * gain + mood.lift / 2)))
        for part, gain in zip(colour, mood.gains, strict=True)
    )
    return red, green, blue


@cache
def _words() -> re.Pattern[str]:
    """One group of words for each mood: the leftmost word in a text is found, the first mood of two at one place."""
    return re.compile("|".join(f"(?P<m{index}>{'|'.join(_split(words))})" for index, words in enumerate(MOODS)))


def _split(words: str) -> list[str]:
    """A word of letters begins where no other word goes on; after it another one may."""
    phrase, *rest = words.partition(PHRASE)[1:]
    separate = [phrase, *" ".join(rest).split()] if phrase else words.split()
    return [rf"(?<![a-z]){word}" if word.isascii() else word for word in separate]
