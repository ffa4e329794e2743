"""Patterns: what edit and outpainting paint instead of a model's picture.

The prompt determines motif and colours, the seed layout and shades, `detail` the number of shapes. The same size,
prompt, seed and detail give the same pattern on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from volcv_mock._util.frozen import frozen
from volcv_mock.imaging.noise import numbers, stream
from volcv_mock.imaging.palette import Colour, colours
from volcv_mock.simulation import draws

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

Points = list[tuple[float, float]]
Shape = Callable[[float, float, float, float], list[Points]]
WORKING_SIDE = 512
"""Patterns are drawn at most this large in pixels, then enlarged: this bounds the time."""
OVERSAMPLING = 2
FINEST = 4
"""Radius in oversampled pixels below which a layer is left out of small pictures."""
MESH = (4, 4)
THIRD = [value // 3 for value in range(256)]
FINE, COARSE = (
    [(math.cos(step * math.tau / sides), math.sin(step * math.tau / sides)) for step in range(sides)]
    for sides in (36, 12)
)
"""The unit circle as polygons, fine and coarse."""
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


def paint_pattern(size: tuple[int, int], style: PatternStyle) -> Image:
    """The pattern at that size."""
    from PIL import Image  # lazy: start-up time

    share = min(1.0, WORKING_SIDE / max(size))
    working = (max(1, round(size[0] * share)), max(1, round(size[1] * share)))
    palette, motif = colours(style.prompt, style.seed), motif_of(style.prompt)
    picture = _mesh((working[0] * OVERSAMPLING, working[1] * OVERSAMPLING), palette, style)
    for layer in LAYERS:
        if layer.radius * max(picture.size) >= FINEST or layer is LAYERS[0]:
            _lay(picture, layer, motif, palette, style)
    return picture.resize(size, Image.Resampling.BOX if share == 1 else Image.Resampling.BICUBIC)


def _mesh(size: tuple[int, int], palette: tuple[Colour, ...], style: PatternStyle) -> Image:
    """Palette colours on a coarse grid, interpolated; lighter at the top, darker at the bottom."""
    from PIL import Image  # lazy: start-up time

    picks = stream(MESH[0] * MESH[1], "mesh", style.prompt, style.seed)
    grid = Image.new("RGB", MESH)
    for place, pick in enumerate(picks):
        row = place // MESH[0]
        grid.putpixel((place % MESH[0], row), palette[max(0, min(3, 3 - row + pick % 3 - 1))])
    return grid.resize(size, Image.Resampling.BICUBIC)


def _lay(picture: Image, layer: Layer, motif: Shape, palette: tuple[Colour, ...], style: PatternStyle) -> None:
    """One layer of shapes and their shadow."""
    from PIL import Image, ImageDraw  # lazy: start-up time

    stencil = Image.new("L", picture.size)
    pen = ImageDraw.Draw(stencil)
    side = max(picture.size)
    count = round(layer.shapes * (0.5 + 2.0 * style.detail))
    drawn = iter(numbers(4 * count, "shapes", style.prompt, style.seed, layer.shapes))
    for x, y, turn, scale in zip(drawn, drawn, drawn, drawn, strict=True):
        radius = side * layer.radius * (0.55 + 0.8 * scale)
        _stamp(pen, motif(x * picture.width, y * picture.height, radius, turn * math.tau), layer.strength)
    soft = stencil.reduce(8).point(THIRD).resize(picture.size, Image.Resampling.BICUBIC)
    picture.paste(palette[0], (round(side / 130), round(side / 90)), soft)
    picture.paste(palette[layer.colour], (0, 0), stencil)


def _stamp(pen: ImageDraw, outlines: list[Points], strength: int) -> None:
    for outline in outlines:
        pen.polygon(outline, fill=strength)


def motif_of(prompt: str) -> Shape:
    """The motif of a prompt: named by one of its words, else drawn from its digest."""
    text = prompt[:2000].lower()
    named = (MOTIFS[name] for name, words in WORDS.items() if any(word in text for word in words))
    drawn = list(MOTIFS.values())[draws.integer(len(MOTIFS), "motif", prompt)]
    return next(named, drawn)


def _ellipse(x: float, y: float, width: float, height: float, turn: float) -> Points:
    cos, sin = math.cos(turn), math.sin(turn)
    a, b, c, d = width * cos, height * sin, width * sin, height * cos
    return [(x + a * u - b * v, y + c * u + d * v) for u, v in (FINE if width > SMALL else COARSE)]


def _around(x: float, y: float, radius: float, angle: float) -> tuple[float, float]:
    return x + radius * math.cos(angle), y + radius * math.sin(angle)


def bubbles(x: float, y: float, radius: float, turn: float) -> list[Points]:
    """A disc with a smaller one on its edge."""
    small = _around(x, y, radius * 1.05, turn)
    return [_ellipse(x, y, radius * 0.8, radius * 0.8, 0), _ellipse(*small, radius * 0.3, radius * 0.3, 0)]


def petals(x: float, y: float, radius: float, turn: float) -> list[Points]:
    """Six ellipses around a centre."""
    angles = [turn + step * math.tau / 6 for step in range(6)]
    return [_ellipse(*_around(x, y, radius * 0.55, one), radius * 0.5, radius * 0.24, one) for one in angles]


def waves(x: float, y: float, radius: float, turn: float) -> list[Points]:
    """One band along a sine curve, thick in its middle."""
    width, depth = radius * 2.6, radius * 0.2
    top = [(x - width + 2 * width * step / 40, y + depth * math.sin(step * math.tau / 20 + turn)) for step in range(41)]
    taper = [depth * 1.6 * math.sin(math.pi * step / 40) for step in range(41)]
    return [top + [(px, py + thick) for (px, py), thick in zip(reversed(top), taper, strict=True)]]


def leaves(x: float, y: float, radius: float, turn: float) -> list[Points]:
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
