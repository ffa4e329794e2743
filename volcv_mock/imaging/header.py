"""What a picture's own headers say, read without decoding a pixel: the words shared by the readers.

`probe` recognises a format and asks `png_header` or `jpeg_header`; `pictures` and `masks` judge.
"""

from __future__ import annotations

from dataclasses import dataclass

_LAST_UPRIGHT_ORIENTATION = 4
"""EXIF orientations 5 to 8 turn the picture by a quarter: shown width is stored height."""


@dataclass(frozen=True, slots=True)
class Header:
    """The first facts of a file. `width` and `height` are as stored, before any EXIF turn.

    `mode` is "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCCK", or words for something stranger.
    `flaw` names what keeps the header from being read; `gap` what is missing at the file's end.
    """

    format: str
    width: int = 0
    height: int = 0
    mode: str = ""
    bits: int = 0
    has_icc_profile: bool = False
    is_animated: bool = False
    is_interlaced: bool = False
    is_progressive: bool = False
    orientation: int = 1
    trailing_bytes: int = 0
    flaw: str = ""
    gap: str = ""

    @property
    def is_measured(self) -> bool:
        """Whether the sides are known, so that the rules about them can speak."""
        return bool(self.mode)

    @property
    def shown_size(self) -> tuple[int, int]:
        """The sides as a viewer shows them, after the EXIF turn."""
        return shown(self.width, self.height, self.orientation)


def shown(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Sides after the EXIF turn; the same function takes them back."""
    return (height, width) if orientation > _LAST_UPRIGHT_ORIENTATION else (width, height)
