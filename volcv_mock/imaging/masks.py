"""Mask rules: one generator per sentence of the documents' mask requirements.

A rule yields what is wrong; stages/validate.py decides what happens next. The header rules run first; then the mask
is decoded once and the pixel rules run. Any grey level is allowed, and so are interlacing, gamma and sRGB chunks: the
documents forbid only an ICC profile (S1, S3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from volcv_mock import contract
from volcv_mock._util.frozen import frozen
from volcv_mock.imaging import pictures
from volcv_mock.imaging.decode import Unreadable, one_channel, pixels_of
from volcv_mock.imaging.header import shown
from volcv_mock.imaging.pictures import Subject
from volcv_mock.imaging.probe import facts_of
from volcv_mock.model import PictureFacts, Problem, Problems, Profile

if TYPE_CHECKING:
    from PIL import Image

_STRIP_ROWS = 512
_CHANNELS = {"P": "palette colours", "LA": "grey and alpha"}


@frozen
class MaskVerdict:
    """The validation result of a mask. `image` is grey ("L"), as large as the picture; None unless it is valid."""

    facts: PictureFacts | None
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    image: Image.Image | None = None


def check_mask(
    data: bytes, where: str, picture: PictureFacts | None, profile: Profile, limits: contract.Limits | None = None
) -> MaskVerdict:
    """Validate a mask: its problems in the order of the documents, or its single channel.

    `picture` is the picture of the mask, None if that could not be read. The lenient profile resizes a mask of
    another size, with a note, instead of refusing it.
    """
    subject = Subject("mask", where, data, pictures.header_read(data), limits or contract.limits(), covers=picture)
    facts = facts_of(data, subject.header) if data else None
    is_resized = contract.reading("mask-size", profile) == "resize"
    rules = [rule for rule in HEADER_RULES if not (is_resized and rule is mask_size_matches)]
    problems = [found for rule in rules for found in rule(subject) if rule in NEVER_WAIVED or _is_held(found)]
    if any(problem.rule not in _DECODED_ANYWAY for problem in problems):
        return MaskVerdict(facts, tuple(problems))
    try:
        image = pixels_of(data, subject.header.format)
    except Unreadable as error:
        return MaskVerdict(facts, (*problems, _undecodable(subject, str(error))))
    found = (problem for pixel_rule in PIXEL_RULES for problem in pixel_rule(subject, image))
    problems += [problem for problem in found if _is_held(problem)]
    if problems:
        return MaskVerdict(facts, tuple(problems))
    return _fitted(facts, one_channel(image, subject.header.orientation), subject)


def _is_held(problem: Problem) -> bool:
    return not contract.waives(problem.rule)


def mask_is_png(subject: Subject) -> Problems:
    """S1, S3, mask 4: PNG encoding."""
    wanted = contract.mask_demands().format
    if subject.header.format != wanted:
        yield subject.problem(
            "is_png",
            found=pictures.named(subject),
            wanted=f"a {wanted} file",
            fix=pictures.HINTS.get(subject.header.format, f"Save the mask as {wanted}; JPEG would blur its edges."),
            sources=_mask_sources("format"),
        )


def mask_channels(subject: Subject) -> Problems:
    """S1, S3, mask 1 to 3: one, three or four channels; no palette, no grey with alpha."""
    header, wanted = subject.header, contract.mask_demands().modes
    if header.is_measured and not header.flaw and header.mode not in wanted:
        yield subject.problem(
            "channels",
            found=f"a {header.format} of {_CHANNELS.get(header.mode, header.mode)}",
            wanted=f"channels {', '.join(wanted)}",
            fix='Save it as plain grey (in Pillow: mask.convert("L")).',
            sources=_mask_sources("modes"),
        )


def mask_is_8_bit(subject: Subject) -> Problems:
    """S1, S3, mask 4: 8 bits. Also for 16-bit RGB, which Pillow opens as RGB."""
    header, wanted = subject.header, contract.mask_demands().bits
    if header.is_measured and header.bits != wanted:
        yield subject.problem(
            "is_8_bit",
            found=f"a {header.bits}-bit {header.format}",
            wanted=f"{wanted} bits per channel",
            fix=f"Save it as {wanted}-bit {contract.mask_demands().format}.",
            sources=_mask_sources("bits"),
        )


def mask_has_no_icc_profile(subject: Subject) -> Problems:
    """S1, S3, mask 4: no embedded ICC profile."""
    if subject.header.has_icc_profile and not contract.mask_demands().icc_profile:
        yield subject.problem(
            "has_no_icc_profile",
            found="an embedded ICC profile",
            wanted="none",
            fix="Save it without one (in Pillow: save(..., icc_profile=None)).",
            sources=_mask_sources("icc_profile"),
        )


def mask_is_still(subject: Subject) -> Problems:
    """An APNG contains several masks (assumed: no document mentions it)."""
    if subject.header.is_animated and not contract.mask_demands().animated:
        yield subject.problem(
            "is_still",
            found="an animated PNG (it has an acTL chunk)",
            wanted="a single picture",
            fix="Save one frame as a plain PNG.",
            sources=_mask_sources("animated"),
        )


def mask_is_not_interlaced(subject: Subject) -> Problems:
    """Accepted; a reading may refuse it (no document mentions it)."""
    if subject.header.is_interlaced and contract.reading("mask-interlaced-and-gamma") == "refuse":
        fix = "Save it without interlacing."
        yield subject.problem("is_png", "an interlaced PNG", "a plain PNG", fix, _mask_sources("format"))


def mask_size_matches(subject: Subject) -> Problems:
    """A mask has the size of its picture, both as shown (assumed; see divergences)."""
    if contract.mask_demands().same_size and _differs(subject):
        picture = subject.covers
        assert picture is not None
        yield subject.problem(
            "size_matches",
            found=f"a mask of {_size(*subject.header.shown_size)} px",
            wanted=f"the picture's size, {_size(picture.width, picture.height)}",
            fix=_fix_size(subject.header.shown_size, picture),
            sources=_mask_sources("same_size"),
        )


def mask_rgb_is_equal(subject: Subject, image: Image.Image) -> Problems:
    """S1, S3, mask 2 and 3: r, g and b are equal in every pixel."""
    if image.mode not in ("RGB", "RGBA") or not contract.mask_demands().rgb_is_equal:
        return
    found = _first_and_count(image.size, ((top, _unequal_channels(strip)) for top, strip in _strips(image)))
    if found is None:
        return
    spot, count = found
    red, green, blue = (image.getchannel(index).getpixel(spot) for index in range(3))
    yield subject.problem(
        "rgb_is_equal",
        found=f"at {spot} r={red} g={green} b={blue}; {count}",
        wanted="r = g = b in every pixel",
        fix='Save it as plain grey (in Pillow: mask.convert("L")).',
        sources=_mask_sources("rgb_is_equal"),
    )


def mask_alpha_is_opaque(subject: Subject, image: Image.Image) -> Problems:
    """S1, S3, mask 3: alpha is 255 throughout."""
    if image.mode != "RGBA":
        return
    wanted = contract.mask_demands().alpha
    alpha = image.getchannel("A")
    if alpha.getextrema() == (wanted, wanted):
        return
    found = _first_and_count(alpha.size, [(0, _unlike(wanted, alpha))])
    if found is None:
        return
    spot, count = found
    yield subject.problem(
        "alpha_is_opaque",
        found=f"at {spot} alpha={alpha.getpixel(spot)}; {count}",
        wanted=f"alpha {wanted} in every pixel",
        fix="Flatten the mask before saving it: white on black marks the area to change, not alpha.",
        sources=_mask_sources("alpha"),
    )


HEADER_RULES = (
    mask_is_png,
    pictures.picture_size_bytes,
    pictures.picture_max_side,
    mask_channels,
    mask_is_8_bit,
    mask_has_no_icc_profile,
    mask_is_still,
    mask_is_not_interlaced,
    mask_size_matches,
    pictures.has_a_valid_header,
    pictures.is_complete,
    pictures.checksums_match,
)
NEVER_WAIVED = (mask_is_not_interlaced,)
"""Refuses by a reading of its own, whose answer it shares with masks of another format, which another may accept."""
PIXEL_RULES = (mask_rgb_is_equal, mask_alpha_is_opaque)
_DECODED_ANYWAY = frozenset({"mask_has_no_icc_profile", "mask_is_still", "mask_size_matches"})
"""Problems after which the pixels are still checked, so that all problems are reported at once."""


def _differs(subject: Subject) -> bool:
    picture, header = subject.covers, subject.header
    if picture is None or not picture.mode or not header.is_measured:
        return False
    return header.shown_size != (picture.width, picture.height)


def _fix_size(mask: tuple[int, int], picture: PictureFacts) -> str:
    if mask == shown(picture.width, picture.height, picture.orientation):
        return (
            f"The picture is shown turned (EXIF orientation {picture.orientation}): "
            "draw the mask over it as shown, or save the picture upright."
        )
    if mask == (picture.height, picture.width):
        return "Width and height are swapped: turn the mask by 90 degrees."
    return "Scale the mask with the picture, without smoothing (in Pillow: Image.NEAREST)."


def _fitted(facts: PictureFacts | None, grey: Image.Image, subject: Subject) -> MaskVerdict:
    """The mask at the size of its picture; scaled only in the lenient profile."""
    picture = subject.covers
    if picture is None or not _differs(subject) or max(picture.width, picture.height) > subject.limits.max_side:
        return MaskVerdict(facts, image=grey)  # a picture that is too large is refused: nothing grows to its size
    note = f"{subject.where}: resized from {_size(*grey.size)} to the picture's {_size(picture.width, picture.height)}"
    return MaskVerdict(facts, notes=(note,), image=grey.resize((picture.width, picture.height), _nearest()))


def _nearest() -> Image.Resampling:
    from PIL.Image import Resampling  # lazy: start-up time

    return Resampling.NEAREST


def _unequal_channels(image: Image.Image) -> Image.Image:
    """Above 0 where red, green and blue differ."""
    from PIL import ImageChops  # lazy: start-up time

    red, green, blue = (image.getchannel(index) for index in range(3))
    return ImageChops.lighter(ImageChops.difference(red, green), ImageChops.difference(red, blue))


def _unlike(wanted: int, alpha: Image.Image) -> Image.Image:
    """Above 0 where alpha is not as wanted."""
    from PIL import Image, ImageChops  # lazy: start-up time

    return ImageChops.difference(alpha, Image.new("L", alpha.size, wanted))


def _first_and_count(
    size: tuple[int, int], strips: Iterable[tuple[int, Image.Image]]
) -> tuple[tuple[int, int], str] | None:
    """The first pixel, row by row, that is above 0 in one of the strips, and how many are; None without any. Each strip
    comes after its first row."""
    spot, count = None, 0
    for top, strip in strips:
        if strip.getbbox() is not None:
            spot = spot or _first_marked(strip, top)
            count += strip.width * strip.height - strip.histogram()[0]
    return (spot, f"{count} of {size[0] * size[1]} pixels are like that") if spot else None


def _strips(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """The first row of each strip, and the strip. Each channel of the largest mask would be a copy of 16 MB.

    `crop` is not used: it fails when the user's process has lowered Image.MAX_IMAGE_PIXELS.
    """
    from PIL import Image  # lazy: start-up time

    for top in range(0, image.height, _STRIP_ROWS):
        strip = Image.new(image.mode, (image.width, min(_STRIP_ROWS, image.height - top)), None)
        strip.paste(image, (0, -top))
        yield top, strip


def _first_marked(image: Image.Image, top: int) -> tuple[int, int]:
    """The first pixel above 0, row by row; the image must have one. C code finds its row, Python its column."""
    left, row, right, _ = image.getbbox() or (0, 0, 1, 1)
    return next((x, top + row) for x in range(left, right) if image.getpixel((x, row)))


def _undecodable(subject: Subject, why: str) -> Problem:
    return subject.problem(
        "decodes",
        found=why,
        wanted="a mask whose pixels can be read to the last row",
        fix="Open it in a viewer and save it again.",
        sources=_mask_sources("format"),
    )


def _size(width: int, height: int) -> str:
    return f"{width}x{height}"


def _mask_sources(figure: str) -> tuple[str, ...]:
    return contract.source_of("mask", "x-mask", figure)
