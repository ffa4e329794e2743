"""Reads the EXIF orientation, the one entry that changes how a picture is shown.

A damaged EXIF block does not make the picture invalid: an unreadable orientation counts as upright.
"""

from __future__ import annotations

import struct

UPRIGHT = 1
_ORIENTATION_TAG = 0x0112
_KINDS = {3: "H", 4: "I"}
"""TIFF types of the entry: SHORT by the standard, LONG in files of some writers."""


def orientation(block: bytes) -> int:
    """The orientation, 1 to 8, from a TIFF block ("II*..." or "MM.*..."); 1 if it is unreadable."""
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
