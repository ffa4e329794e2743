"""The faults: one file each, and this tuple that names them all.

A fault is what goes wrong; when it does is a rule's or a trigger's business. The wire faults only mark the
delivery plan; whoever delivers does them.
"""

from __future__ import annotations

from volcv_mock import contract
from volcv_mock.faults import (
    bad_length,
    base64_newlines,
    black,
    corrupt_jpeg,
    data_uri,
    dead_link,
    drip,
    empty,
    expired_url,
    extra_field,
    ghost_face,
    ghost_face_top_level,
    hang,
    html_502,
    malformed_json,
    missing_data,
    no_picture,
    outside_mask,
    png_instead_of_jpeg,
    reset,
    same_task_id,
    stays_generating,
    stays_in_queue,
    task_expired,
    task_vanishes,
    truncate,
    unchanged,
    wrong_size,
    wrong_type,
)
from volcv_mock.faults.base import PICTURE, Draft, Fault

__all__ = ["FAULTS", "PICTURE", "Draft", "Fault", "by_name", "names"]

FAULTS: tuple[Fault, ...] = (
    ghost_face.FAULT,
    ghost_face_top_level.FAULT,
    reset.FAULT,
    empty.FAULT,
    truncate.FAULT,
    drip.FAULT,
    hang.FAULT,
    bad_length.FAULT,
    malformed_json.FAULT,
    html_502.FAULT,
    missing_data.FAULT,
    extra_field.FAULT,
    wrong_type.FAULT,
    unchanged.FAULT,
    black.FAULT,
    wrong_size.FAULT,
    outside_mask.FAULT,
    png_instead_of_jpeg.FAULT,
    corrupt_jpeg.FAULT,
    base64_newlines.FAULT,
    data_uri.FAULT,
    expired_url.FAULT,
    dead_link.FAULT,
    no_picture.FAULT,
    stays_in_queue.FAULT,
    stays_generating.FAULT,
    task_expired.FAULT,
    task_vanishes.FAULT,
    same_task_id.FAULT,
)

_BY_NAME = {fault.name: fault for fault in FAULTS}
_BY_ROW = {fault.row: fault for fault in FAULTS if fault.row}


def names() -> tuple[str, ...]:
    """The names of all faults, in the order of the registry."""
    return tuple(_BY_NAME)


def by_name(name: str) -> Fault:
    """Raises KeyError with the nearest name and the list of the known ones."""
    if name not in _BY_NAME:
        raise KeyError(unknown(name))
    return _BY_NAME[name]


def of_row(row_id: str) -> Fault | None:
    """The fault that a code row stands for: 201304 is more than a code, it has a place in the answer."""
    return _BY_ROW.get(row_id)


def unknown(name: str) -> str:
    """The sentence about a name that no fault has."""
    nearest = contract.nearest(name, names())
    hint = f" Did you mean {nearest!r}?" if nearest else ""
    return f"unknown fault {name[:60]!r}.{hint} Known: {', '.join(names())}; or any code of `volcv-mock codes`"
