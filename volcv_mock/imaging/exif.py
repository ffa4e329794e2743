"""The one EXIF entry that changes what a person sees: the orientation, read straight from the block.

A damaged EXIF block is not a damaged picture: whatever cannot be read counts as upright.
"""

from __future__ import annotations

import struct

UPRIGHT = 1
_ORIENTATION_TAG = 0x0112
_KINDS = {3: "H", 4: "I"}
"""TIFF types a writer uses for it: SHORT by the standard, LONG by mistake."""


def orientation(block: bytes) -> int:
    """1 to 8 from a TIFF block ("II*..." or "MM.*..."), and 1 for anything unreadable."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(block[:4])
    if order is None:
        return UPRIGHT
    try:
        return _first_directory(block, order)
    except struct.error:
        return UPRIGHT


def _first_directory(block: bytes, order: str) -> int:
    (start,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, start)
    for entry in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", block, entry)
        if tag == _ORIENTATION_TAG:
            return _value(block, order, kind, entry + 8)
    return UPRIGHT


def _value(block: bytes, order: str, kind: int, at: int) -> int:
    if kind not in _KINDS:
        return UPRIGHT
    (value,) = struct.unpack_from(order + _KINDS[kind], block, at)
    return int(value) if 1 <= value <= 8 else UPRIGHT
