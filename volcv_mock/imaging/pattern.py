"""Patterns: what edit and outpainting paint instead of a model's picture.

The prompt determines motif and colours, the seed layout and shades, `detail` the number of shapes. The same size,
prompt, seed and detail give the same pattern on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from volcv_mock._util.frozen import frozen
from volcv_mock.imaging.boxes import Box
from volcv_mock.imaging.noise import numbers, stream
from volcv_mock.imaging.palette import Colour, colours
from volcv_mock.simulation import draws

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImagePath import Path as Curve

Points = list[tuple[float, float]]
Outlines = list[Points] | list["Curve"]
Shape = Callable[[float, float, float, float], Outlines]
WORKING_SIDE = 640
"""Patterns are drawn at most this large in pixels, then enlarged: this bounds the time."""
OVERSAMPLING = 2
"""Shapes are cut out this much larger, for soft edges."""
FINEST = 4
"""Radius in oversampled pixels below which a layer is left out of small pictures."""
MESH = (4, 4)
THIRD = [value // 3 for value in range(256)]
FINE, COARSE = 36, 12
"""How many sides a circle has as a polygon."""
SMALL = 12
"""Ellipses up to this width use the coarse circle, which is exact to half a pixel."""


@frozen
class PatternStyle:
    """What determines a pattern. `detail` is 0 to 1, from few shapes to many."""

    prompt: str
    seed: int
    detail: float


@frozen
class Layer:
    """The number of shapes at medium detail, their radius as a share of the side, opacity (of 255), palette index."""

    shapes: int
    radius: float
    strength: int
    colour: int


LAYERS = (Layer(3, 0.24, 95, 3), Layer(6, 0.13, 160, 2), Layer(10, 0.06, 225, 4))
"""From bottom to top; each has smaller, more and lighter shapes."""


@frozen
class Pattern:
    """A pattern as it was drawn; `size` is its full size, which a part of it has."""

    drawn: Image
    size: tuple[int, int]

    def over(self, ground: Image, share: float) -> Pattern:
        """The pattern, with that share, over a ground of the size in which it was drawn."""
        from PIL.Image import blend  # lazy: start-up time

        return Pattern(blend(ground, self.drawn, share), self.size)

    def part(self, box: Box) -> Image:
        """A box of the pattern at full size."""
        from PIL.Image import Resampling  # lazy: start-up time

        if self.drawn.size == self.size:
            return self.drawn.crop(box)
        across, down = self.drawn.width / self.size[0], self.drawn.height / self.size[1]
        part = (box[0] * across, box[1] * down, box[2] * across, box[3] * down)
        return self.drawn.resize((box[2] - box[0], box[3] - box[1]), Resampling.BILINEAR, box=part)


def paint_pattern(size: tuple[int, int], style: PatternStyle) -> Image:
    """The whole pattern at that size."""
    return draw_pattern(size, style).part((0, 0, *size))


def draw_pattern(size: tuple[int, int], style: PatternStyle) -> Pattern:
    """The pattern for that size, from which parts are taken: a whole one of the largest size is 64 MB."""
    share = min(1.0, WORKING_SIDE / max(size))
    working = (max(1, round(size[0] * share)), max(1, round(size[1] * share)))
    palette, motif = colours(style.prompt, style.seed), motif_of(style.prompt)
    picture = _mesh(working, palette, style)
    for layer in LAYERS:
        if layer.radius * max(working) * OVERSAMPLING >= FINEST or layer is LAYERS[0]:
            _lay(picture, layer, motif, palette, style)
    return Pattern(picture, size)


def _mesh(size: tuple[int, int], palette: tuple[Colour, ...], style: PatternStyle) -> Image:
    """Palette colours on a coarse grid, interpolated; lighter at the top, darker at the bottom."""
    from PIL import Image  # lazy: start-up time

    picks = stream(MESH[0] * MESH[1], "mesh", style.prompt, style.seed)
    places = (max(0, min(3, 3 - place // MESH[0] + pick % 3 - 1)) for place, pick in enumerate(picks))
    grid = Image.frombytes("RGB", MESH, bytes(part for place in places for part in palette[place]))
    return grid.resize(size, Image.Resampling.BICUBIC)


def _lay(picture: Image, layer: Layer, motif: Shape, palette: tuple[Colour, ...], style: PatternStyle) -> None:
    """One layer of shapes and their shadow."""
    from PIL import Image, ImageDraw  # lazy: start-up time

    large = (picture.width * OVERSAMPLING, picture.height * OVERSAMPLING)
    stencil, side = Image.new("L", large), max(large)
    pen = ImageDraw.Draw(stencil)
    count = round(layer.shapes * (0.5 + 2.0 * style.detail))
    drawn = iter(numbers(4 * count, "shapes", style.prompt, style.seed, layer.shapes))
    for x, y, turn, scale in zip(drawn, drawn, drawn, drawn, strict=True):
        radius = side * layer.radius * (0.55 + 0.8 * scale)
        _stamp(pen, motif(x * large[0], y * large[1], radius, turn * math.tau), layer.strength)
    soft = stencil.reduce(8).point(THIRD).resize(picture.size, Image.Resampling.BICUBIC)
    side = max(picture.size)
    picture.paste(palette[0], (round(side / 130), round(side / 90)), soft)
    picture.paste(palette[layer.colour], (0, 0), stencil.reduce(OVERSAMPLING))


def _stamp(pen: ImageDraw, outlines: Outlines, strength: int) -> None:
    for outline in outlines:
        pen.polygon(outline, fill=strength)


def motif_of(prompt: str) -> Shape:
    """The motif of a prompt: named by one of its words, else drawn from its digest."""
    text = prompt[:2000].lower()
    named = (MOTIFS[name] for name, words in WORDS.items() if any(word in text for word in words))
    drawn = list(MOTIFS.values())[draws.integer(len(MOTIFS), "motif", prompt)]
    return next(named, drawn)


def _ellipse(x: float, y: float, width: float, height: float, turn: float) -> Curve:
    """Its points are worked out by Pillow: in Python this is a third of a small picture's time."""
    from PIL.ImagePath import Path as Curve  # lazy: start-up time

    cos, sin = math.cos(turn), math.sin(turn)
    curve = Curve(_circle(FINE if width > SMALL else COARSE))
    curve.transform((width * cos, -height * sin, x, width * sin, height * cos, y))
    return curve


