"""The classes of pictures, valid and invalid, each with the sentence that decides about it.

`item` says whose place the picture takes. `rule` is the rule of the contract that a mock must name;
`source` holds ids of schemas/sources.json. Sizes are those of the other picture, unless the class is
about size.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from .. import contract
from .describe import Mask, Photo, Picture, Raw, Rect
from .render import render

SIDE = 96
MEBIBYTE, MEGABYTE = 2**20, 10**6
"""Which of the two "MB" means is not said (S3-max-bytes); a file between them is our reading alone."""
SOUND_PHOTO = Photo(SIDE, SIDE)
SOUND_MASK = Mask(SIDE, SIDE, marked=Rect(32, 32, 32, 32))


@dataclass(frozen=True)
class PictureClass:
    """One kind of picture: its name, how to draw it, and what the documents say about it."""

    name: str
    item: Literal["picture", "mask"]
    draw: Callable[[], Picture]
    source: str
    rule: str = ""
    other: Callable[[], Picture] | None = None
    base64_only: bool = False
    grade: str = ""
    """Of the class where the source says less than this; by default the grade of the source."""

    @property
    def is_valid(self) -> bool:
        """Whether the documents allow the class."""
        return not self.rule

    def pictures(self) -> tuple[Picture, ...]:
        """The picture list of an inpainting request with this class in its place."""
        own = self.draw()
        if self.item == "picture":
            return own, self.other() if self.other else _fitting_mask(own)
        return (self.other() if self.other else SOUND_PHOTO), own


def _fitting_mask(photo: Picture) -> Mask:
    if not isinstance(photo, Photo):
        return SOUND_MASK
    return Mask(photo.width, photo.height, marked=Rect(8, 8, 32, 32))


def _photo(name: str, source: str, rule: str = "", **how: Any) -> PictureClass:
    return PictureClass(name, "picture", lambda: replace(SOUND_PHOTO, **how), source, rule)


def _mask(name: str, source: str, rule: str = "", **how: Any) -> PictureClass:
    return PictureClass(name, "mask", lambda: replace(SOUND_MASK, **how), source, rule)


def _text(name: str, damage: Callable[[str], str], rule: str) -> PictureClass:
    def draw() -> Raw:
        return Raw(name, damage(base64.b64encode(render(SOUND_PHOTO)).decode()))

    return PictureClass(name, "picture", draw, "S3-base64", rule, base64_only=True)


def _sides(name: str, width: int, height: int, rule: str = "", format: str = "PNG") -> PictureClass:
    return _photo(name, "S3-sides, S1-sides", rule, width=width, height=height, format=format)


def photos() -> tuple[PictureClass, ...]:
    """Classes of the picture to edit."""
    demands = contract.picture_demands()
    low, high, most = demands["min_side"], demands["max_side"], demands["max_bytes"]
    return (
        _photo("jpeg", "S3-formats, S1-formats"),
        _photo("jpeg progressive", "S3-formats", progressive=True),
        _photo("png", "S3-formats", format="PNG"),
        _photo("jpeg upside down by exif", "S3-formats", orientation=3),
        _sides("smallest", low, low),
        _sides("smallest jpeg", low, low, format="JPEG"),
        _sides("widest", high, low),
        _sides("highest", low, high),
        _photo("largest file", "S3-max-bytes, S1-max-bytes", pad_to=most // MEBIBYTE * MEGABYTE),
        replace(_photo("largest file in MiB", "S3-max-bytes, H-ledger", pad_to=most), grade="assumed"),
        _photo("one byte too large", "S3-max-bytes, S1-max-bytes", "picture_size_bytes", pad_to=most + 1),
        _photo("png one byte too large", "S3-max-bytes", "picture_size_bytes", format="PNG", pad_to=most + 1),
        _sides("one pixel too narrow", low - 1, low, "picture_min_side"),
        _sides("one pixel too low", low, low - 1, "picture_min_side", "JPEG"),
        _sides("one pixel too wide", high + 1, low, "picture_max_side"),
        _sides("one pixel too high", low, high + 1, "picture_max_side"),
        *(
            _photo(name.lower(), "S3-formats, S1-formats", "picture_format", format=name)
            for name in ("GIF", "BMP", "WEBP", "TIFF", "HEIC", "SVG", "text")
        ),
        _photo("cmyk", "S3-picture-item", "picture_mode", mode="CMYK"),
        _photo("bomb by its header", "S3-sides", "picture_max_side", format="PNG", flaw="header says 100000x100000"),
        _photo("cut in half", "S3-formats", "picture_complete", format="PNG", flaw="half"),
        _photo("without its end", "S3-formats", "picture_complete", format="PNG", flaw="no end"),
        _photo("bad checksum", "S3-formats", "picture_crc", format="PNG", flaw="bad crc"),
        _photo("bad data stream", "S3-formats", "picture_decodes", format="PNG", flaw="bad zlib"),
        _photo("too little data", "S3-formats", "picture_decodes", format="PNG", flaw="too little data"),
        _text("no base64", lambda text: "!" * 40, "base64_alphabet"),
        _text(
            "the base64url alphabet", lambda text: text.replace("/", "_").replace("+", "-"), "base64_is_not_base64url"
        ),
        _text("a data URI", lambda text: f"data:image/jpeg;base64,{text}", "base64_is_not_data_uri"),
        _text("a line break inside", lambda text: text[:76] + "\n" + text[76:], "base64_has_no_whitespace"),
        _text("a space inside", lambda text: text[:76] + " " + text[76:], "base64_has_no_whitespace"),
        _text("padding lost", lambda text: text.rstrip("=") + "A", "base64_padding"),
        _text("empty text", lambda text: "", "base64_empty"),
    )


def masks() -> tuple[PictureClass, ...]:
    """Classes of the mask."""
    icc = "S3-mask-icc, S1-mask-icc"
    grey, rgb, rgba, png = (f"S3-mask-{name}, S1-mask-{name}" for name in ("grey", "rgb", "rgba", "png"))
    return (
        _mask("grey", grey),
        _mask("rgb, all equal", rgb, mode="RGB"),
        _mask("rgba, all equal, alpha 255", rgba, mode="RGBA"),
        _mask("nothing marked", grey, marked=None),
        _mask("everything marked", grey, marked=Rect(0, 0, SIDE, SIDE)),
        _mask("grey levels", grey, level=200, ground=17),
        _mask("gamma chunk", icc, flaw="gamma chunk"),
        _mask("srgb chunk", icc, flaw="srgb chunk"),
        _mask("interlaced", png, flaw="interlaced"),
        _mask("icc profile", icc, "mask_has_no_icc_profile", flaw="icc profile"),
        _mask("icc profile in rgb", icc, "mask_has_no_icc_profile", mode="RGB", flaw="icc profile"),
        _mask("one coloured pixel", rgb, "mask_rgb_is_equal", mode="RGB", flaw="one coloured pixel"),
        _mask(
            "one coloured pixel in rgba", rgba, "mask_rgb_is_equal", mode="RGBA", flaw="one coloured pixel with alpha"
        ),
        _mask("one alpha of 254", rgba, "mask_alpha_is_opaque", mode="RGBA", flaw="one alpha 254"),
        _mask("one alpha of 0", rgba, "mask_alpha_is_opaque", mode="RGBA", flaw="one alpha 0"),
        _mask("grey with alpha", grey, "mask_channels", mode="LA"),
        _mask("palette", png, "mask_channels", flaw="palette"),
        _mask("16 bit", png, "mask_is_8_bit", flaw="16 bit"),
        _mask("16 bit rgb", png, "mask_is_8_bit", mode="RGB", flaw="16 bit"),
        *(_mask(f"{bits} bit", png, "mask_is_8_bit", flaw=f"{bits} bit") for bits in (1, 2, 4)),
        _mask("jpeg", png, "mask_is_png", flaw="jpeg"),
        _mask("animated", "H-choice", "mask_is_still", flaw="animated"),
        _mask("one pixel wider", "H-ledger", "mask_size_matches", width=SIDE + 1),
        _mask("one pixel lower", "H-ledger", "mask_size_matches", height=SIDE - 1),
        PictureClass(
            "transposed", "mask", lambda: Mask(72, SIDE), "H-ledger", "mask_size_matches", other=lambda: Photo(SIDE, 72)
        ),
        _mask("header says 5000x5000", "S3-sides", "picture_max_side", flaw="header says 5000x5000"),
        _mask("bomb by its header", "S3-sides", "picture_max_side", flaw="header says 100000x100000"),
        _mask("cut in half", png, "mask_complete", flaw="half"),
        _mask("without its end", png, "mask_complete", flaw="no end"),
        _mask("bad checksum", png, "mask_crc", flaw="bad crc"),
        _mask("bad data stream", png, "mask_decodes", flaw="bad zlib"),
        _mask("too little data", png, "mask_decodes", flaw="too little data"),
    )


def all_classes() -> tuple[PictureClass, ...]:
    """The classes of photos, then those of masks."""
    return (*photos(), *masks())
