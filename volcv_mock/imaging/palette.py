"""Colours for a prompt: the hue of a colour word in it, or a hue from its digest.

For example "蓝色的海洋" gives blues, so that a person can tell which request a picture belongs to.
"""

from __future__ import annotations

import colorsys
import re
from functools import cache

from volcv_mock.imaging.mood import mood_of, toned
from volcv_mock.imaging.noise import numbers
from volcv_mock.simulation import draws

Colour = tuple[int, int, int]

HUES = {
    0: "red 红 赤 rose 玫瑰 fire 火 apple 苹果",
    28: "orange 橙 橘 sunset 夕阳 日落 brown 棕 dog 狗 lion 狮 cat 猫 wood 木",
    50: "yellow 黄 gold 金 sun 太阳 sand 沙",
    118: "green 绿 grass 草 tree 树 forest 森林 leaf 叶",
    178: "cyan teal 青 lake 湖",
    212: "blue 蓝 sea ocean 海 sky 天空 water 水",
    274: "purple violet 紫 lavender 薰衣草",
    330: "pink 粉 flower 花 sakura 樱",
}
"""Hue in degrees, and the words for it. The earliest word in the prompt counts."""

SPREAD = (0, -14, 12, 26, 178)
"""Hues of a palette in degrees from its main hue: four similar ones and a complementary accent."""
LIGHTS = (0.26, 0.4, 0.56, 0.72, 0.68)
"""The lightness of each hue, 0 to 1."""


def named_hue(prompt: str) -> int | None:
    """The hue of the earliest colour word in the prompt, or None."""
    found = _words().search(prompt[:2000].lower())
    return int(found.lastgroup[1:]) if found and found.lastgroup else None


@cache
def _words() -> re.Pattern[str]:
    """One group of words for each hue: the leftmost word in a text is found, the lesser hue of two at one place."""
    return re.compile("|".join(f"(?P<h{hue}>{'|'.join(words.split())})" for hue, words in HUES.items()))


def hue_of(prompt: str, seed: int) -> float:
    """The hue in degrees: within 16 of the named hue, else from the digest, with wider variation by seed."""
    named = named_hue(prompt)
    sway = draws.uniform("hue", prompt, seed) - 0.5
    if named is not None:
        return named + 32 * sway
    return draws.uniform("hue", prompt) * 360 + 110 * sway


def colours(prompt: str, seed: int) -> tuple[Colour, ...]:
    """Five matching colours: four from dark to light, and an accent."""
    hue = hue_of(prompt, seed)
    drawn = iter(numbers(2 * len(SPREAD), "shade", prompt, seed))
    mood = mood_of(prompt)
    plain = (
        rgb((hue + away) % 360, light + 0.12 * (lighter - 0.5), 0.42 + 0.3 * fuller)
        for away, light, lighter, fuller in zip(SPREAD, LIGHTS, drawn, drawn, strict=True)
    )
    return tuple(toned(colour, mood) if mood else colour for colour in plain)


def rgb(hue: float, light: float, full: float) -> Colour:
    """A colour by its hue in degrees, its lightness and its saturation (0 to 1)."""
    red, green, blue = colorsys.hls_to_rgb(hue / 360, light, full)
    return round(255 * red), round(255 * green), round(255 * blue)
