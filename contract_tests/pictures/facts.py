"""What a picture file says about itself, read from its headers: no decoder is involved.

`read_facts` never raises; a file it cannot read is "unknown" and carries the reason in `problem`.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass
from typing import Any

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MODES = {0: "L", 2: "RGB", 3: "P", 4: "LA", 6: "RGBA"}
_FRAMES = {0xC0, 0xC1, 0xC2}


@dataclass(frozen=True)
class Facts:
    """Format, sides, channels as stored, bits per channel, and what would make a file unsound."""

    format: str
    width: int = 0
    height: int = 0
    mode: str = ""
    bits: int = 0
    size_bytes: int = 0
    digest: str = ""
    has_icc_profile: bool = False
    is_progressive: bool = False
    problem: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height


def read_facts(data: bytes) -> Facts:
    """The facts of a file, by its content."""
    common: dict[str, Any] = {"size_bytes": len(data), "digest": hashlib.sha256(data).hexdigest()}
    try:
        if data.startswith(SIGNATURE):
            return Facts("PNG", **_png(data), **common)
        if data.startswith(b"\xff\xd8"):
            return Facts("JPEG", **_jpeg(data), **common)
    except (struct.error, IndexError, ValueError) as error:
        return Facts("unknown", problem=f"broken: {error}", **common)
    return Facts("unknown", problem="neither PNG nor JPEG", **common)


def described(data: bytes) -> dict[str, Any]:
    """The facts that a recording keeps beside the digest of a picture."""
    facts = read_facts(data)
    return {"format": facts.format, "size": list(facts.size), "mode": facts.mode}


def _png(data: bytes) -> dict[str, Any]:
    width, height, bits, colour = struct.unpack_from(">IIBB", data, 16)
    names, problem, at = [], "", 8
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 8 + length
        if data[end : end + 4] != struct.pack(">I", zlib.crc32(data[at + 4 : end])):
            problem = problem or f"bad checksum in {data[at + 4 : at + 8]!r}"
        names.append(data[at + 4 : at + 8])
        at = end + 4
    if not names or names[-1] != b"IEND":
        problem = problem or "no IEND"
    return {"width": width, "height": height, "bits": bits, "mode": _MODES.get(colour, f"type {colour}"),
            "has_icc_profile": b"iCCP" in names, "problem": problem}  # fmt: skip


def _jpeg(data: bytes) -> dict[str, Any]:
    found, has_icc, at = {}, False, 2
    while at + 4 <= len(data):
        marker, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        if data[at] != 0xFF:
            raise ValueError(f"no marker at byte {at}")
        has_icc |= marker == 0xE2 and data[at + 4 : at + 15] == b"ICC_PROFILE"
        if marker in _FRAMES:
            found = _frame(data, at, marker)
        if marker == 0xDA:
            break
        at += 2 + length
    if not found:
        raise ValueError("no frame header")
    # Bytes after the end are no part of the picture: cameras and proxies add zeros or a line end.
    problem = "" if data.rstrip(b"\0\r\n").endswith(b"\xff\xd9") else "no end of image"
    return {**found, "has_icc_profile": has_icc, "problem": problem}


def _frame(data: bytes, at: int, marker: int) -> dict[str, Any]:
    bits, height, width, count = struct.unpack_from(">BHHB", data, at + 4)
    mode = {1: "L", 3: "RGB", 4: "CMYK"}.get(count, f"{count} channels")
    return {"width": width, "height": height, "bits": bits, "mode": mode, "is_progressive": marker == 0xC2}


def jpeg_facts(data: bytes) -> dict[str, Any]:
    """What the tables of a JPEG say about how it was saved: quality as libjpeg counts it, subsampling, and EXIF."""
    found: dict[str, Any] = {"has_exif": False}
    at = 2
    while data[:2] == b"\xff\xd8" and at + 4 <= len(data) and data[at] == 0xFF:
        marker, (length,) = data[at + 1], struct.unpack_from(">H", data, at + 2)
        body = data[at + 4 : at + 2 + length]
        found["has_exif"] |= marker == 0xE1 and body.startswith(b"Exif")
        if marker == 0xDB and "quality" not in found and body[0] == 0:
            found["quality"] = _quality(sum(body[1:65]))
        if marker in _FRAMES:
            found["subsampling"] = _SUBSAMPLINGS.get(body[7]) if body[5] == 3 else None
        if marker == 0xDA:
            break
        at += 2 + length
    return found


_SUBSAMPLINGS = {0x11: "4:4:4", 0x21: "4:2:2", 0x22: "4:2:0"}
_LUMINANCE = (
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
    87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
    72, 92, 95, 98, 112, 100, 103, 99,
)  # fmt: skip
"""The luminance table of the JPEG standard, annex K.1."""


def _quality(total: int) -> int | None:
    """The quality whose scaled table has this sum; None for tables of another making."""
    for quality in range(1, 101):
        scale = 5000 // quality if quality < 50 else 200 - 2 * quality
        if sum(min(255, max(1, (value * scale + 50) // 100)) for value in _LUMINANCE) == total:
            return quality
    return None
