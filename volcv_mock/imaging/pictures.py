"""Picture rules: one generator per sentence of the documents' picture requirements.

The rules read the header, not the pixels; `decode` finds damage of the pixels. A rule yields what is wrong;
stages/validate.py decides what happens next. The documents demand a three-channel RGB picture (S1, S3). Real clients
also send RGBA, grey and palette PNGs; these are read as RGB, with a note (assumed: no document refuses them). CMYK
and 16 bits are refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from volcv_mock import contract
from volcv_mock._util.frozen import frozen
from volcv_mock.contract.readings import table
from volcv_mock.imaging import png_header
from volcv_mock.imaging.base64_text import decode_base64, oversize
from volcv_mock.imaging.decode import Undecodable, decode
from volcv_mock.imaging.header import Header, shown
from volcv_mock.imaging.probe import facts_of, read_header
from volcv_mock.model import PictureFacts, Problem, Problems

__all__ = ["Undecodable", "check_picture", "decode", "decode_base64", "picture_notes"]

_READ_AS_RGB = {
    "RGBA": "its alpha channel is ignored",
    "L": "its grey is repeated in three channels",
    "LA": "its grey is repeated in three channels and its alpha ignored",
    "P": "its palette is resolved",
}
HINTS = {
    "empty": "Did the download or the file read fail?",
    "HTML": "That is a web page; send the picture behind it.",
    "base64 text": "It was encoded twice: encode the file's bytes once.",
    "data URI text": "It was encoded twice: encode the file's bytes once, without the data: prefix.",
}


@frozen
class Subject:
    """The input of a rule. `noun` is "picture" or "mask", the prefix of the rule names.

    `covers` is the picture of a mask, None if that could not be read.
    """

    noun: Literal["picture", "mask"]
    where: str
    data: bytes
    header: Header
    limits: contract.Limits
    covers: PictureFacts | None = None

    def problem(self, rule: str, found: str, wanted: str, fix: str, sources: tuple[str, ...]) -> Problem:
        return Problem(self.where, found, wanted, fix, f"{self.noun}_{rule}", contract.cite(sources))

    @property
    def is_within_limits(self) -> bool:
        longest = max(self.header.width, self.header.height)
        return longest <= self.limits.max_side and len(self.data) <= self.limits.max_bytes


def check_picture(
    data: bytes, where: str, limits: contract.Limits | None = None
) -> tuple[PictureFacts | None, list[Problem]]:
    """The facts of a picture, and its problems in the order of the documents.

    A refused picture has facts too, for the journal; only for no bytes they are None. Width and height are as shown,
    after EXIF rotation: the size that `decode` returns and that a mask must have. `limits` are those of the req_key,
    by default the documented ones.
    """
    subject = Subject("picture", where, data, header_read(data), limits or contract.limits())
    problems = [problem for rule in RULES for problem in rule(subject) if not contract.waives(problem.rule)]
    return facts_of(data, subject.header) if data else None, problems


def is_decoded(before: Sequence[PictureFacts], facts: PictureFacts) -> bool:
    """Whether the pixels of a picture are read, after those before it in a list. Fourteen of the largest size, a few
    kilobytes each, would take 5 s of CPU time."""
    pixels = sum(each.width * each.height for each in (*before, facts))
    return pixels <= float(contract.parameter("decoded_pictures")) * contract.limits().max_side ** 2


def header_read(data: bytes) -> Header:
    """The header, its EXIF orientation dropped when a reading ignores it."""
    header = read_header(data)
    is_ignored = header.orientation != 1 and contract.reading("exif-orientation") == "ignored"
    return replace(header, orientation=1) if is_ignored else header


def picture_notes(facts: PictureFacts, where: str) -> tuple[str, ...]:
    """Notes about a valid picture: what the mock accepts although no document says so."""
    return tuple(_notes(facts, where))


def _notes(facts: PictureFacts, where: str) -> Iterator[str]:
    if facts.mode in _READ_AS_RGB:
        yield f"{where}: a picture with {facts.mode} channels is read as RGB, {_READ_AS_RGB[facts.mode]}"
    if facts.orientation != 1:
        stored = "x".join(map(str, shown(facts.width, facts.height, facts.orientation)))
        turned = f"shown as {facts.width}x{facts.height} (EXIF orientation {facts.orientation})"
        yield f"{where}: stored as {stored}, {turned}"


def picture_format(subject: Subject) -> Problems:
    """S1, S3: only JPG, JPEG and PNG. Detected by the bytes; names and media types are ignored."""
    if subject.header.format in subject.limits.formats:
        return
    yield subject.problem(
        "format",
        found=named(subject),
        wanted=" or ".join(subject.limits.formats),
        fix=HINTS.get(subject.header.format, "Save it in one of these formats."),
        sources=_picture_sources("formats"),
    )


def picture_size_bytes(subject: Subject) -> Problems:
    """S1, S3: at most 5 MB, read as MiB."""
    if len(subject.data) > subject.limits.max_bytes:
        yield oversize(subject.where, f"a {subject.noun}", len(subject.data), subject.limits)


def picture_min_side(subject: Subject) -> Problems:
    """S1, S3: at least 64x64."""
    header, least = subject.header, subject.limits.min_side
    if header.is_measured and min(header.width, header.height) < least:
        yield _wrong_side(subject, "min_side", f"no side under {least} px", "Enlarge or pad it.")


def picture_max_side(subject: Subject) -> Problems:
    """S1, S3: at most 4096x4096."""
    header, most = subject.header, subject.limits.max_side
    if header.is_measured and max(header.width, header.height) > most:
        yield _wrong_side(subject, "max_side", f"no side over {most} px", "Scale it down.")


def picture_ratio(subject: Subject) -> Problems:
    """Newer pages bound the longer side by the shorter one; the pages of S0 to S4 do not."""
    header, most = subject.header, subject.limits.max_ratio
    if most is None or not header.is_measured or not min(header.width, header.height):
        return
    if max(header.width, header.height) > most * min(header.width, header.height):
        wanted = f"a longer side of at most {most:g} times the shorter"
        yield _wrong_side(subject, "max_ratio", wanted, "Crop or pad it.")


def picture_mode(subject: Subject) -> Problems:
    """S1, S3: three-channel RGB; modes that convert to RGB are accepted (assumed)."""
    header = subject.header
    accepted = {"RGB", *_READ_AS_RGB} - table().refused_modes
    if not header.is_measured or header.flaw or header.mode in accepted:
        return
    yield subject.problem(
        "mode",
        found=f"a {header.format} with {header.mode} channels",
        wanted="three channels, RGB",
        fix="Convert it to RGB before saving.",
        sources=("S3-picture-item", "S1-picture-item"),
    )


def picture_bits(subject: Subject) -> Problems:
    """16-bit PNG and 12-bit JPEG are refused (assumed: only the mask's depth is stated, S1, S3)."""
    wanted = contract.mask_demands().bits
    if subject.header.bits > wanted:
        yield subject.problem(
            "bits",
            found=f"a {subject.header.format} with {subject.header.bits} bits per channel",
            wanted=f"at most {wanted} bits per channel",
            fix=f"Save it with {wanted} bits per channel.",
            sources=("H-choice",),
        )


def picture_is_still(subject: Subject) -> Problems:
    """An APNG contains several pictures; no document says which one would be edited (assumed)."""
    if subject.header.is_animated:
        yield subject.problem(
            "is_still",
            found="an animated PNG (it has an acTL chunk)",
            wanted="a single picture",
            fix="Save one frame as a plain PNG.",
            sources=("H-choice",),
        )


def picture_is_read_as_saved(subject: Subject) -> Problems:
    """Interlaced PNG, progressive JPEG and trailing bytes are accepted; a reading may refuse them."""
    header = subject.header
    for is_so, point, what in (
        (header.is_interlaced, "interlaced-pictures", "an interlaced PNG"),
        (header.is_progressive, "progressive-pictures", "a progressive JPEG"),
        (header.trailing_bytes > 0, "trailing-bytes", f"{header.trailing_bytes} bytes behind the end of the picture"),
    ):
        if is_so and contract.reading(point) == "refuse":
            fix = "Save it as a plain baseline JPEG or PNG."
            yield subject.problem("format", what, "a plain picture file", fix, _picture_sources("formats"))


def has_a_valid_header(subject: Subject) -> Problems:
    """A file with an invalid header counts as not decodable."""
    if subject.header.flaw and subject.header.flaw != subject.header.gap:
        yield subject.problem(
            "decodes",
            found=f"a {subject.header.format} that cannot be decoded: {subject.header.flaw}",
            wanted=f"a whole {subject.header.format} file",
            fix="Open it in a viewer and save it again.",
            sources=_picture_sources("formats"),
        )


def is_complete(subject: Subject) -> Problems:
    """A truncated file. Pillow loads many of these without an error; a strict decoder does not."""
    if subject.header.gap:
        yield subject.problem(
            "complete",
            found=f"a truncated {subject.header.format}: {subject.header.gap}",
            wanted="the whole file",
            fix="Send the whole file: an upload or download was probably cut off.",
            sources=_picture_sources("formats"),
        )


def checksums_match(subject: Subject) -> Problems:
    """PNG only. Reads the whole file, therefore only files within the limits are checked."""
    if subject.header.format != "PNG" or subject.header.gap or not subject.is_within_limits:
        return
    bad = png_header.first_bad_checksum(subject.data)
    if bad:
        yield subject.problem(
            "crc",
            found=f"a damaged PNG: {bad}",
            wanted="chunks whose CRC matches",
            fix="The bytes were changed in transit; send the file as it was saved.",
            sources=_picture_sources("formats"),
        )


RULES = (
    picture_format,
    picture_size_bytes,
    picture_min_side,
    picture_max_side,
    picture_ratio,
    picture_mode,
    picture_bits,
    picture_is_still,
    picture_is_read_as_saved,
    has_a_valid_header,
    is_complete,
    checksums_match,
)
"""In the order of the documents; rules that no document states come last."""


def _wrong_side(subject: Subject, rule: str, wanted: str, fix: str) -> Problem:
    header = subject.header
    width, height = header.shown_size
    sources = contract.cite(subject.limits.sources[rule])
    return Problem(subject.where, f"a {subject.noun} of {width}x{height} px", wanted, fix, f"picture_{rule}", sources)


def named(subject: Subject) -> str:
    """The format of the file, for a problem."""
    format = subject.header.format
    if format == "empty":
        return "no bytes at all"
    if format == "unknown":
        return f"bytes of no known picture format (they begin {subject.data[:8].hex(' ')})"
    article = "an" if format in ("AVIF", "ICO", "SVG") else "a"
    return f"{format}, not a picture" if format in HINTS else f"{article} {format} file"


def _picture_sources(figure: str) -> tuple[str, ...]:
    return contract.source_of("picture", "x-picture", figure)
