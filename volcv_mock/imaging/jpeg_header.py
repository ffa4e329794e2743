"""Reads JPEG headers without decoding: a bounded walk over the segments up to the first scan."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from volcv_mock import contract
from volcv_mock._util.frozen import frozen
from volcv_mock.imaging import exif
from volcv_mock.imaging.header import Header

SIGNATURE = b"\xff\xd8\xff"
_MODES = {1: "L", 3: "RGB", 4: "CMYK"}
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SEQUENTIAL_HUFFMAN = frozenset({0xC0, 0xC1})
_END_OF_IMAGE, _START_OF_SCAN = 0xD9, 0xDA
_EXIF, _PROFILE, _ADOBE = 0xE1, 0xE2, 0xEE
_METADATA = frozenset(range(0xE1, 0xF0)) - {_ADOBE} | {0xFE}
"""Segments that do not define pixels: APP1 to APP15 except Adobe's, and comments."""
_ADOBE_YCCK = 2
_FRAME_HEADER = ">BHHB"
"""Bits, height, width, components."""
_NO_FRAME = "it has no whole frame header (SOF), so its size is unknown"
_MAX_SEGMENTS = 2_000
"""Bounds the walk. Cameras write about 20 segments; 5 MiB of segments of full length are 80."""


@frozen
class MarkerSegment:
    """One marker segment. Image data follows a start of scan."""

    marker: int
    start: int
    end: int

    def body(self, data: bytes) -> bytes:
        """The segment's bytes after its marker and length."""
        return data[self.start + 4 : self.end]


def read_jpeg(data: bytes) -> Header:
    """The header of bytes that begin with the JPEG signature. Never raises."""
    segments = tuple(_segments(data))
    frame = _frame(segments)
    end_of_image = _end_of_image(data, segments)
    gap = "" if end_of_image else "the file ends without an end-of-image marker (EOI)"
    if frame is None:
        return Header("JPEG", flaw=_NO_FRAME, gap=gap)
    bits, height, width, components = struct.unpack_from(_FRAME_HEADER, data, frame.start + 4)
    return Header(
        "JPEG",
        width,
        height,
        mode=_mode(data, segments, components),
        bits=bits,
        has_icc_profile=_first(data, segments, _PROFILE, b"ICC_PROFILE\0") is not None,
        is_progressive=frame.marker in _PROGRESSIVE,
        orientation=exif.orientation(_first(data, segments, _EXIF, b"Exif\0\0") or b""),
        trailing_bytes=len(data) - end_of_image if end_of_image else 0,
        flaw=_flaw(data, segments, frame, width * height),
        gap=gap,
    )


def exif_block(data: bytes) -> bytes:
    """The EXIF block with its signature, b"" if there is none."""
    block = _first(data, tuple(_segments(data)), _EXIF, b"Exif\0\0")
    return b"Exif\0\0" + block if block else b""


def decoding_flaw(data: bytes) -> str:
    """Why a decoder must not be given this file, "" for any other: Pillow walks through a million segments in Python,
    and libjpeg through any number of scans."""
    segments = tuple(_segments(data))
    if not segments or segments[-1].marker != _START_OF_SCAN:
        return f"no image data among the first {_MAX_SEGMENTS} segments"
    frame = _frame(segments)
    if frame is None:
        return _NO_FRAME
    _, height, width, _ = struct.unpack_from(_FRAME_HEADER, data, frame.start + 4)
    return _flaw(data, segments, frame, width * height)


def pixels_only(data: bytes) -> bytes:
    """The same picture without EXIF, profiles, thumbnails and comments, so that none of them is parsed."""
    segments = tuple(_segments(data))
    if not any(segment.marker in _METADATA for segment in segments):
        return data
    view = memoryview(data)
    kept = [view[segment.start : segment.end] for segment in segments if segment.marker not in _METADATA]
    return b"".join((data[:2], *kept, view[segments[-1].end :]))


