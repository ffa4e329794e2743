"""Descriptions of pictures: small, hashable, and short when a report prints them.

A description says what a picture shows and in which single way it is flawed; `render` makes bytes
of it once. Hypothesis draws and shrinks descriptions, never bytes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rect:
    """A rectangle in pixels, the right and lower edge excluded."""

    x: int
    y: int
    width: int
    height: int

    def __repr__(self) -> str:
        return f"rect({self.x},{self.y},{self.width},{self.height})"

    def grown(self, by: int) -> Rect:
        """The rectangle with `by` pixels more on every side."""
        return Rect(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)


@dataclass(frozen=True)
class Photo:
    """An input picture: a soft scene that differs by `scene`, so that no two regions look alike."""

    width: int = 64
    height: int = 64
    format: str = "JPEG"
    scene: int = 0
    mode: str = "RGB"
    progressive: bool = False
    orientation: int = 1
    pad_to: int = 0
    flaw: str = ""

    def __repr__(self) -> str:
        extras = [self.flaw] if self.flaw else []
        extras += [f"exif {self.orientation}"] if self.orientation != 1 else []
        extras += ["progressive"] if self.progressive else []
        extras += [f"{self.pad_to} bytes"] if self.pad_to else []
        words = [f"{self.width}x{self.height}", self.format, self.mode, f"scene {self.scene}", *extras]
        return f"Photo({', '.join(words)})"


@dataclass(frozen=True)
class Mask:
    """A mask: `marked` is white on black. `level` is the grey of the marked part, `ground` of the rest."""

    width: int = 64
    height: int = 64
    mode: str = "L"
    marked: Rect | None = Rect(16, 16, 32, 32)
    level: int = 255
    ground: int = 0
    format: str = "PNG"
    flaw: str = ""

    def __repr__(self) -> str:
        shade = "" if (self.level, self.ground) == (255, 0) else f", {self.ground}..{self.level}"
        flaw = f", {self.flaw}" if self.flaw else ""
        return f"Mask({self.width}x{self.height}, {self.mode}, {self.marked or 'nothing'}{shade}{flaw})"


@dataclass(frozen=True)
class Raw:
    """A JSON value put in a picture's place as it is: not base64, a data URI, a number."""

    name: str
    value: str | int | bool | None

    def __repr__(self) -> str:
        return f"Raw({self.name})"


Picture = Photo | Mask | Raw