@cache
def _circle(sides: int) -> Curve:
    """The unit circle as a polygon. It is shared: copy it before it is changed."""
    from PIL.ImagePath import Path as Curve  # lazy: start-up time

    turns = [step * math.tau / sides for step in range(sides)]
    return Curve([(math.cos(turn), math.sin(turn)) for turn in turns])


def _around(x: float, y: float, radius: float, angle: float) -> tuple[float, float]:
    return x + radius * math.cos(angle), y + radius * math.sin(angle)


def bubbles(x: float, y: float, radius: float, turn: float) -> list[Curve]:
    """A disc with a smaller one on its edge."""
    small = _around(x, y, radius * 1.05, turn)
    return [_ellipse(x, y, radius * 0.8, radius * 0.8, 0), _ellipse(*small, radius * 0.3, radius * 0.3, 0)]


def petals(x: float, y: float, radius: float, turn: float) -> list[Curve]:
    """Six ellipses around a centre."""
    angles = [turn + step * math.tau / 6 for step in range(6)]
    return [_ellipse(*_around(x, y, radius * 0.55, one), radius * 0.5, radius * 0.24, one) for one in angles]


def waves(x: float, y: float, radius: float, turn: float) -> list[Points]:
    """One band along a sine curve, thick in its middle."""
    width, depth = radius * 2.6, radius * 0.2
    top = [(x - width + 2 * width * step / 40, y + depth * math.sin(step * math.tau / 20 + turn)) for step in range(41)]
    taper = [depth * 1.6 * math.sin(math.pi * step / 40) for step in range(41)]
    return [top + [(px, py + thick) for (px, py), thick in zip(reversed(top), taper, strict=True)]]


def leaves(x: float, y: float, radius: float, turn: float) -> list[Curve]:
    """Six narrow ellipses in two rows."""
    made = []
    for side in (-0.9, 0.9):
        for step in (-1, 0, 1):
            centre = _around(x, y, radius * step * 0.62, turn)
            tip = _around(*centre, radius * 0.4, turn + side)
            made.append(_ellipse(*tip, radius * 0.4, radius * 0.15, turn + side))
    return made


def facets(x: float, y: float, radius: float, turn: float) -> list[Points]:
    """Three triangles of a pentagon."""
    corners = [_around(x, y, radius, turn + step * math.tau / 5) for step in range(5)]
    return [[(x, y), corners[0], corners[1]], [(x, y), corners[2], corners[3]], [corners[3], corners[4], (x, y)]]


def stars(x: float, y: float, radius: float, turn: float) -> list[Points]:
    """One star with five points."""
    return [[_around(x, y, radius * (1, 0.42)[step % 2], turn + step * math.pi / 5) for step in range(10)]]


MOTIFS: Mapping[str, Shape] = {
    "bubbles": bubbles, "petals": petals, "waves": waves, "leaves": leaves, "facets": facets, "stars": stars,
}  # fmt: skip
WORDS = {
    "waves": ("sea", "ocean", "海", "water", "水", "lake", "湖", "river", "河"),
    "petals": ("flower", "花", "rose", "玫瑰", "sakura", "樱"),
    "leaves": ("tree", "树", "forest", "森林", "leaf", "叶", "grass", "草"),
    "stars": ("star", "星", "night", "夜"),
    "facets": ("mountain", "山", "rock", "石", "crystal", "水晶", "building", "建筑"),
    "bubbles": ("dog", "狗", "cat", "猫", "balloon", "气球", "ball", "球"),
}
"""The words that name a motif."""
