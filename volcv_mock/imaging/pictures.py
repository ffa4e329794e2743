"""Picture rules: one generator per sentence of the documents' picture requirements.

They read the header, never a pixel; `decode` finds what only pixels can tell. A rule yields what is
wrong and never decides what happens next; stages/validate.py does. The documents ask for a
three-channel RGB picture (S1, S3). Real clients send RGBA, grey and palette PNGs as well; these are
read as RGB, with a note (assumed: no document refuses them, and `picture_notes` says so). CMYK and 16
bits have no such reading and are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from volcv_mock import contract
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
    "P": "its palette is looked up",
}
HINTS = {
    "empty": "Did the download or the file read fail?",
    "HTML": "That is a web page; send the picture behind it.",
    "base64 text": "It was encoded twice: encode the file's bytes once.",
    "data URI text": "It was encoded twice: encode the file's bytes once, without the data: prefix.",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule may look at. `noun` is "picture" or "mask": it begins the rules' names.

    `covers` is, for a mask, the picture it belongs to, as far as that one could be read.
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


def check_picture(data: bytes, where: str) -> tuple[PictureFacts | None, list[Problem]]:
    """What the header says, and everything wrong with it, in the order of the documents.

    The facts are there for a refused picture too, if only to be logged; there are none for no bytes.
    Their width and height are as SHOWN, after the EXIF turn: the size `decode` returns and a mask must have.
    """
    subject = Subject("picture", where, data, read_header(data), contract.limits())
    problems = [problem for rule in RULES for problem in rule(subject)]
    return facts_of(data, subject.header) if data else None, problems


def picture_notes(facts: PictureFacts, where: str) -> tuple[str, ...]:
    """What was read generously in a picture that passed."""
    return tuple(_notes(facts, where))


def _notes(facts: PictureFacts, where: str) -> Iterator[str]:
    if facts.mode in _READ_AS_RGB:
        yield f"{where}: a picture with {facts.mode} channels is read as RGB, {_READ_AS_RGB[facts.mode]}"
    if facts.orientation != 1:
        stored = "x".join(map(str, shown(facts.width, facts.height, facts.orientation)))
        turned = f"shown as {facts.width}x{facts.height} (EXIF orientation {facts.orientation})"
        yield f"{where}: stored as {stored}, {turned}"


def picture_format(subject: Subject) -> Problems:
    """S1, S3: only JPG, JPEG and PNG. Judged by the bytes; a name or a media type counts for nothing."""
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
        yield oversize(subject.where, f"a {subject.noun}", len(subject.data), subject.limits.max_bytes)


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


def picture_mode(subject: Subject) -> Problems:
    """S1, S3: three-channel RGB; what has a plain reading as RGB passes (assumed)."""
    header = subject.header
    if not header.is_measured or header.flaw or header.mode in ("RGB", *_READ_AS_RGB):
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
    """An APNG names several pictures; which one would be edited, no document says (assumed)."""
    if subject.header.is_animated:
        yield subject.problem(
            "is_still",
            found="an animated PNG (it has an acTL chunk)",
            wanted="a single picture",
            fix="Save one frame as a plain PNG.",
            sources=("H-choice",),
        )


def has_a_sound_header(subject: Subject) -> Problems:
    """A header that cannot be true keeps every decoder out; it counts as not decodable."""
    if subject.header.flaw and subject.header.flaw != subject.header.gap:
        yield subject.problem(
            "decodes",
            found=f"a {subject.header.format} that cannot be decoded: {subject.header.flaw}",
            wanted=f"a whole {subject.header.format} file",
            fix="Open it in a viewer and save it again.",
            sources=_picture_sources("formats"),
        )


def is_complete(subject: Subject) -> Problems:
    """A file cut short. Pillow loads many of these without a word; a strict decoder does not."""
    if subject.header.gap:
        yield subject.problem(
            "complete",
            found=f"a truncated {subject.header.format}: {subject.header.gap}",
            wanted="the whole file",
            fix="Was the upload or the download cut off? Send all its bytes.",
            sources=_picture_sources("formats"),
        )


def checksums_match(subject: Subject) -> Problems:
    """PNG only. Reads the whole file once, so it keeps to files within the limits."""
    if subject.header.format != "PNG" or subject.header.gap or not subject.is_within_limits:
        return
    bad = png_header.first_bad_checksum(subject.data)
    if bad:
        yield subject.problem(
            "crc",
            found=f"a damaged PNG: {bad}",
            wanted="chunks whose CRC matches",
            fix="The bytes were changed on the way; send the file as it was saved.",
            sources=_picture_sources("formats"),
        )


RULES = (
    picture_format,
    picture_size_bytes,
    picture_min_side,
    picture_max_side,
    picture_mode,
    picture_bits,
    picture_is_still,
    has_a_sound_header,
    is_complete,
    checksums_match,
)
"""In the order of the documents; what they do not mention comes last."""


def _wrong_side(subject: Subject, rule: str, wanted: str, fix: str) -> Problem:
    header = subject.header
    width, height = header.shown_size
    sources = contract.cite(_picture_sources(rule))
    return Problem(subject.where, f"a {subject.noun} of {width}x{height} px", wanted, fix, f"picture_{rule}", sources)


def named(subject: Subject) -> str:
    """The file's format in words, for a problem."""
    format = subject.header.format
    if format == "empty":
        return "no bytes at all"
    if format == "unknown":
        return f"bytes of no known picture format (they begin {subject.data[:8].hex(' ')})"
    article = "an" if format in ("AVIF", "ICO", "SVG") else "a"
    return f"{format}, not a picture" if format in HINTS else f"{article} {format} file"


def _picture_sources(figure: str) -> tuple[str, ...]:
    return contract.source_of("picture", "x-picture", figure)
