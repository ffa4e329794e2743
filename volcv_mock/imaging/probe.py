"""Detects the format of any bytes by signature, and reads their header.

Never raises and never decodes; the cost does not depend on the size that the header claims.
"""

from __future__ import annotations

import hashlib

from volcv_mock.imaging import jpeg_header, png_header
from volcv_mock.imaging.header import Header
from volcv_mock.model import PictureFacts

_SIGNATURES = (
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"\0\0\1\0", "ICO"),
    (b"%PDF-", "PDF"),
    (b"iVBORw0KGgo", "base64 text"),
    (b"/9j/", "base64 text"),
    (b"data:image/", "data URI text"),
)
_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"})
_TEXT_HEAD_BYTES = 1024
"""Where to search for the first tag of an SVG or an HTML page."""


def read_header(data: bytes) -> Header:
    """Format, sides, channels and flaws of a file, from its header."""
    if data.startswith(png_header.SIGNATURE):
        return png_header.read_png(data)
    if data.startswith(jpeg_header.SIGNATURE):
        return jpeg_header.read_jpeg(data)
    return Header(_other_format(data))


def facts_of(data: bytes, header: Header) -> PictureFacts:
    """The header as PictureFacts. Sides are as shown, after EXIF rotation, as `decode` returns them."""
    width, height = header.shown_size
    return PictureFacts(
        format=header.format,
        width=width,
        height=height,
        mode=header.mode,
        bits=header.bits,
        size_bytes=len(data),
        digest=hashlib.sha256(data).hexdigest(),
        has_icc_profile=header.has_icc_profile,
        is_animated=header.is_animated,
        is_interlaced=header.is_interlaced,
        is_progressive=header.is_progressive,
        orientation=header.orientation,
    )


def _other_format(data: bytes) -> str:
    if not data:
        return "empty"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in _AVIF_BRANDS | _HEIC_BRANDS:
        return "AVIF" if data[8:12] in _AVIF_BRANDS else "HEIC"
    known = next((name for signature, name in _SIGNATURES if data.startswith(signature)), None)
    return known or _markup(data[:_TEXT_HEAD_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n").lower())


def _markup(head: bytes) -> str:
    if head.startswith((b"<!doctype html", b"<html")):
        return "HTML"
    if head.startswith(b"<") and b"<svg" in head:
        return "SVG"
    return "unknown"
