"""Header: the properties of a picture that are read without decoding.

`probe` detects the format and calls `png_header` or `jpeg_header`; `pictures` and `masks` validate.
"""

from __future__ import annotations

from volcv_mock._util.frozen import frozen

_LAST_UPRIGHT_ORIENTATION = 4
"""EXIF orientations 5 to 8 rotate by 90 degrees: the shown width is the stored height."""


@frozen
class Header:
    """The header of a file. `width` and `height` are as stored, before EXIF rotation.

    `mode` is "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCCK", or a description of anything else.
    `flaw` says why the header is invalid; `gap` says what is missing at the end of the file.
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
        """Whether the sides are known."""
        return bool(self.mode)

    @property
    def shown_size(self) -> tuple[int, int]:
        """The sides as a viewer shows them, after EXIF rotation."""
        return shown(self.width, self.height, self.orientation)


def shown(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Sides after EXIF rotation. The function is its own inverse."""
    return (height, width) if orientation > _LAST_UPRIGHT_ORIENTATION else (width, height)