def _segments(data: bytes) -> Iterator[MarkerSegment]:
    """The complete segments up to the first start of scan."""
    at = 2
    for _ in range(_MAX_SEGMENTS):
        at = data.find(b"\xff", at)
        if at < 0 or at + 4 > len(data) or data[at + 1] == _END_OF_IMAGE:
            return
        marker = data[at + 1]
        if marker == 0xFF or marker <= 0x01 or 0xD0 <= marker <= 0xD8:
            at += 1 if marker == 0xFF else 2
            continue
        segment = MarkerSegment(marker, at, at + 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big")))
        if segment.end > len(data):
            return
        yield segment
        if marker == _START_OF_SCAN:
            return
        at = segment.end


def _first(data: bytes, segments: tuple[MarkerSegment, ...], marker: int, label: bytes) -> bytes | None:
    """The body after `label` of the first segment with that marker and label."""
    bodies = (segment.body(data) for segment in segments if segment.marker == marker)
    return next((body[len(label) :] for body in bodies if body.startswith(label)), None)


def _mode(data: bytes, segments: tuple[MarkerSegment, ...], components: int) -> str:
    mode = _MODES.get(components, f"{components} components")
    adobe = _first(data, segments, _ADOBE, b"Adobe") or b""
    return "YCCK" if mode == "CMYK" and adobe[6:7] == bytes([_ADOBE_YCCK]) else mode


def _end_of_image(data: bytes, segments: tuple[MarkerSegment, ...]) -> int:
    """The offset after the EOI that follows the first scan; 0 if there is none.

    FF D9 cannot occur in scan data: FF is always followed by 00 or a restart marker.
    """
    if not segments or segments[-1].marker != _START_OF_SCAN:
        return 0
    if data.endswith(b"\xff\xd9"):
        return len(data)
    found = data.find(b"\xff\xd9", segments[-1].end)
    return found + 2 if found >= 0 else 0


def _frame(segments: tuple[MarkerSegment, ...]) -> MarkerSegment | None:
    """The segment of the frame header, None when it is not whole."""
    frame = next((segment for segment in segments if segment.marker in _FRAMES), None)
    return frame if frame and frame.end - frame.start >= 13 else None


def _flaw(data: bytes, segments: tuple[MarkerSegment, ...], frame: MarkerSegment, pixels: int) -> str:
    return _overclaim(data, segments, frame, pixels) or _scans_flaw(data, segments, pixels)


def _overclaim(data: bytes, segments: tuple[MarkerSegment, ...], frame: MarkerSegment, pixels: int) -> str:
    """The flaw of a header that claims no pixels, or more than the data can hold; libjpeg would fill them with grey.

    A sequential Huffman scan uses at least two bits per 8x8 block: one for its mean, one for its end.
    """
    if not pixels:
        return "its frame header names a side of 0"
    if frame.marker not in _SEQUENTIAL_HUFFMAN or segments[-1].marker != _START_OF_SCAN:
        return ""
    held = len(data) - segments[-1].end
    if held * 8 >= _first_component_share(data, frame) * (pixels // 64) * 2:
        return ""
    return f"its header claims {pixels} pixels, its {held} bytes of image data cannot hold them"


def _scans_flaw(data: bytes, segments: tuple[MarkerSegment, ...], pixels: int) -> str:
    """The flaw of a file that takes far longer to decode than its size says: 5 MiB of scans of 50 bytes take minutes.

    FF DA cannot occur in scan data.
    """
    scans = data.count(b"\xff\xda", segments[-1].start)
    most = min(int(contract.parameter("jpeg_scans")), int(contract.parameter("jpeg_scanned_pixels")) // max(1, pixels))
    return f"it has {scans} scans, more than {most}" if scans > most else ""


def _first_component_share(data: bytes, frame: MarkerSegment) -> float:
    """The share of full-size blocks that the first component has: 1, unless it is subsampled."""
    components = [byte for byte in frame.body(data)[7::3] if byte >> 4 and byte & 15]
    if not components:
        return 0
    widest, tallest = max(byte >> 4 for byte in components), max(byte & 15 for byte in components)
    return (components[0] >> 4) * (components[0] & 15) / (widest * tallest)
